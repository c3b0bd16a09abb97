"""Calling and writing to one customer: reserved first, refused with the moment it is possible."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM, Actor
from regulars.errors import Forbidden, NotFound
from regulars.messages import refusals
from regulars.messages.models import Batch, Contact
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Approved
from regulars.messages.services import approving, reserve_many
from regulars.messages.services.by_hand import NotByHand, TooLongAgo
from regulars.outbox.models import Job
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.usecases import reachable, reaching
from regulars.usecases.phrasing import About
from regulars.usecases.reaching import Way
from tests.factories import people
from tests.factories.contacts import budget, contacts, draft, limits, person, reserve
from tests.factories.customers import NOW
from tests.factories.talk import settled

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _three_a_week(inside_aurum: ChainInfo) -> None:
    budget(limits=limits(3))


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,))


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Any:
    return person(name="王芳", gender="female", store=shop, owner=bob, email="wang@example.com")


def acting(who: Staff) -> Actor:
    return people.actor(who)


def rows(found: list[Way]) -> dict[tuple[str, bool], str]:
    return {(way.channel, way.by_hand): way.refusal.why if way.refusal else "" for way in found}


def greet(bob: Staff, carol: Any, *, key: str = "k", **facts: Any) -> UUID:
    text = facts.pop("text", "王女士，中秋安康。Store e1 Bob")
    return reaching.send(
        actor=acting(bob), customer_id=carol.pk, now=NOW, key=key,
        **{"channel": "sms", "text": text, **facts},
    )  # fmt: skip


def test_a_call_is_reserved_before_anybody_dials(bob: Staff, carol: Any) -> None:
    contact_id = reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")

    row = settled(contact_id)
    assert (row.channel, row.state, row.staff_id) == ("call", "reserved", bob.pk)
    assert (row.uses_allowance, row.store_id) == (True, carol.home_store_id)


def test_the_same_key_is_the_same_contact(bob: Staff, carol: Any) -> None:
    calls = {
        reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1") for _ in range(2)
    }
    sent = {greet(bob, carol), greet(bob, carol)}

    assert (len(calls), len(sent), len(contacts(carol))) == (1, 1, 2)
    assert Job.objects.filter(handler="messages.send").count() == 1


def test_a_refused_call_says_when_it_will_be_possible(bob: Staff, carol: Any) -> None:
    budget(limits=[], distance=24 * 60)
    reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")

    with pytest.raises(refusals.TooSoon) as told:
        reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="2")

    assert told.value.possible_at == NOW + DAY
    (way,) = [
        each
        for each in reaching.ways(actor=acting(bob), customer_id=carol.pk, purpose="care", now=NOW)
        if each.channel == "call"
    ]
    assert way.refusal is not None
    assert (way.refusal.why, way.refusal.possible_at) == ("distance", NOW + DAY)


def test_whom_nobody_reached_may_be_called_again(bob: Staff, carol: Any) -> None:
    budget(limits=limits(1))
    first = reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")

    reaching.conclude(actor=acting(bob), contact_id=first, reached=False, now=NOW)
    second = reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="2")
    reaching.conclude(actor=acting(bob), contact_id=second, reached=True, text="Fits.", now=NOW)

    assert [each.state for each in contacts(carol)] == ["failed", "delivered"]
    assert settled(second).text == "Fits."


def test_a_call_nobody_made_uses_no_allowance(bob: Staff, carol: Any) -> None:
    first = reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")

    assert [each.pk for each in reaching.open_by(actor=acting(bob), customer_id=carol.pk)] == [
        first
    ]
    reaching.conclude(actor=acting(bob), contact_id=first, reached=None, now=NOW)

    assert settled(first).state == "cancelled"
    assert reaching.open_by(actor=acting(bob), customer_id=carol.pk) == []


@pytest.mark.parametrize("reached", [None, False, True])
def test_the_key_of_a_call_that_is_over_dials_nothing(
    bob: Staff, carol: Any, reached: bool | None
) -> None:
    first = reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")
    reaching.conclude(actor=acting(bob), contact_id=first, reached=reached, now=NOW)

    with pytest.raises(refusals.NotLikeThis):
        reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")

    assert len(contacts(carol)) == 1


def test_a_message_that_did_not_arrive_is_not_taken_for_sent(bob: Staff, carol: Any) -> None:
    sent = greet(bob, carol)
    Contact.objects.filter(pk=sent).update(state="sending")
    Contact.objects.filter(pk=sent).update(state="failed")

    with pytest.raises(refusals.NotLikeThis):
        greet(bob, carol)


def test_the_same_key_with_other_words_is_refused_and_says_what_went(
    bob: Staff, carol: Any
) -> None:
    greet(bob, carol)
    log = reaching.log
    told = {"actor": acting(bob), "customer_id": carol.pk, "channel": "call", "now": NOW}
    log(**told, key="l", text="She likes it.")

    with pytest.raises(refusals.SaidOtherwise) as other:
        greet(bob, carol, text="王女士，端午安康。Store e1 Bob")
    with pytest.raises(refusals.SaidOtherwise):
        greet(bob, carol, channel="email")
    with pytest.raises(refusals.SaidOtherwise):
        log(**told, key="l", text="She does not.")

    assert "王女士，中秋安康" in str(other.value)
    assert greet(bob, carol, text=" 王女士，中秋安康。Store e1 \r\nBob")
    assert len(contacts(carol)) == 2


def test_what_happened_more_than_a_year_ago_is_not_written_down(bob: Staff, carol: Any) -> None:
    def log(at: datetime) -> None:
        reaching.log(
            actor=acting(bob), customer_id=carol.pk, channel="call", now=NOW, key="", at=at
        )

    for at in (datetime(1, 1, 1, tzinfo=context.current().zone), NOW - 367 * DAY):
        with pytest.raises(TooLongAgo):
            log(at)
    log(NOW - 365 * DAY)

    assert len(contacts(carol)) == 1


def test_who_began_a_call_says_what_became_of_it_or_the_stores_manager(
    shop: Store, bob: Staff, carol: Any
) -> None:
    budget(limits=[])
    mona = people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(shop,))
    hers, his = (
        reaching.call(actor=acting(who), customer_id=carol.pk, now=NOW, key=str(who.pk))
        for who in (mona, bob)
    )

    with pytest.raises(NotFound):
        reaching.conclude(actor=acting(bob), contact_id=hers, reached=True, now=NOW)
    reaching.conclude(actor=acting(mona), contact_id=his, reached=False, now=NOW)

    assert [settled(hers).state, settled(his).state] == ["reserved", "failed"]


@pytest.mark.parametrize("how", [{"batch": True}, {"due": True}, {"channel": "wechat"}])
def test_what_workers_send_is_concluded_by_nobody(
    bob: Staff, carol: Any, how: dict[str, Any]
) -> None:
    contact_id = reserve(
        carol, actor=acting(bob), channel=how.get("channel", "call"),
        at=NOW + DAY if "due" in how else None,
    )  # fmt: skip
    if "batch" in how:
        batch = Batch(purpose="care", channel="call")
        batch.save(force_insert=True)
        contact_id = reserve_many(
            actor=acting(bob), drafts=[draft(carol, channel="call")], now=NOW, batch_id=batch.pk
        )[0].contact_id  # type: ignore[assignment]

    with pytest.raises(NotFound):
        reaching.conclude(actor=acting(bob), contact_id=contact_id, reached=True, now=NOW)

    assert settled(contact_id).state == "reserved"


def test_a_message_is_judged_before_it_is_reserved(bob: Staff, carol: Any) -> None:
    with pytest.raises(reaching.WordsRefused) as told:
        greet(bob, carol, text="王女士，全场八折！Store e1")

    assert {each.code for each in told.value.findings} == {"sells-discount"}
    assert contacts(carol) == []


def test_care_without_a_name_is_refused_with_the_reason(bob: Staff, carol: Any) -> None:
    with pytest.raises(reaching.WordsRefused) as told:
        greet(bob, carol, text="中秋安康")

    assert {each.code for each in told.value.findings} == {"no-name", "no-signature"}


def test_nothing_is_said_by_nothing(bob: Staff, carol: Any) -> None:
    with pytest.raises(reaching.NothingToSay):
        greet(bob, carol, text="  ")


def test_words_for_ones_own_phone_wait_until_they_are_sent(bob: Staff, carol: Any) -> None:
    contact_id = reaching.by_hand(
        actor=acting(bob), customer_id=carol.pk, channel="wechat", now=NOW, key="1",
        text="王女士，中秋安康。Store e1 Bob",
    )  # fmt: skip

    assert [each.pk for each in reaching.open_by(actor=acting(bob), customer_id=carol.pk)] == [
        contact_id
    ]
    reaching.conclude(actor=acting(bob), contact_id=contact_id, reached=True, now=NOW)
    row = settled(contact_id)
    assert (row.state, row.channel, row.uses_allowance) == ("delivered", "wechat", True)
    assert not Job.objects.filter(handler="messages.send").exists()


def test_what_was_done_elsewhere_is_flagged_and_never_refused(bob: Staff, carol: Any) -> None:
    budget(limits=limits(1))
    reaching.call(actor=acting(bob), customer_id=carol.pk, now=NOW, key="1")

    contact_id = reaching.log(
        actor=acting(bob), customer_id=carol.pk, channel="call", now=NOW, key="2", text="Rang us."
    )

    assert (settled(contact_id).state, settled(contact_id).flagged) == ("logged", True)
    with pytest.raises(NotByHand):
        reaching.log(actor=acting(bob), customer_id=carol.pk, channel="sms", now=NOW, key="3")


def test_the_ways_are_those_that_reach_somebody(bob: Staff, carol: Any) -> None:
    nobody = person(phone=None, name="李娜", store=carol.home_store, owner=bob)

    reached = rows(reaching.ways(actor=acting(bob), customer_id=carol.pk, purpose="care", now=NOW))
    silent = rows(reaching.ways(actor=acting(bob), customer_id=nobody.pk, purpose="care", now=NOW))

    assert set(reached) >= {("call", True), ("sms", False), ("email", False), ("wechat", True)}
    assert set(reached.values()) == {""}
    assert ("sms", False) not in silent
    assert silent["call", True] == "address"
    with pytest.raises(refusals.NoAddress):
        reaching.call(actor=acting(bob), customer_id=nobody.pk, now=NOW, key="1")


def test_asking_for_the_ways_costs_the_same_for_a_long_history(bob: Staff, carol: Any) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            reaching.ways(actor=acting(bob), customer_id=carol.pk, purpose="care", now=NOW)
        return len(seen)

    budget(limits=[])
    before = statements()
    for number in range(5):
        greet(bob, carol, key=str(number))

    assert statements() == before


def test_another_stores_customers_are_not_there(carol: Any) -> None:
    other = people.staff(name="Eve", stores=(people.store(code="w1"),))

    for act in (
        lambda: reaching.call(actor=acting(other), customer_id=carol.pk, now=NOW, key="1"),
        lambda: reaching.ways(actor=acting(other), customer_id=carol.pk, purpose="care", now=NOW),
        lambda: reaching.log(
            actor=acting(other), customer_id=carol.pk, channel="call", now=NOW, key="2"
        ),
    ):
        with pytest.raises(NotFound):
            act()
    assert Contact.objects.count() == 0


def test_an_analyst_contacts_nobody(carol: Any) -> None:
    reader = people.staff(name="Ann", role=Role.ANALYST)

    with pytest.raises(Forbidden):
        reaching.call(actor=acting(reader), customer_id=carol.pk, now=NOW, key="1")


def test_prepared_words_are_filled_and_say_what_they_lack(bob: Staff, carol: Any) -> None:
    words = reaching.suggested(
        actor=acting(bob), customer_id=carol.pk, now=NOW, about=About(occasion="birthday")
    )
    lacking = reaching.suggested(
        actor=acting(bob), customer_id=carol.pk, now=NOW,
        about=About(template="after-purchase-thanks"),
    )  # fmt: skip

    assert [each.is_complete for each in words] == [True]
    assert "王女士" in words[0].text
    assert "Bob" in words[0].text
    assert (lacking[0].missing, lacking[0].is_complete) == (("purchase.product",), False)


def test_a_template_says_its_own_words(bob: Staff, carol: Any) -> None:
    contact_id = reaching.send(
        actor=acting(bob), customer_id=carol.pk, channel="sms", now=NOW, key="1",
        about=About(template="birthday-greeting", occasion="birthday"),
    )  # fmt: skip

    row = settled(contact_id)
    assert (row.template, row.occasion) == ("birthday-greeting", "birthday")
    assert row.text.startswith("王女士，生日快乐")


def test_a_step_of_a_plan_is_named_by_its_contact(bob: Staff, carol: Any) -> None:
    task = UUID(int=7)

    contact_id = reaching.call(
        actor=acting(bob), customer_id=carol.pk, now=NOW, key="1", task_id=task
    )

    row = settled(contact_id)
    assert (row.source, row.source_id) == ("followup", task)
    assert reaching.open_by(actor=acting(bob), customer_id=carol.pk, task_id=UUID(int=8)) == []


def test_a_provider_of_approved_texts_sends_nothing_else(
    bob: Staff, carol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachable, "provider_at", lambda *_: "aliyun")

    with pytest.raises(reaching.ApprovedOnly):
        greet(bob, carol)

    assert contacts(carol) == []


def test_an_approved_text_goes_by_its_number_and_only_unchanged(
    bob: Staff, carol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reachable, "provider_at", lambda *_: "aliyun")
    message = templates.find("birthday-greeting")
    assert message is not None
    approving.keep(
        actor=SYSTEM, key=message.key, provider="aliyun", language="zh-Hans", now=NOW,
        approved=Approved(
            id="SMS_1", state="approved", text=message.text.zh_hans, signature="店",
            variables=(("p1", "customer.salutation"), ("p2", "guide.name")),
        ),
    )  # fmt: skip
    about = About(template=message.key)

    row = settled(greet(bob, carol, text="", about=about))
    with pytest.raises(reaching.ApprovedOnly):
        greet(bob, carol, key="2", text=f"{row.text}！", about=about)

    assert row.facts["template"] == "SMS_1"
    assert row.facts["variables"] == [["p1", "王女士"], ["p2", "Bob"]]


def test_the_system_may_send_too(carol: Any) -> None:
    contact_id = reaching.send(
        actor=SYSTEM, customer_id=carol.pk, channel="email", now=NOW, key="1",
        text="王女士，中秋安康。Store e1", subject="中秋",
    )  # fmt: skip

    assert settled(contact_id).address == "wang@example.com"
