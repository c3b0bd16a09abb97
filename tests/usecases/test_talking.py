"""Conversations: whose a message is, who may see it, answering it once (C12)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor
from regulars.customers.models import Customer
from regulars.errors import NotFound
from regulars.messages import refusals
from regulars.messages.models import Contact
from regulars.messages.services import sending
from regulars.outbox.models import Job
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.usecases import answering, merge, reachable, reaching, talking
from tests.factories import people
from tests.factories.contacts import budget, contacts, person
from tests.factories.customers import NOW
from tests.factories.talk import comes_in, settled, writes

pytestmark = pytest.mark.usefixtures("inside_aurum")
MINUTE = timedelta(minutes=1)
LATER = NOW + 6 * MINUTE  # the owner's five minutes are over
STRANGER = "+8613500000077"


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1")


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,))


@pytest.fixture
def dan(shop: Store) -> Staff:
    return people.staff(name="Dan", stores=(shop,))


@pytest.fixture
def manager(shop: Store) -> Staff:
    return people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(shop,))


@pytest.fixture
def carol(shop: Store, bob: Staff) -> Customer:
    return person(name="王芳", gender="female", store=shop, owner=bob)


def acting(who: Staff) -> Actor:
    return people.actor(who)


def queue(who: Staff, now: datetime = NOW) -> list[tuple[Any, str]]:
    found = talking.waiting(actor=acting(who), now=now)
    return [(each.customer_id, each.whose) for each in found.rows]


def answer(who: Staff, customer: Customer, *, key: str = "k", **facts: Any) -> Contact:
    told = answering.answer(
        actor=acting(who), customer_id=customer.pk, key=key,
        **{"channel": "sms", "text": "十点开门。", "now": NOW + MINUTE, **facts},
    )  # fmt: skip
    return settled(told.contact_id)


def test_a_message_waits_for_the_customers_own_guide_first(
    bob: Staff, dan: Staff, manager: Staff, carol: Customer
) -> None:
    writes(carol)

    assert queue(bob) == [(carol.pk, "mine")]
    assert queue(dan) == queue(manager) == []
    assert queue(dan, LATER) == queue(manager, LATER) == [(carol.pk, "store")]
    assert queue(bob, LATER) == [(carol.pk, "mine")]


def test_without_a_guide_it_is_the_stores_at_once(dan: Staff, shop: Store) -> None:
    nobodys = person(store=shop)
    writes(nobodys)

    assert queue(dan) == [(nobodys.pk, "store")]


def test_a_guide_who_has_left_keeps_nobody_waiting(bob: Staff, dan: Staff, carol: Customer) -> None:
    Staff.objects.filter(pk=bob.pk).update(state=Staff.State.LEFT)
    writes(carol)

    assert queue(dan) == [(carol.pk, "store")]


def test_ones_own_come_first_then_who_has_waited_longest(
    bob: Staff, shop: Store, carol: Customer
) -> None:
    early, late = person(store=shop), person(store=shop)
    writes(late, at=NOW - 10 * MINUTE)
    writes(early, at=NOW - 20 * MINUTE)
    writes(carol)
    writes(carol, "在吗？", at=NOW + timedelta(seconds=5))

    found = talking.waiting(actor=acting(bob), now=LATER)

    assert [each.customer_id for each in found.rows] == [carol.pk, early.pk, late.pk]
    assert (found.rows[0].count, found.rows[0].text, found.rows[0].since) == (2, "在吗？", NOW)
    assert talking.waiting(actor=acting(bob), now=LATER, limit=1).total == 3


def test_another_stores_customers_are_invisible(carol: Customer) -> None:
    eve = people.staff(name="Eve", role=Role.STORE_MANAGER, stores=(people.store(code="w1"),))
    writes(carol)

    assert queue(eve, LATER) == []
    for act in (
        lambda: talking.conversation(actor=acting(eve), customer_id=carol.pk, now=LATER),
        lambda: answering.mark(actor=acting(eve), customer_id=carol.pk, now=LATER),
        lambda: answer(eve, carol, now=LATER),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_colleague_may_open_it_when_it_is_the_stores_turn_and_goes_on(
    dan: Staff, carol: Customer
) -> None:
    writes(carol)
    with pytest.raises(NotFound):
        talking.conversation(actor=acting(dan), customer_id=carol.pk, now=NOW)

    answer(dan, carol, now=LATER)

    assert talking.conversation(actor=acting(dan), customer_id=carol.pk, now=LATER).is_fresh
    writes(carol, "谢谢", at=LATER + MINUTE)
    assert queue(dan, LATER + MINUTE) == [(carol.pk, "mine")]
    with pytest.raises(NotFound):
        talking.conversation(
            actor=acting(dan), customer_id=carol.pk, now=LATER + timedelta(days=40)
        )


def test_an_answer_is_service_and_settles_what_waited(bob: Staff, carol: Customer) -> None:
    budget(limits=[], distance=24 * 60)
    asked = [writes(carol), writes(carol, "还在吗", at=NOW + timedelta(seconds=9))]

    first = answer(bob, carol, text="这款三千八百元。")
    second = answer(bob, carol, key="2", text="欢迎来店。")

    assert (first.purpose, first.source) == ("service", "conversation")
    assert first.source_id == asked[1].pk
    assert {first.uses_allowance, second.uses_allowance} == {False}
    rows = [settled(each.pk) for each in asked]
    assert {(each.state, each.settled_at) for each in rows} == {("answered", NOW + MINUTE)}
    assert rows[0].facts["by"] == str(bob.pk)
    assert rows[0].facts["how"] == "words"
    assert queue(bob) == []


def test_the_same_form_twice_is_one_answer(bob: Staff, carol: Customer) -> None:
    writes(carol)

    sent = {answer(bob, carol).pk for _ in range(2)}

    assert len(sent) == 1
    assert Job.objects.filter(handler="messages.send").count() == 1


def test_who_comes_second_is_told_and_not_refused(
    bob: Staff, manager: Staff, carol: Customer
) -> None:
    writes(carol)
    first = answer(bob, carol)

    told = answering.answer(
        actor=acting(manager), customer_id=carol.pk, channel="sms", text="我们十点开。", key="m",
        seen_at=NOW, now=NOW + 2 * MINUTE,
    )  # fmt: skip
    later = answering.answer(
        actor=acting(manager), customer_id=carol.pk, channel="sms", text="再见", key="n",
        seen_at=NOW + 3 * MINUTE, now=NOW + 4 * MINUTE,
    )  # fmt: skip

    assert [each.pk for each in told.before] == [first.pk]
    assert settled(told.contact_id).state == "reserved"
    assert later.before == ()


def test_two_days_later_it_is_care_like_any_other(bob: Staff, carol: Customer) -> None:
    budget(limits=[{"purpose": "any", "days": 7, "most": 1}], distance=0)
    writes(carol)
    late = NOW + talking.FRESH

    with pytest.raises(reaching.WordsRefused):
        answer(bob, carol, now=late, text="还需要吗？")
    sent = answer(bob, carol, key="2", now=late, text="王女士，您要的戒指到了。Store e1 Bob")
    with pytest.raises(refusals.BudgetUsedUp):
        answer(bob, carol, key="3", now=late + MINUTE, text="王女士，您看到了吗？Store e1 Bob")

    assert (sent.purpose, sent.uses_allowance, sent.source) == ("care", True, "conversation")


def test_an_answer_needs_words_and_a_way(bob: Staff, carol: Customer) -> None:
    writes(carol)

    with pytest.raises(reaching.NothingToSay):
        answer(bob, carol, text=" ")
    with pytest.raises(reaching.NoSuchWay):
        answer(bob, carol, channel="call")
    assert queue(bob) == [(carol.pk, "mine")]


def test_somebody_is_answered_where_they_wrote_from(
    bob: Staff, carol: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = comes_in("openid-1", channel="wechat")
    mona = people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(bob.home_store,))  # type: ignore[arg-type]
    answering.attach(actor=acting(mona), contact_id=row.pk, customer_id=carol.pk, now=NOW + MINUTE)

    monkeypatch.setattr(reachable, "provider_at", lambda *_: "wechat")  # templates, but for answers
    sent = answer(bob, carol, channel="wechat")

    assert (sent.channel, sent.address) == ("wechat", "openid-1")
    assert sending.outgoing(sent).answers
    with pytest.raises(reaching.ApprovedOnly):
        answer(bob, carol, key="2", channel="sms")


def test_it_can_be_settled_without_words(bob: Staff, carol: Customer) -> None:
    row = writes(carol, "谢谢")

    assert answering.mark(actor=acting(bob), customer_id=carol.pk, now=LATER) == 1
    assert answering.mark(actor=acting(bob), customer_id=carol.pk, now=LATER) == 0

    assert settled(row.pk).facts["how"] == "marked"
    assert settled(row.pk).settled_at == LATER
    assert len(contacts(carol)) == 1


def test_it_can_be_handed_to_a_colleague_of_the_store(
    bob: Staff, dan: Staff, manager: Staff, carol: Customer
) -> None:
    writes(carol)
    far = people.staff(name="Far", stores=(people.store(code="w1"),))

    with pytest.raises(answering.NoColleague):
        answering.hand(actor=acting(bob), customer_id=carol.pk, staff_id=far.pk, now=NOW)
    answering.hand(actor=acting(bob), customer_id=carol.pk, staff_id=dan.pk, now=NOW + MINUTE)

    assert queue(dan, NOW + MINUTE) == [(carol.pk, "mine")]
    assert queue(bob, NOW + MINUTE) == queue(manager, NOW + 5 * MINUTE) == []
    assert queue(manager, LATER) == [(carol.pk, "store")]
    assert answer(dan, carol, now=NOW + 2 * MINUTE).staff_id == dan.pk


def test_unknown_senders_are_for_those_who_hand_customers_over(bob: Staff, manager: Staff) -> None:
    comes_in(STRANGER)
    comes_in(STRANGER, "Hallo?")

    assert queue(bob) == []
    (row,) = talking.waiting(actor=acting(manager), now=NOW).rows
    assert (row.whose, row.address, row.count) == ("unknown", STRANGER, 2)


def test_an_unknown_sender_is_said_to_be_a_customer_and_known_from_then_on(
    manager: Staff, carol: Customer
) -> None:
    first, second = comes_in(STRANGER), comes_in(STRANGER, "Hallo?")

    answering.attach(actor=acting(manager), contact_id=first.pk, customer_id=carol.pk, now=NOW)
    third = comes_in(STRANGER, "还是我", at=NOW + MINUTE)

    assert {settled(each.pk).customer_id for each in (first, second, third)} == {carol.pk}
    with pytest.raises(NotFound):
        talking.stranger(actor=acting(manager), contact_id=first.pk)


@pytest.mark.parametrize(
    ("channel", "sender"),
    [("sms", STRANGER), ("email", "New@Example.com"), ("wechat", "openid-9")],
)
def test_a_customer_is_made_of_an_unknown_sender(manager: Staff, channel: str, sender: str) -> None:
    row = comes_in(sender, channel=channel)

    made = answering.attach_new(actor=acting(manager), contact_id=row.pk, name="李娜", now=NOW)
    again = comes_in(sender, "再问一下", channel=channel, at=NOW + MINUTE)

    assert made.home_store_id == manager.home_store_id
    assert {settled(row.pk).customer_id, settled(again.pk).customer_id} == {made.pk}


def test_who_works_for_several_stores_says_in_which_somebody_is_at_home(shop: Store) -> None:
    west = people.store(code="w1")
    both = people.staff(name="Rae", role=Role.STORE_MANAGER, stores=(shop, west))
    row = comes_in(STRANGER)

    with pytest.raises(answering.NoStore):
        answering.attach_new(actor=acting(both), contact_id=row.pk, name="", now=NOW)
    made = answering.attach_new(
        actor=acting(both), contact_id=row.pk, name="", now=NOW, home_store_id=west.pk
    )

    assert made.home_store_id == west.pk


def test_nobodys_business_is_settled(manager: Staff) -> None:
    row = comes_in(STRANGER, "恭喜您中奖")

    answering.dismiss(actor=acting(manager), contact_id=row.pk, now=NOW)

    assert queue(manager) == []
    assert settled(row.pk).state == "answered"


def test_a_merge_joins_what_was_said(manager: Staff, shop: Store, carol: Customer) -> None:
    other = person(store=shop)
    writes(other)

    merge.merge(actor=acting(manager), kept_id=carol.pk, absorbed_id=other.pk, now=NOW)

    assert queue(manager, LATER) == [(carol.pk, "store")]


def test_the_queue_costs_two_statements_however_long_it_is(bob: Staff, shop: Store) -> None:
    for _ in range(7):
        writes(person(store=shop, owner=bob))

    with CaptureQueriesContext(connection) as seen:
        found = talking.waiting(actor=acting(bob), now=NOW)

    assert len(found.rows) == 7
    assert len(seen) <= 3  # one's places are read along
    assert talking.count(actor=acting(bob), now=NOW) == 7


def test_the_mark_of_a_conversation_changes_with_what_it_shows(bob: Staff, carol: Customer) -> None:
    def mark() -> str:
        return talking.conversation(
            actor=acting(bob), customer_id=carol.pk, now=NOW + 2 * MINUTE
        ).mark

    marks = [mark()]
    writes(carol)
    marks += [mark(), mark()]
    sent = answer(bob, carol)
    marks.append(mark())
    Contact.objects.filter(pk=sent.pk).update(state="sending")
    marks.append(mark())

    assert marks[1] == marks[2]
    assert len(set(marks)) == 4


def test_a_long_conversation_is_read_backwards(
    bob: Staff, carol: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "_SHOWN", 3)
    for number in range(5):
        writes(carol, f"{number}", at=NOW + number * MINUTE)

    newest = talking.conversation(actor=acting(bob), customer_id=carol.pk, now=LATER)
    earlier = talking.conversation(
        actor=acting(bob), customer_id=carol.pk, now=LATER, before=newest.messages[0].at
    )

    assert [each.text for each in newest.messages] == ["2", "3", "4"]
    assert [each.text for each in earlier.messages] == ["0", "1"]
    assert (newest.has_earlier, earlier.has_earlier) == (True, False)
