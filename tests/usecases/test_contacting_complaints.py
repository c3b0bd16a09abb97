"""Care and selling rest while a complaint is open; service, and words about it, go on (C1, Q2)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.complaints import selectors as complaints
from regulars.complaints.models import Case
from regulars.complaints.services import announcing
from regulars.messages import refusals
from regulars.messages.models import Batch, Contact, PassedOver
from regulars.messages.refusals import Complains
from regulars.messages.services import batches
from regulars.outbox.models import Job
from regulars.tenancy.context import ChainInfo
from regulars.usecases import contact_words, contacting, plan_complaints, reaching
from regulars.usecases.phrasing import About
from tests.factories import complaints as made
from tests.factories.batches import crowd, put_together, text
from tests.factories.complaints import Cast
from tests.factories.contacts import budget, contacts, draft, limits, person
from tests.factories.customers import NOW
from tests.factories.talk import settled

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _free(inside_aurum: ChainInfo, settings: Any) -> None:
    settings.LOCAL = True
    budget()


@pytest.fixture
def cast() -> Cast:
    found = made.cast()
    found.customer.phone = "+8613800138000"
    found.customer.save(update_fields=["phone"])
    return found


@pytest.fixture
def case(cast: Cast) -> Case:
    return made.case(cast)


def call(cast: Cast, **facts: Any) -> Any:
    """Let the customer's guide dial."""
    asked = {"customer_id": cast.customer.pk, "now": NOW, "key": str(uuid4()), **facts}
    return reaching.call(actor=cast.guide, **asked)


def opened(case: Case) -> None:
    """Hear of a complaint as the worker does, and do what follows from it."""
    announcing.opened(case, at=NOW)
    job = Job.objects.filter(handler=plan_complaints.OPENED).latest("id")
    plan_complaints.opened(**job.payload, now=NOW)
    for each in Job.objects.filter(handler=plan_complaints.WITHHOLD, done_at=None):
        plan_complaints.withhold(**each.payload, now=NOW)


@pytest.mark.parametrize("purpose", ["care", "selling"])
def test_a_guide_who_dials_is_told_of_the_complaint_and_of_its_owner(
    cast: Cast, case: Case, purpose: str
) -> None:
    with pytest.raises(Complains) as caught:
        call(cast, purpose=purpose)

    assert case.number in str(caught.value)
    assert "Gina" in str(caught.value)
    assert contacts(cast.customer) == []


def test_words_by_hand_and_words_that_are_sent_are_refused_alike(cast: Cast, case: Case) -> None:
    words: dict[str, Any] = {"text": "王小明，早上好。Gina", "now": NOW}
    whom: dict[str, Any] = {"actor": cast.guide, "customer_id": cast.customer.pk}

    with pytest.raises(Complains):
        reaching.by_hand(**whom, **words, channel="wechat", key="1")
    with pytest.raises(Complains):
        reaching.send(**whom, **words, channel="sms", key="2")

    assert contacts(cast.customer) == []


def test_who_says_it_is_about_the_complaint_may_and_it_uses_no_allowance(
    cast: Cast, case: Case
) -> None:
    row = settled(call(cast, complaint_id=case.pk))

    assert (row.purpose, row.uses_allowance) == ("service", False)
    assert (row.source, row.source_id) == ("complaint", case.pk)


def test_7_with_the_budget_used_up_receipt_code_and_answer_to_an_open_complaint_pass(
    cast: Cast,
) -> None:
    budget(limits=limits(1))
    contacting.reserve(actor=SYSTEM, draft=draft(cast.customer), now=NOW)
    case = made.case(cast)

    for occasion in ("receipt", "code"):
        told = draft(cast.customer, purpose="service", occasion=occasion)
        assert contacting.reserve(actor=SYSTEM, draft=told, now=NOW)
    answer = settled(call(cast, complaint_id=case.pk))

    rows = [each for each in contacts(cast.customer) if each.purpose == "service"]
    assert len(rows) == 3
    assert answer in rows
    assert not any(each.uses_allowance or each.flagged for each in rows)


def test_another_complaint_or_one_that_is_closed_opens_nothing(cast: Cast, case: Case) -> None:
    other = made.case(cast, customer_id=person().pk)

    for complaint_id in (uuid4(), other.pk):
        with pytest.raises(reaching.NoSuchComplaint):
            call(cast, complaint_id=complaint_id)

    assert contacts(cast.customer) == []


def test_care_goes_on_when_the_complaint_is_closed(cast: Cast, case: Case) -> None:
    with pytest.raises(Complains):
        call(cast)
    Case.objects.filter(pk=case.pk).update(state="closed", ended="withdrawn", closed_at=NOW)

    assert call(cast)


def test_a_call_made_all_the_same_is_kept_and_says_so(cast: Cast, case: Case) -> None:
    pk = reaching.log(
        actor=cast.guide, customer_id=cast.customer.pk, channel="call", text="A chat",
        key="log", now=NOW,
    )  # fmt: skip

    row = settled(pk)
    assert (row.state, row.purpose) == ("logged", "care")
    assert f"While complaint {case.number} was open." in contact_words.told(row).details


