"""What people do with tasks, and who may."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from regulars.audit.models import Entry
from regulars.customers.models import Customer
from regulars.errors import Forbidden, NotFound
from regulars.followups.models import Task
from regulars.followups.plans import declared, services, sweeping
from regulars.followups.plans.services import AlreadyDone, NoTaskToDo, TaskRefused
from regulars.kit import Choice, Field
from regulars.staff.models import Staff
from regulars.usecases import timeline
from tests.factories import contacts, customers, followups, people
from tests.factories.followups import EVER, NOW, WORKDAYS, plan, step, told
from tests.followups.conftest import Cast, Declare

NAME = customers.label
ASKS = (
    Field(on="answer", key="liked", kind="rating", label=NAME("Liked"), required=True),
    Field(
        on="answer",
        key="reason",
        kind="choice",
        label=NAME("Reason"),
        choices=(Choice(key="busy", label=NAME("Busy")),),
    ),
)


@pytest.fixture(autouse=True)
def _plans(declare: Declare) -> None:
    declare(plan(steps=(step("call", ask=ASKS), step("note", after=9, do="task"))))


def a_task(cast: Cast, **facts: Any) -> Task:
    return followups.task(customers.customer(store=cast.north, owner=cast.bob_), **facts)


def test_a_result_is_kept_with_answers_satisfaction_and_note(cast: Cast) -> None:
    task = followups.task(contacts.person(store=cast.north, owner=cast.bob_))
    contact = contacts.reserve(task.customer, now=NOW)

    services.finish(
        actor=cast.bob,
        task_id=task.pk,
        outcome="reached",
        answers={"liked": "5", "reason": "Busy", "wants": "a chain", "comfortable": "yes"},
        satisfaction=4,
        note="Calls back on Monday",
        contact_id=contact,
        now=NOW,
        key="k1",
    )

    task.refresh_from_db()
    assert (task.state, task.outcome, task.satisfaction) == ("done", "reached", 4)
    assert task.answers == {"liked": 5, "reason": "busy", "comfortable": True, "wants": "a chain"}
    assert (task.done_by_id, task.done_at, task.contact_id) == (cast.bob_.pk, NOW, contact)
    assert task.note == "Calls back on Monday"
    assert Entry.objects.filter(action="follow-up.done", object_id=task.customer_id).count() == 1


def test_the_same_key_again_is_the_same_result(cast: Cast) -> None:
    task = a_task(cast)

    for satisfaction in (5, 1):
        services.finish(
            actor=cast.bob,
            task_id=task.pk,
            outcome="sent",
            satisfaction=satisfaction,
            next_step="Ask about the ring",
            next_on=date(2026, 12, 1),
            now=NOW,
            key="k1",
        )

    assert told() == ["11-21 after/call done", "12-01 / open"]
    task.refresh_from_db()
    assert task.satisfaction == 5
    with pytest.raises(AlreadyDone, match="Bob has done this already"):
        services.finish(actor=cast.bob, task_id=task.pk, outcome="sent", now=NOW, key="k2")


def test_the_next_step_is_a_task_of_its_own(cast: Cast) -> None:
    task = a_task(cast)

    services.finish(
        actor=cast.bob,
        task_id=task.pk,
        outcome="sent",
        next_step="  Ask about\n the ring ",
        next_on=date(2026, 12, 1),
        now=NOW,
        key="k",
    )

    following = Task.objects.get(source=task.pk)
    assert (following.title, following.do) == ("Ask about the ring", "call")
    assert (following.owner_id, following.source_kind) == (cast.bob_.pk, "by-hand")
    assert following.facts == {"after": str(task.pk)}


def test_what_cannot_be_is_refused_by_field(cast: Cast) -> None:
    task = a_task(cast)

    with pytest.raises(TaskRefused) as refused:
        services.finish(
            actor=cast.bob,
            task_id=task.pk,
            outcome="came",
            answers={"reason": "rain"},
            satisfaction=6,
            now=NOW,
            key="k",
        )
    assert sorted(refused.value.fields) == ["answers.liked", "answers.reason", "satisfaction"]
    with pytest.raises(TaskRefused) as refused:
        services.finish(actor=cast.bob, task_id=task.pk, outcome="perhaps", now=NOW, key="k")
    assert list(refused.value.fields) == ["outcome"]
    with pytest.raises(TaskRefused) as refused:
        services.finish(
            actor=cast.bob,
            task_id=task.pk,
            outcome="sent",
            next_on=date(2026, 11, 20),
            now=NOW,
            key="k",
        )
    assert sorted(refused.value.fields) == ["next_on", "next_step"]
    assert told() == ["11-21 after/call open"]


def test_who_was_not_reached_need_not_have_answered(cast: Cast) -> None:
    task = a_task(cast)

    services.finish(actor=cast.bob, task_id=task.pk, outcome="not-reached", now=NOW, key="k")

    assert told() == ["11-21 after/call done"]


@pytest.mark.parametrize(
    ("state", "why"), [("stopped", "purchase.recorded"), ("skipped", "expired")]
)
def test_what_was_done_is_kept_even_if_it_was_called_off_meanwhile(
    cast: Cast, state: str, why: str
) -> None:
    task = a_task(cast, state=state, why=why, done_at=NOW)

    services.finish(actor=cast.bob, task_id=task.pk, outcome="sent", now=NOW, key="k")

    assert told() == ["11-21 after/call done"]


def test_an_attempt_is_due_again_the_next_day_and_counts_once(cast: Cast) -> None:
    task = a_task(cast)

    for key in ("a", "a", "b"):
        services.attempt(actor=cast.bob, task_id=task.pk, now=NOW, key=key, note=f"try {key}")

    task.refresh_from_db()
    assert (task.attempts, task.due_on, task.note) == (2, date(2026, 11, 22), "try a\ntry b")
    assert task.outcome == "not-reached"


def test_keys_of_attempts_that_cross_on_their_way_count_once(cast: Cast) -> None:
    task = a_task(cast)

    for key in ("a", "b", "a", "b"):
        services.attempt(actor=cast.bob, task_id=task.pk, now=NOW, key=key)
    services.finish(actor=cast.bob, task_id=task.pk, outcome="sent", now=NOW, key="c")
    services.attempt(actor=cast.bob, task_id=task.pk, now=NOW, key="b")

    task.refresh_from_db()
    assert (task.attempts, task.state) == (2, "done")


def test_a_call_with_somebody_else_is_no_part_of_a_result(cast: Cast) -> None:
    task = a_task(cast)
    strange = contacts.reserve(contacts.person(store=cast.south), now=NOW)

    with pytest.raises(TaskRefused) as refused:
        services.finish(
            actor=cast.bob, task_id=task.pk, outcome="sent", contact_id=strange, now=NOW, key="k"
        )
    with pytest.raises(TaskRefused):
        services.attempt(actor=cast.bob, task_id=task.pk, contact_id=strange, now=NOW)

    assert list(refused.value.fields) == ["contact"]
    assert told() == ["11-21 after/call open"]


def test_an_attempt_on_friday_is_due_when_the_store_opens(cast: Cast) -> None:
    shop = people.store(code="W", hours=WORKDAYS)
    task = followups.task(customers.customer(store=shop), expires_on=date(2026, 11, 22))

    services.attempt(actor=cast.alice, task_id=task.pk, now=NOW)

    task.refresh_from_db()
    assert (task.due_on, task.expires_on) == (date(2026, 11, 23), date(2026, 11, 26))


def test_a_task_is_put_off_to_a_moment(cast: Cast) -> None:
    task = a_task(cast)
    until = NOW + timedelta(days=2, hours=3)

    services.snooze(actor=cast.bob, task_id=task.pk, until=until, now=NOW)

    task.refresh_from_db()
    assert (task.not_before, task.due_on) == (until, date(2026, 11, 23))
    for wrong in (NOW, NOW + timedelta(days=400)):
        with pytest.raises(TaskRefused):
            services.snooze(actor=cast.bob, task_id=task.pk, until=wrong, now=NOW)


def test_a_task_is_left_out_for_a_reason_and_not_before_one_has_tried(cast: Cast) -> None:
    task, other = a_task(cast, attempts=2), a_task(cast)

    with pytest.raises(TaskRefused):
        services.skip(actor=cast.bob, task_id=task.pk, why="not-reached", now=NOW)
    with pytest.raises(TaskRefused):
        services.skip(actor=cast.bob, task_id=other.pk, why="lazy", now=NOW)
    services.attempt(actor=cast.bob, task_id=task.pk, now=NOW)
    services.skip(actor=cast.bob, task_id=task.pk, why="not-reached", now=NOW)
    services.skip(actor=cast.bob, task_id=task.pk, why="not-reached", now=NOW)
    services.skip(actor=cast.bob, task_id=other.pk, why="not-needed", now=NOW)

    assert sorted(told()) == [
        "11-21 after/call skipped not-needed",
        "11-22 after/call skipped not-reached",
    ]
    with pytest.raises(NoTaskToDo):
        services.snooze(actor=cast.bob, task_id=task.pk, until=NOW + timedelta(days=1), now=NOW)


def test_a_task_is_handed_to_a_colleague_of_the_store_and_stays_there(cast: Cast) -> None:
    task = a_task(cast, escalated_at=NOW)
    dora = people.staff(name="Dora", stores=(cast.north,))

    services.hand_on(actor=cast.bob, task_id=task.pk, staff_id=dora.pk, reason="away", now=NOW)
    Customer.objects.filter(pk=task.customer_id).update(owner=cast.charlie_, changed_at=NOW)
    sweeping.sweep(now=NOW, since=EVER)

    task.refresh_from_db()
    assert (task.owner_id, task.escalated_at) == (dora.pk, None)
    services.finish(actor=people.actor(dora), task_id=task.pk, outcome="sent", now=NOW, key="k")
    assert told() == ["11-21 after/call done"]


def test_only_colleagues_of_the_store_who_work_there_are_asked(cast: Cast) -> None:
    task = a_task(cast)
    left = people.staff(name="Eve", stores=(cast.north,), state=Staff.State.LEFT)

    for person in (cast.charlie_, left):
        with pytest.raises(TaskRefused):
            services.hand_on(actor=cast.carol, task_id=task.pk, staff_id=person.pk, now=NOW)


def test_a_guide_hands_on_only_what_is_theirs(cast: Cast) -> None:
    dora = people.staff(name="Dora", stores=(cast.north,))
    task = a_task(cast, owner_id=dora.pk)

    with pytest.raises(Forbidden):
        services.hand_on(actor=cast.bob, task_id=task.pk, staff_id=cast.bob_.pk, now=NOW)
    services.hand_on(actor=cast.carol, task_id=task.pk, staff_id=cast.bob_.pk, now=NOW)


def test_other_peoples_tasks_are_not_there(cast: Cast) -> None:
    task = a_task(cast)

    with pytest.raises(NotFound):
        services.finish(actor=cast.charlie, task_id=task.pk, outcome="sent", now=NOW, key="k")
    with pytest.raises(NotFound):
        services.skip(actor=cast.alice, task_id=uuid4(), why="not-needed", now=NOW)


def test_open_tasks_follow_the_customer_to_another_guide_and_store(cast: Cast) -> None:
    task = a_task(cast)
    Customer.objects.filter(pk=task.customer_id).update(
        owner=cast.charlie_, home_store=cast.south, changed_at=NOW
    )

    sweeping.sweep(now=NOW, since=EVER)

    task.refresh_from_db()
    assert (task.owner_id, task.store_id) == (cast.charlie_.pk, cast.south.pk)


def test_something_is_planned_by_hand_once_for_its_key(cast: Cast) -> None:
    one = customers.customer(store=cast.north, owner=cast.bob_)

    made = [
        services.plan_by_hand(
            actor=cast.bob,
            customer_id=one.pk,
            on=date(2026, 12, 24),
            title="Bring the catalogue",
            key="form-1",
            now=NOW,
        )
        for _ in range(2)
    ]

    assert made[0].pk == made[1].pk
    assert told(one) == ["12-24 / open"]
    with pytest.raises(TaskRefused) as refused:
        services.plan_by_hand(
            actor=cast.bob, customer_id=one.pk, on=date(2028, 1, 1), title=" ", do="x", now=NOW
        )
    assert sorted(refused.value.fields) == ["do", "on", "title"]


def test_what_is_done_may_start_a_plan_that_starts_no_more(cast: Cast, declare: Declare) -> None:
    declare(plan(), plan("thanks", starts="followup.done", steps=(step("card", after=1),)))
    task = a_task(cast)

    services.finish(actor=cast.bob, task_id=task.pk, outcome="sent", now=NOW, key="k")
    card = Task.objects.get(plan="thanks")
    services.finish(actor=cast.bob, task_id=card.pk, outcome="sent", now=NOW, key="l")

    assert told() == ["11-21 after/call done", "11-22 thanks/card done"]


def test_the_general_questions_follow_the_plans_own(cast: Cast) -> None:
    assert [each.key for each in declared.of("after", "call").asks] == [
        "liked",
        "reason",
        "comfortable",
        "question",
        "wants",
    ]
    assert declared.of("after", "call").asks[0].kind == "rating"
    assert declared.of("after", "note").asks == ()
    assert declared.of("gone", "away").title("en") == ""


def test_done_follow_ups_are_on_the_customers_line_of_time(cast: Cast) -> None:
    task = a_task(cast)
    services.finish(
        actor=cast.bob,
        task_id=task.pk,
        outcome="reached",
        answers={"liked": 5, "question": "How to clean it"},
        satisfaction=5,
        next_step="Send the leaflet",
        next_on=date(2026, 11, 23),
        now=NOW,
        key="k",
    )

    page = timeline.page(
        customer_id=task.customer_id,
        actor=cast.bob,
        kinds=frozenset({"follow-ups"}),
        language="en",
    )

    (event,) = page.events
    assert (event.title, event.who, event.at) == ("call", "Bob", NOW)
    assert event.details == (
        "Reached",
        "Satisfaction: 5 of 5",
        "Liked: 5",
        "A question: How to clean it",
        "Next: Send the leaflet",
    )
