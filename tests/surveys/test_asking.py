"""Whom we ask, when, once, and whom we leave alone."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.audit import SYSTEM
from regulars.complaints import services as complaints
from regulars.complaints.models import Case
from regulars.customers import services as customers
from regulars.customers.models import Customer
from regulars.kit import plain
from regulars.messages import services as messages
from regulars.messages.models import Contact
from regulars.outbox.models import Job
from regulars.purchases.models import Purchase
from regulars.registry import services as registry
from regulars.surveys import declared
from regulars.surveys.models import Invitation
from regulars.surveys.services import asking
from regulars.tenancy.identifiers import new_id
from regulars.usecases import ask_customers, plan_complaints
from tests.factories import care, contacts, purchases
from tests.factories import surveys as made
from tests.factories.customers import NOW
from tests.surveys.conftest import Shop

EVER = NOW - timedelta(days=3)
DAY = timedelta(days=1)
DUE = NOW + 10 * DAY  # the jeweller asks after ten days, in the morning
State = Invitation.State


def found(now: Any = NOW) -> int:
    return ask_customers.find(since=EVER, now=now)


def only() -> Invitation:
    return Invitation.objects.get()


def sold(shop: Shop, **facts: Any) -> Purchase:
    sale = purchases.sale(customer=shop.carol, store_id=shop.store.pk, **facts)
    return purchases.bought(sale.purchase_id)


def complained(shop: Shop) -> Case:
    draft = complaints.Draft(
        store_id=shop.store.pk, customer_id=shop.carol.pk, raised="counter", text="It broke."
    )
    return complaints.open_case(actor=shop.guide, draft=draft, now=NOW, key="k")


def sent() -> list[Contact]:
    return list(Contact.objects.filter(source="survey").order_by("pk"))


def test_a_purchase_is_asked_about_ten_days_later_by_message_with_a_link(shop: Shop) -> None:
    bought = sold(shop)

    assert found() == 1
    assert ask_customers.ask_due(now=DUE - DAY) == 0
    assert ask_customers.ask_due(now=DUE) == 1

    row, (contact,) = only(), sent()
    assert (row.survey, row.state, row.purchase_id) == ("after-purchase", State.ASKED, bought.pk)
    assert (row.contact_id, row.expires_at) == (contact.pk, DUE + asking.OPEN)
    assert (contact.purpose, contact.channel, contact.uses_allowance) == ("care", "sms", True)
    assert "/s/" in contact.text
    assert "新天地店" in contact.text
    assert Job.objects.filter(handler="messages.send").count() == 1


def test_the_same_news_asks_once_however_often_it_is_looked_at(shop: Shop) -> None:
    sold(shop)

    assert [found(), found(), found()] == [1, 0, 0]
    assert [ask_customers.ask_due(now=DUE) for _ in range(3)] == [1, 0, 0]
    assert len(sent()) == 1


def test_a_worker_that_dies_between_reserving_and_noting_asks_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(shop)
    found()
    with monkeypatch.context() as patched:
        patched.setattr(asking, "asked", lambda *_given, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ask_customers.ask(only().pk, now=DUE)
    assert (only().state, sent()) == (State.WAITING, [])

    assert ask_customers.ask_due(now=DUE) == 1
    assert len(sent()) == 1


def test_one_that_cannot_be_asked_holds_nobody_else_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made.asked(customer=shop.carol, state=State.WAITING, asked_at=None, due_at=DUE - DAY)
    sold(shop)
    found()
    bad = Invitation.objects.get(survey="complaint-settled")
    asks = ask_customers.ask
    monkeypatch.setattr(
        ask_customers, "ask", lambda pk, now: 1 / 0 if pk == bad.pk else asks(pk, now=now)
    )

    assert ask_customers.ask_due(now=DUE) == 1

    bad.refresh_from_db()
    assert (bad.state, bad.due_at, bad.why) == (State.WAITING, DUE + DAY, asking.FAULT)
    assert str(bad.pk) in caplog.text


def test_nobody_is_asked_again_within_the_days_of_the_survey(shop: Shop) -> None:
    made.asked(customer=shop.carol, at=DUE - 80 * DAY)
    sold(shop)
    found()

    assert ask_customers.ask_due(now=DUE) == 0
    assert Invitation.objects.get(survey="after-purchase").why == asking.LATELY

    purchases.sale(customer=shop.carol, store_id=shop.store.pk, occurred_at=NOW + 12 * DAY,
                   now=NOW + 12 * DAY)  # fmt: skip
    assert found(NOW + 12 * DAY) == 1
    assert ask_customers.ask_due(now=NOW + 22 * DAY) == 1  # 92 days after the last


def test_two_purchases_in_a_day_are_one_question(shop: Shop) -> None:
    sold(shop)
    sold(shop)

    assert found() == 2
    assert ask_customers.ask_due(now=DUE) == 1
    assert len(sent()) == 1


def test_what_a_file_brought_and_what_was_long_ago_asks_nobody(shop: Shop) -> None:
    sold(shop, occurred_at=NOW - 40 * DAY)
    Purchase(
        store=shop.store, customer=shop.carol, source="file", number="1", occurred_at=NOW,
        business_day=NOW.date(), gross_minor=100, paid_minor=100, import_id=new_id(),
    ).save(force_insert=True)  # fmt: skip

    assert found() == 0


def test_history_asks_nobody_when_a_survey_is_changed(shop: Shop) -> None:
    survey = declared.find("after-purchase")
    assert survey is not None
    registry.declare(
        actor=SYSTEM, noun="survey", key=survey.key, body=plain.dump(survey),
        now=NOW + 400 * DAY,
    )  # fmt: skip
    sold(shop)

    assert found() == 0


def test_a_survey_that_is_off_asks_nobody(shop: Shop) -> None:
    sold(shop)
    found()
    registry.declare(actor=SYSTEM, noun="survey", key="after-purchase", body={"off": True}, now=NOW)

    assert ask_customers.ask_due(now=DUE) == 0
    assert only().why == asking.SWITCHED_OFF
    assert ask_customers.find(since=EVER, now=NOW) == 0


def test_an_open_complaint_pauses_asking_until_it_is_closed(shop: Shop) -> None:
    sold(shop)
    found()
    case = complained(shop)

    assert ask_customers.ask_due(now=DUE) == 0
    row = only()
    assert (row.state, row.why, row.due_at) == (State.WAITING, asking.COMPLAINS, DUE + DAY)

    Case.objects.filter(pk=case.pk).update(state="closed", ended="withdrawn", closed_at=DUE)
    assert ask_customers.ask_due(now=DUE + DAY) == 1


def test_what_could_only_be_asked_too_late_is_left_out(shop: Shop) -> None:
    sold(shop)
    found()

    assert ask_customers.ask_due(now=DUE + asking.PATIENCE + DAY) == 0
    assert only().why == asking.TOO_LATE


def test_the_contact_budget_holds_for_questions_too(shop: Shop) -> None:
    sold(shop)
    found()
    contacts.budget(limits=contacts.limits(1, days=7))
    contacts.reserve(shop.carol, now=DUE - timedelta(hours=1))

    assert ask_customers.ask_due(now=DUE) == 0
    row = only()
    assert (row.state, row.why) == (State.WAITING, "budget")
    assert row.due_at is not None
    assert row.due_at > DUE
    assert ask_customers.ask_due(now=row.due_at) == 1


def test_who_refused_questions_is_not_asked(shop: Shop) -> None:
    customers.consent(
        actor=SYSTEM, customer_id=shop.carol.pk, purpose="survey", channel="sms", given=False,
        how="web", now=NOW,
    )  # fmt: skip
    sold(shop)
    found()

    assert ask_customers.ask_due(now=DUE) == 0
    assert (only().state, only().why) == (State.LEFT_OUT, "wish")


def test_who_has_no_address_is_left_out(shop: Shop) -> None:
    Customer.objects.filter(pk=shop.carol.pk).update(phone=None)
    sold(shop)
    found()

    assert ask_customers.ask_due(now=DUE) == 0
    assert (only().state, only().why) == (State.LEFT_OUT, "address")


def test_a_talk_and_a_visit_are_asked_about(shop: Shop) -> None:
    dora = contacts.person(name="李", store=shop.store)
    care.write(
        [
            care.done(customer_id=shop.carol.pk, store_id=shop.store.pk, done_by_id=shop.guide.id),
            care.done(customer_id=dora.pk, store_id=shop.store.pk, outcome="came"),
            care.done(customer_id=dora.pk, store_id=shop.store.pk, outcome="not-reached"),
        ]
    )

    assert found() == 2
    rows = {row.customer_id: row for row in Invitation.objects.all()}
    assert (rows[shop.carol.pk].survey, rows[shop.carol.pk].guide_id) == (
        "follow-up-done", shop.guide.id
    )  # fmt: skip
    assert rows[dora.pk].survey == "visit-made"


def test_a_visit_written_down_by_hand_is_asked_about(shop: Shop) -> None:
    draft = contacts.draft(shop.carol, channel="visit", text="", at=NOW)
    messages.log(actor=SYSTEM, draft=draft, now=NOW)

    assert found() == 1
    assert only().survey == "visit-made"


def test_a_settled_complaint_is_asked_about_as_service(shop: Shop) -> None:
    contacts.budget(limits=contacts.limits(0))
    made.asked(customer=shop.carol, at=NOW, survey="after-purchase")  # another one, lately
    case = complained(shop)
    Case.objects.filter(pk=case.pk).update(
        state="closed", ended="satisfied", satisfied=True, open_items=0, closed_at=NOW
    )
    plan_complaints.closed(
        customer=str(shop.carol.pk), complaint=str(case.pk), at=NOW.isoformat(),
        satisfied=True, now=NOW,
    )  # fmt: skip

    row = Invitation.objects.get(survey="complaint-settled", source=case.pk)
    assert row.guide_id == shop.guide.id
    assert row.due_at is not None
    assert ask_customers.ask_due(now=row.due_at) == 1
    (contact,) = sent()
    assert (contact.purpose, contact.uses_allowance) == ("service", False)


@pytest.mark.parametrize("end", ["spam", "duplicate", "withdrawn", "no-answer"])
def test_a_complaint_that_was_not_settled_is_not_asked_about(shop: Shop, end: str) -> None:
    case = complained(shop)
    Case.objects.filter(pk=case.pk).update(state="closed", ended=end, closed_at=NOW)

    ask_customers.after_complaint(case.pk, at=NOW, now=NOW)

    assert not Invitation.objects.exists()
