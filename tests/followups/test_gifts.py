"""What is given for an occasion, by tier and taste; and handing it over, once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.audit import NONE, SYSTEM, Actor, ActorKind
from regulars.audit.models import Entry
from regulars.customers import services
from regulars.customers.models import Customer, LifeEvent
from regulars.errors import Forbidden, NotFound
from regulars.followups.models import Gift as Given
from regulars.followups.occasions import gifts, giving, selectors
from regulars.followups.occasions.gifts import Gift, GiftRefused
from regulars.followups.occasions.selectors import Wanted
from regulars.points import tiers
from regulars.tenancy import context, directory
from regulars.usecases.disclose import disclose
from regulars.usecases.erase import erase
from regulars.usecases.merge import merge, unmerge
from tests.factories import customers, people
from tests.followups.conftest import Cast, full_of_dates, keep, tell, work_off

NOW = customers.NOW
BIRTHDAY = "customer.birthday"
DAY = date(2026, 11, 22)
CARD = Gift(key="card", title="手写贺卡", occasions=(BIRTHDAY, "customer.wedding"), cost_minor=300)
PEN = Gift(key="pen", title="钢笔", occasions=(BIRTHDAY,), cost_minor=9_900, tiers=("platinum",))
SCARF = Gift(
    key="scarf",
    title="红丝巾",
    occasions=(BIRTHDAY,),
    cost_minor=5_000,
    tastes={"colours": ("暖色", "鲜艳")},
)


def offer(*offered: Gift) -> None:
    """Let the chain give these."""
    for gift in offered:
        gifts.set_rule(actor=SYSTEM, gift=gift, now=NOW)


def born(name: str = "王小明", **facts: Any) -> tuple[Customer, LifeEvent]:
    """Make a customer whose birthday is tomorrow."""
    person = customers.customer(name=name, **facts)
    return person, keep(person, month=11, day=22)


def hand_over(actor: Actor, person: Customer, event: LifeEvent, **facts: Any) -> Given:
    """Hand over a card for a birthday in the first store, unless told otherwise."""
    values = {
        "kind": BIRTHDAY,
        "source": event.pk,
        "occasion_on": DAY,
        "gift_key": "card",
        "store_id": people.first_store().pk,
        "now": NOW,
        **facts,
    }
    return giving.hand_over_gift(actor=actor, customer_id=person.pk, **values)


@contextmanager
def tier_of(monkeypatch: pytest.MonkeyPatch, *of: Customer) -> Iterator[None]:
    """Let some customers be platinum, as the points domain would say by their purchases."""
    platinum = full_of_dates().tiers[-1]
    with monkeypatch.context() as patched:
        patched.setattr(tiers, "of_many", lambda ids, *, now: {each.pk: platinum for each in of})
        yield


def test_a_gift_is_chosen_by_occasion_tier_and_taste(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(CARD, PEN, SCARF)
    plain, best, warm = (customers.customer(name=name) for name in "甲乙丙")
    services.answer(
        actor=SYSTEM, customer_id=warm.pk, values={"colours": "暖色"}, how="call", now=NOW
    )

    def chosen(person: Customer, kind: str = BIRTHDAY) -> str | None:
        found = gifts.gift_for(customer_id=person.pk, kind=kind, now=NOW)
        return found.key if found else None

    with tier_of(monkeypatch, best):
        assert [chosen(each) for each in (plain, best, warm)] == ["card", "pen", "scarf"]
    assert chosen(best, "customer.wedding") == "card"
    assert chosen(best, "customer.moving") is None
    gifts.remove_rule(actor=SYSTEM, key="card", now=NOW)
    assert chosen(plain) is None


def test_without_gifts_nothing_is_asked(cast: Cast) -> None:
    person = customers.customer()
    assert gifts.rules() == ()

    with CaptureQueriesContext(connection) as asked:
        assert gifts.gift_for(customer_id=person.pk, kind=BIRTHDAY, now=NOW) is None

    assert len(asked) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": ""}, "key"),
        ({"title": " "}, "title"),
        ({"cost_minor": -1}, "cost_minor"),
        ({"occasions": ()}, "occasions"),
        ({"occasions": ("customer.party",)}, "occasions"),
        ({"tiers": ("diamond",)}, "tiers"),
        ({"tastes": {"shoe": ("x",)}}, "tastes"),
        ({"tastes": {"colours": ()}}, "tastes"),
    ],
)
def test_a_gift_that_cannot_be_given_is_refused(
    cast: Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(GiftRefused) as refusal:
        offer(replace(CARD, **changes))

    assert field in refusal.value.fields
    assert gifts.rules() == ()


def test_only_who_makes_rules_makes_gifts_and_a_changed_one_replaces_the_first(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        gifts.set_rule(actor=cast.carol, gift=CARD, now=NOW)
    offer(SCARF, replace(SCARF, cost_minor=6_000))

    assert gifts.rules() == (replace(SCARF, cost_minor=6_000),)


def test_a_page_s_gifts_are_three_statements_and_leave_out_what_was_given(cast: Cast) -> None:
    offer(CARD)
    several = [born(name=name) for name in "甲乙丙丁"]
    hand_over(cast.alice, *several[0])
    page = selectors.page(actor=cast.alice, wanted=Wanted(first=DAY, last=DAY)).occasions

    with CaptureQueriesContext(connection) as asked:
        found = gifts.gifts_for(page, now=NOW)

    assert len(asked) == 3
    assert {key.split(":")[1] for key in found} == {str(event.pk) for _, event in several[1:]}
    assert [row.gift for row in gifts.given_for(page).values()] == ["card"]


def test_a_gift_handed_over_books_its_cost_in_the_store(cast: Cast) -> None:
    offer(CARD)
    person, event = born(owner=cast.bob_, store=cast.north)

    given = hand_over(cast.bob, person, event, store_id=cast.north.pk)
    offer(replace(CARD, cost_minor=900))  # what was given cost what it cost that day

    row = Given.objects.get()
    assert row.pk == given.pk
    assert (row.cost_minor, row.store_id, row.guide_id) == (300, cast.north.pk, cast.bob.id)
    entry = Entry.objects.get(action="gift.handed-over")
    assert (entry.object_id, entry.data["cost_minor"]) == (person.pk, 300)
    month = {"since": NOW - timedelta(days=20), "until": NOW + timedelta(days=10)}
    found = giving.costs(actor=cast.carol, **month)
    assert found == [giving.Cost(cast.north.pk, BIRTHDAY, 1, 300)]
    assert giving.costs(actor=cast.alice, since=month["until"], until=month["until"]) == []
    with pytest.raises(Forbidden):
        giving.costs(actor=cast.bob, **month)


def test_twice_the_same_is_once_and_another_gift_is_refused(cast: Cast) -> None:
    offer(CARD, SCARF)
    person, event = born()

    first = hand_over(cast.alice, person, event)
    again = hand_over(cast.alice, person, event, now=NOW + timedelta(hours=1))

    assert again.pk == first.pk
    with pytest.raises(giving.AlreadyGiven, match="手写贺卡"):
        hand_over(cast.alice, person, event, gift_key="scarf")
    assert Given.objects.count() == 1


def test_each_child_has_a_gift_of_its_own(cast: Cast) -> None:
    kind = "customer.child-birthday"
    offer(replace(CARD, occasions=(kind,)))
    person = customers.customer()
    events = LifeEvent.objects.bulk_create(
        LifeEvent(customer=person, kind="child-birthday", label=n, month=11, day=22)
        for n in ("大宝", "小宝")
    )

    for event in events:
        hand_over(cast.alice, person, event, kind=kind)

    assert Given.objects.count() == 2


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"gift_key": "nothing"}, giving.NoSuchGift),
        ({"kind": "customer.moving"}, giving.NoSuchGift),
        ({"kind": "customer.wedding"}, giving.NotTheirDay),
        ({"source": uuid4()}, giving.NotTheirDay),
        ({"occasion_on": date(2026, 11, 23)}, giving.NotTheirDay),
        ({"occasion_on": date(2025, 11, 22)}, giving.NotTheirDay),
        ({"occasion_on": date(2027, 11, 22)}, giving.NotTheirDay),
        ({"store_id": uuid4()}, Forbidden),
    ],
)
def test_what_is_no_gift_or_no_day_of_theirs_is_refused(
    cast: Cast, facts: dict[str, Any], error: type[Exception]
) -> None:
    offer(CARD)
    person, event = born()

    with pytest.raises(error):
        hand_over(cast.alice, person, event, **facts)
    assert not Given.objects.exists()


def test_an_outsider_hands_nothing_over(cast: Cast) -> None:
    offer(CARD)
    person, event = born(owner=cast.bob_, store=cast.north)
    nobody = Actor(kind=ActorKind.STAFF, scope=NONE, may=frozenset({"customers.edit"}))

    for actor, store in ((cast.charlie, cast.south), (nobody, cast.north)):
        with pytest.raises(NotFound):
            hand_over(actor, person, event, store_id=store.pk)
    with pytest.raises(Forbidden):
        hand_over(cast.bob, person, event, store_id=cast.south.pk)
    assert not Given.objects.exists()


def test_a_late_gift_is_for_the_day_that_was(cast: Cast) -> None:
    """A month after the birthday its next day is next year's; the gift is for this year's."""
    offer(CARD)
    person, event = born()
    later = NOW + timedelta(days=30)
    services.advance_occasions(now=later)

    given = hand_over(cast.alice, person, event, now=later)

    assert given.occasion_on == DAY


def test_a_date_of_the_file_can_have_a_gift(cast: Cast) -> None:
    offer(replace(CARD, occasions=("customer.engaged",)))
    person = customers.customer()
    tell(person, engaged="2020-12-01")
    work_off()
    facts = {"kind": "customer.engaged", "source": person.pk, "occasion_on": date(2026, 12, 1)}

    assert hand_over(cast.alice, person, LifeEvent(), **facts).gift == "card"
    with pytest.raises(giving.NotTheirDay):
        hand_over(cast.alice, customers.customer(name="李雷"), LifeEvent(), **facts)


def test_what_was_given_is_never_rewritten(cast: Cast) -> None:
    offer(CARD)
    given = hand_over(cast.alice, *born())

    for change in (lambda: Given.objects.update(cost_minor=1), given.delete):
        with pytest.raises(Error), transaction.atomic():
            change()
    assert Given.objects.get().cost_minor == 300


def test_gifts_go_along_in_a_merge_and_come_back(cast: Cast) -> None:
    offer(CARD)
    (kept, one), (absorbed, other) = born("甲"), born("乙")
    hand_over(cast.alice, absorbed, other)

    merge(actor=cast.alice, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)
    assert Given.objects.get().customer_id == kept.pk
    work_off()
    page = selectors.page(actor=cast.alice, wanted=Wanted(first=DAY, last=DAY)).occasions
    assert [each.source for each in page] == [one.pk]
    assert gifts.gifts_for(page, now=NOW) == {}  # one birthday, whosever gift it was
    with pytest.raises(giving.AlreadyGiven):
        hand_over(cast.alice, kept, one, gift_key="scarf")

    unmerge(actor=cast.alice, absorbed_id=absorbed.pk, now=NOW)
    assert Given.objects.get().customer_id == absorbed.pk


def test_gifts_are_disclosed_and_outlive_an_erasure_as_their_cost(cast: Cast) -> None:
    offer(CARD)
    person, event = born()
    hand_over(cast.alice, person, event)

    told = disclose(actor=cast.alice, customer_id=person.pk, asked="by letter", now=NOW)
    erase(actor=cast.alice, customer_id=person.pk, reason="asked", now=NOW)

    assert "手写贺卡" in str(told)
    assert Given.objects.get().cost_minor == 300


@pytest.mark.usefixtures("own_database")
def test_many_hands_at_once_give_it_once() -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        offer(CARD)
        person, event = born()

    def try_once(_n: int) -> UUID:
        try:
            with context.inside(chain):
                return hand_over(SYSTEM, person, event).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(try_once, range(16)))

    with context.inside(chain):
        assert {row.pk for row in Given.objects.all()} == found
        assert len(found) == 1


@pytest.mark.usefixtures("own_database")
def test_without_the_customer_s_lock_the_second_hand_would_meet_the_database_s_own_guard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        offer(CARD)
        person, event = born()
    both = Barrier(2, timeout=20)

    def meet() -> tuple[Gift, ...]:
        both.wait()
        return (CARD,)

    monkeypatch.setattr(giving, "locked", lambda **_: person)
    monkeypatch.setattr(gifts, "rules", meet)  # asked for after looking for an earlier gift

    def try_once(_n: int) -> str:
        try:
            with context.inside(chain):
                return hand_over(SYSTEM, person, event).gift
        except IntegrityError:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(try_once, range(2)))

    assert found == ["card", "refused"]