def test_a_call_logged_as_about_the_complaint_is_service(cast: Cast, case: Case) -> None:
    about = About(complaint_id=case.pk)
    pk = reaching.log(
        actor=cast.guide, customer_id=cast.customer.pk, channel="call", text="We look into it.",
        about=about, key="log", now=NOW,
    )  # fmt: skip

    row = settled(pk)
    assert (row.purpose, row.source_id) == ("service", case.pk)
    assert refusals.COMPLAINT not in row.facts


def test_a_batch_passes_over_who_complains_and_counts_them(cast: Cast, case: Case) -> None:
    text()
    greeted = crowd(2, store=cast.store)
    complaining = greeted[0]
    Case.objects.filter(pk=case.pk).update(customer=complaining.pk)
    crowded = {each.pk for each in greeted}

    batch = put_together()

    reached = set(Contact.objects.filter(batch=batch).values_list("customer_id", flat=True))
    assert reached & crowded == {greeted[1].pk}
    assert batch.counts["complaint"] == 1
    left_out = PassedOver.objects.get(batch=batch, why="complaint")
    assert left_out.customer_id == complaining.pk


def test_a_batch_of_service_reaches_who_complains(cast: Cast, case: Case) -> None:
    text(purpose="service", words="{customer.salutation}您好，您的维修已完成。{store.name}")
    (customer,) = crowd(1, store=cast.store)
    Case.objects.filter(pk=case.pk).update(customer=customer.pk)

    batch = put_together()

    assert Contact.objects.filter(batch=batch, customer=customer).exists()
    assert "complaint" not in batch.counts


def test_who_complains_while_a_batch_waits_is_held_back_and_counted(cast: Cast) -> None:
    text()
    one, other = crowd(2, store=cast.store)
    batch = put_together()
    reserved = batch.counts["reserved"]
    case = made.case(cast, customer_id=one.pk)

    opened(case)
    opened(case)  # told twice

    batch = Batch.objects.get(pk=batch.pk)
    assert (batch.counts["reserved"], batch.counts["complaint"]) == (reserved - 1, 1)
    assert batch.counts["asked"] == sum(
        number for name, number in batch.counts.items() if name not in ("asked", "looked-at")
    )
    (held,) = Contact.objects.filter(batch=batch, customer=one)
    assert (held.state, held.fault, held.uses_allowance) == ("cancelled", "complaint", False)
    assert "complained" in contact_words.told(held).why
    (goes,) = Contact.objects.filter(batch=batch, customer=other)
    assert goes.state == "reserved"
    batches.begin(actor=SYSTEM, batch_id=batch.pk, now=NOW)


def test_a_call_that_was_begun_and_service_that_waits_are_left_alone(cast: Cast) -> None:
    begun = call(cast)
    service = contacting.reserve(
        actor=SYSTEM, draft=draft(cast.customer, purpose="service", at=NOW + DAY), now=NOW
    )
    planned = contacting.reserve(
        actor=SYSTEM, draft=draft(cast.customer, at=NOW + 2 * DAY), now=NOW
    )

    opened(made.case(cast))

    assert [settled(each).state for each in (begun, service, planned)] == [
        "reserved", "reserved", "cancelled",
    ]  # fmt: skip


def test_a_complaint_closed_before_it_was_heard_of_holds_nothing_back(cast: Cast) -> None:
    planned = contacting.reserve(
        actor=SYSTEM, draft=draft(cast.customer, at=NOW + 2 * DAY), now=NOW
    )
    case = made.case(cast)
    Case.objects.filter(pk=case.pk).update(state="closed", ended="withdrawn", closed_at=NOW)

    opened(case)

    assert settled(planned).state == "reserved"


def test_many_are_asked_after_in_one_statement(cast: Cast, case: Case) -> None:
    others = [person() for _ in range(20)]
    for each in others[:5]:
        made.case(cast, customer_id=each.pk)
    drafts = [draft(each, key=str(each.pk)) for each in (cast.customer, *others)]

    with CaptureQueriesContext(
        connection,
    ) as asked:
        outcomes = contacting.reserve_many(actor=SYSTEM, drafts=drafts, now=NOW)

    about = [each for each in asked.captured_queries if "complaints_case" in each["sql"]]
    assert len(about) == 1
    refused = [each.refusal.why if each.refusal else "" for each in outcomes]
    assert refused == ["complaint"] * 6 + [""] * 15


def test_who_may_open_the_complaint_is_said_and_who_may_not_still_learns_of_it(
    cast: Cast, case: Case
) -> None:
    theirs = complaints.open_of([cast.customer.pk], actor=cast.guide)[cast.customer.pk]
    strangers = complaints.open_of([cast.customer.pk], actor=cast.stranger)[cast.customer.pk]

    assert [(each.number, each.owner, each.is_seen) for each in theirs] == [
        (case.number, "Gina", True)
    ]
    assert strangers == tuple(replace(each, is_seen=False) for each in theirs)
    assert complaints.open_of([person().pk], actor=cast.guide) == {}
