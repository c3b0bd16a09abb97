"""The way of a complaint: what follows what, the living checklist, rounds, owners, ends (Q2–Q4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import access, checklist, numbers, services, templates
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import ending, moving, remedies, tending, writing
from regulars.errors import Forbidden, NotFound
from regulars.outbox.models import Job
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import HOUR, Cast, settle, steps
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def made_good(case: Case, actor: Actor, **facts: Any) -> Any:
    wish = remedies.Wish(kind="repair", label="Set anew", **facts)
    remedy = remedies.ask(actor=actor, case_id=case.pk, wish=wish, now=NOW, key="r")
    if remedy.state == "approved":
        remedies.carry_out(actor=actor, remedy_id=remedy.pk, now=NOW)
    return remedy


def whole(cast: Cast, **facts: Any) -> Case:
    """Take a complaint to the question whether the customer is satisfied, list complete."""
    case = complaints.case(cast, by=cast.manager, **facts)
    made_good(case, cast.manager)
    return settle(case, cast.manager)


def test_whoever_hears_it_first_owns_it_and_its_clocks_run(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")

    assert case.owner_id == cast.guide.id
    assert case.state == "heard"
    assert case.reply_due_at == NOW + HOUR
    assert case.resolve_due_at == NOW + 4 * HOUR
    assert case.urgent_at == case.reply_due_at
    assert case.look_at == NOW + HOUR * 0.75
    assert steps(case) == ["opened"]
    assert Job.objects.filter(handler="complaint.opened").count() == 1
    assert numbers.read(f" {case.number.replace('-', ' ')} ") == case.number


def test_the_same_key_is_the_same_complaint(cast: Cast) -> None:
    first, second = (complaints.case(cast, key="once") for _ in range(2))

    assert first.pk == second.pk
    assert Case.objects.count() == 1


def test_no_step_can_be_left_out(cast: Cast) -> None:
    case = complaints.case(cast)

    with pytest.raises(writing.NotNow):
        services.propose(
            actor=cast.guide, case_id=case.pk, text="A new one", cause_told=True, remedies=[],
            now=NOW, key="p",
        )  # fmt: skip

    assert steps(case) == ["opened"]


def test_the_first_answer_ticks_itself_and_stops_its_clock(cast: Cast) -> None:
    case = complaints.case(cast)

    case = services.apologise(
        actor=cast.guide, case_id=case.pk, text="I am sorry.", now=NOW + HOUR, key="a"
    )

    assert case.replied_at == NOW + HOUR
    assert case.reply_due_at is None
    open_ = {each.key for each in checklist.open_items(templates.items(case), past(case))}
    assert {"regret", "first-response"}.isdisjoint(open_)
    assert case.open_items == len(open_)


def past(case: Case) -> list[Entry]:
    return writing.past(case.pk)


def test_the_same_step_sent_twice_is_one_step(cast: Cast) -> None:
    case = complaints.case(cast)

    for _ in range(2):
        services.apologise(actor=cast.guide, case_id=case.pk, text="Sorry.", now=NOW, key="a")

    assert steps(case).count("apologised") == 1


def test_a_satisfied_customer_closes_a_complaint_whose_list_is_complete(cast: Cast) -> None:
    case = whole(cast)
    assert case.open_items == 0

    case = services.answered(
        actor=cast.manager, case_id=case.pk, satisfied=True, text="", now=NOW, key="yes"
    )

    assert (case.state, case.ended, case.satisfied) == ("closed", "satisfied", True)
    job = Job.objects.get(handler="complaint.closed")
    assert job.payload == {
        "customer": str(cast.customer.pk), "complaint": str(case.pk), "at": NOW.isoformat(),
        "satisfied": True,
    }  # fmt: skip


def test_a_complaint_with_an_open_list_stays_open(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide)  # nothing was offered on top
    services.answered(
        actor=cast.guide, case_id=case.pk, satisfied=True, text="", now=NOW, key="yes"
    )

    with pytest.raises(ending.ListOpen, match="something fitting"):
        services.close(actor=cast.guide, case_id=case.pk, now=NOW, key="close")

    case.refresh_from_db()
    assert (case.state, case.satisfied) == ("asked", True)


def test_the_database_refuses_to_close_an_open_list_whatever_code_tries(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide)

    with pytest.raises(IntegrityError, match="case_closed_with_nothing_open"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(
            state="closed", ended="satisfied", satisfied=True, closed_at=NOW
        )


def test_steps_cannot_be_rewritten_or_removed(cast: Cast) -> None:
    entry = Entry.objects.get(case=complaints.case(cast))

    for change in (lambda: Entry.objects.filter(pk=entry.pk).update(kind="note"), entry.delete):
        with pytest.raises(Exception, match=r"append|permission denied"), transaction.atomic():
            change()


def test_a_settled_matter_does_not_run_late_while_we_wait_to_ask(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide, upto="done")

    assert case.resolved_at == NOW
    assert case.paused_at == NOW
    assert case.look_at is None


def test_an_unsatisfied_customer_begins_the_second_round_with_a_reviewer(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide)

    case = services.answered(
        actor=cast.guide, case_id=case.pk, satisfied=False, text="Still loose", now=NOW, key="no"
    )

    assert (case.round, case.state) == (2, "investigating")
    assert case.owner_id == cast.guide.id
    assert case.reviewer_id == cast.manager.id
    assert case.resolved_at is None
    assert case.paused_at is None


def test_the_reviewer_is_never_the_owner(cast: Cast) -> None:
    case = settle(complaints.case(cast, by=cast.manager), cast.manager)

    case = services.answered(
        actor=cast.manager, case_id=case.pk, satisfied=False, text="", now=NOW, key="no"
    )

    assert case.reviewer_id == cast.region.id


def test_after_the_second_round_a_manager_ends_it(cast: Cast) -> None:
    case = complaints.case(cast)
    for turn in range(2):
        if turn:
            services.find(
                actor=cast.guide, case_id=case.pk, text="Bent", cause="setting", since="today",
                now=NOW, key="f2",
            )  # fmt: skip
            verbs: list[tuple[Any, dict[str, Any]]] = [
                (services.propose, {"text": "New", "cause_told": True, "remedies": []}),
                (services.agree, {"how": "phone", "text": ""}),
                (services.do, {"text": "Done"}),
                (services.ask, {"text": "And now?"}),
            ]
            for number, (verb, more) in enumerate(verbs):
                verb(actor=cast.guide, case_id=case.pk, now=NOW, key=f"2-{number}", **more)
        else:
            settle(case, cast.guide)
        services.answered(
            actor=cast.guide, case_id=case.pk, satisfied=False, text="", now=NOW, key=f"no{turn}"
        )
    facts: dict[str, Any] = {"case_id": case.pk, "how": "unsatisfied", "now": NOW, "key": "end"}

    with pytest.raises(Forbidden):
        services.end(actor=cast.guide, reason="No way on", **facts)
    case = services.end(actor=cast.manager, reason="No way on", **facts)

    assert (case.state, case.ended, case.satisfied) == ("closed", "unsatisfied", False)


@pytest.mark.parametrize("how", ["no-answer", "unsatisfied", "duplicate", "satisfied", "nonsense"])
def test_other_ends_have_their_conditions(cast: Cast, how: str) -> None:
    case = complaints.case(cast)

    with pytest.raises(ending.EndRefused):
        services.end(
            actor=cast.manager, case_id=case.pk, how=how, reason="Because", now=NOW, key="e"
        )


def test_a_customer_who_does_not_answer_is_tried_three_times(cast: Cast) -> None:
    case = complaints.case(cast)
    for number in range(3):
        services.attempt(actor=cast.guide, case_id=case.pk, how="call", now=NOW, key=f"t{number}")

    case = services.end(
        actor=cast.manager, case_id=case.pk, how="no-answer", reason="Silent", now=NOW, key="e"
    )

    assert case.ended == "no-answer"


def test_waiting_for_the_customer_stops_the_clocks_until_they_write(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")  # reply 11:00, resolve 14:00
    services.wait(
        actor=cast.guide,
        case_id=case.pk,
        text="Please send a picture.",
        now=NOW + HOUR / 2,
        key="w",
    )
    case.refresh_from_db()
    assert case.look_at is None

    tending.customer_writes(case, actor=CUSTOMER, text="Here it is", now=NOW + 2 * HOUR, key="in")

    case.refresh_from_db()
    assert case.resolve_due_at == NOW + 5.5 * HOUR


def test_a_word_of_the_customer_opens_a_closed_complaint_again(cast: Cast) -> None:
    case = whole(cast)
    services.answered(
        actor=cast.manager, case_id=case.pk, satisfied=True, text="", now=NOW, key="yes"
    )
    case.refresh_from_db()
    left = case.resolve_due_at

    later = NOW + timedelta(days=3)
    tending.customer_writes(case, actor=CUSTOMER, text="It fell out", now=later, key="in")

    case.refresh_from_db()
    assert (case.state, case.round, case.closed_at, case.ended) == ("investigating", 2, None, "")
    assert left is not None
    assert case.resolve_due_at == left + timedelta(days=3)
    assert steps(case)[-1] == "reopened"


def test_a_complaint_of_the_web_is_owned_by_who_opens_it_first(cast: Cast) -> None:
    case = complaints.case(cast, by=CUSTOMER, raised="web", customer_id=None, name="Dora")
    assert case.owner_id is None

    services.take(actor=cast.colleague, case_id=case.pk, now=NOW)
    with pytest.raises(NotFound):  # it is the colleague's now
        services.take(actor=cast.guide, case_id=case.pk, now=NOW)

    case.refresh_from_db()
    assert case.owner_id == cast.colleague.id


def test_only_a_manager_passes_it_on_with_a_reason(cast: Cast) -> None:
    case = complaints.case(cast)
    facts: dict[str, Any] = {"case_id": case.pk, "staff_id": cast.colleague.id, "now": NOW}

    with pytest.raises(Forbidden):
        services.hand_on(actor=cast.guide, reason="I am away", key="h", **facts)
    with pytest.raises(writing.WordsMissing):
        services.hand_on(actor=cast.manager, reason=" ", key="h", **facts)
    case = services.hand_on(actor=cast.manager, reason="On leave", key="h", **facts)

    assert case.owner_id == cast.colleague.id
    with pytest.raises(access.NotOwner, match="Carl"):  # whose customer it is may read on
        services.apologise(actor=cast.guide, case_id=case.pk, text="Sorry", now=NOW, key="n")


def test_a_manager_steps_in_without_becoming_the_owner(cast: Cast) -> None:
    case = complaints.case(cast)

    case = services.apologise(actor=cast.manager, case_id=case.pk, text="Sorry", now=NOW, key="a")

    assert (case.owner_id, case.state) == (cast.guide.id, "apologised")


def test_another_stores_complaint_is_not_there(cast: Cast) -> None:
    case = complaints.case(cast)

    for actor in (cast.stranger, cast.colleague):
        with pytest.raises(NotFound):
            services.note(actor=actor, case_id=case.pk, text="?", now=NOW, key="n")


def test_what_was_promised_is_carried_out_before_it_is_done(cast: Cast) -> None:
    case = complaints.case(cast)
    made_good(case, cast.guide)  # no template names it: the manager decides
    case = settle(case, cast.guide, upto="agreed")
    tick: dict[str, Any] = {"item": "reform", "text": "We check."}
    services.tick(actor=cast.guide, case_id=case.pk, now=NOW, key="t", **tick)

    with pytest.raises(moving.RemediesOpen):
        services.do(actor=cast.guide, case_id=case.pk, text="Done", now=NOW, key="d")


class TestRemedies:
    """Approval by role and amount, four eyes, nobody for themselves (Q6)."""

    def test_a_guide_decides_what_the_template_leaves_to_them(self, cast: Cast) -> None:
        case = complaints.case(cast, template="loose-stone", is_short=True)

        remedy = made_good(case, cast.guide)

        remedy.refresh_from_db()
        assert remedy.state == "done"

    def test_beyond_the_limit_the_next_role_decides(self, cast: Cast) -> None:
        case = complaints.case(cast, template="loose-stone", is_short=True)
        wish = remedies.Wish(kind="points", points=501, goodwill=True)  # up to 500

        remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")

        assert (remedy.state, remedy.approval) == ("asked", "store-manager")
        with pytest.raises(remedies.NotYours):
            remedies.approve(actor=cast.guide, remedy_id=remedy.pk, now=NOW)
        assert remedies.approve(actor=cast.manager, remedy_id=remedy.pk, now=NOW).state == (
            "approved"
        )

    def test_past_the_period_of_the_promise_a_manager_decides(self, cast: Cast) -> None:
        bought = (NOW - timedelta(days=400)).date()
        case = complaints.case(cast, template="loose-stone", is_short=True, bought_on=bought)

        assert made_good(case, cast.guide).approval == "store-manager"

    def test_above_the_chains_limit_two_people_approve(self, cast: Cast) -> None:
        case = complaints.case(cast)
        wish = remedies.Wish(kind="refund", label="Money back", amount_minor=200_001)

        remedy = remedies.ask(actor=cast.manager, case_id=case.pk, wish=wish, now=NOW, key="r")
        assert (remedy.state, remedy.approved_by_id) == ("asked", cast.manager.id)
        with pytest.raises(remedies.NotYours):
            remedies.approve(actor=cast.manager, remedy_id=remedy.pk, now=NOW)
        remedy = remedies.approve(actor=cast.office, remedy_id=remedy.pk, now=NOW)

        assert (remedy.state, remedy.second_by_id) == ("approved", cast.office.id)

    def test_nobody_compensates_themselves(self, cast: Cast) -> None:
        Staff.objects.filter(name="Mona").update(phone="138 0013 8000")
        type(cast.customer).objects.filter(pk=cast.customer.pk).update(phone="+8613800138000")
        case = complaints.case(cast)
        wish = remedies.Wish(kind="gift", label="Box", amount_minor=100)
        remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")

        with pytest.raises(remedies.NotYours):
            remedies.approve(actor=cast.manager, remedy_id=remedy.pk, now=NOW)

    def test_the_cost_is_booked_once(self, cast: Cast) -> None:
        case = complaints.case(cast)
        wish = remedies.Wish(kind="gift", label="Box", amount_minor=9_900)
        remedy = remedies.ask(actor=cast.manager, case_id=case.pk, wish=wish, now=NOW, key="r")
        remedies.carry_out(actor=cast.manager, remedy_id=remedy.pk, now=NOW)

        with pytest.raises(remedies.AlreadyDecided):
            remedies.carry_out(actor=cast.manager, remedy_id=remedy.pk, now=NOW)

        case.refresh_from_db()
        assert case.cost_minor == 9_900
