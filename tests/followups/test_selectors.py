"""Whose day is near: by day, within a scope, page by page."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import NONE, Actor, ActorKind
from regulars.customers.models import Customer, LifeEvent
from regulars.customers.selectors import visibility
from regulars.errors import Forbidden
from regulars.followups.occasions import keeping, selectors, telling
from regulars.followups.occasions.selectors import Mark, Wanted
from regulars.usecases.erase import erase
from regulars.usecases.merge import merge
from tests.factories import customers
from tests.followups.conftest import Cast, keep, own, tell

NOW = customers.NOW
TOMORROW = date(2026, 11, 22)
MONTH = Wanted(first=date(2026, 11, 21), last=date(2026, 12, 21))


def listed(actor: Actor, wanted: Wanted = MONTH, limit: int = 50) -> list[str]:
    """Return what one page says."""
    found = selectors.page(actor=actor, wanted=wanted, limit=limit).occasions
    return [f"{each.on:%m-%d} {each.kind} {each.customer.name}" for each in found]


def people(cast: Cast) -> tuple[Customer, Customer, Customer]:
    """Make one customer of Bob's in the north, one of Charlie's in the south, and one abroad."""
    one = customers.customer(name="王一", store=cast.north, owner=cast.bob_)
    two = customers.customer(name="李二", store=cast.south, owner=cast.charlie_)
    three = customers.customer(name="Wong", store=cast.abroad)
    keep(one, month=11, day=22, year=1990)
    keep(two, kind="wedding", month=11, day=30)
    keep(three, month=11, day=25)
    own(one, acquired_on=date(2026, 6, 1))
    tell(two, move_in="2026-11-30")
    keeping.refresh_all(now=NOW)
    return one, two, three


def test_events_and_dates_come_in_one_list_by_day(cast: Cast) -> None:
    people(cast)

    assert listed(cast.alice) == [
        "11-22 customer.birthday 王一",
        "11-25 customer.birthday Wong",
        "11-30 customer.wedding 李二",
        "11-30 customer.move-in 李二",
        "12-01 possession.ring.clean 王一",
    ]


def test_a_day_is_that_day_alone(cast: Cast) -> None:
    people(cast)
    tomorrow = Wanted(first=TOMORROW, last=TOMORROW)

    assert listed(cast.alice, tomorrow) == ["11-22 customer.birthday 王一"]


def test_a_guide_sees_their_own_customers_and_a_manager_those_of_the_store(cast: Cast) -> None:
    people(cast)

    of_bob = ["11-22 customer.birthday 王一", "12-01 possession.ring.clean 王一"]
    assert listed(cast.bob) == of_bob
    assert listed(cast.carol) == of_bob
    assert listed(cast.charlie) == ["11-30 customer.wedding 李二", "11-30 customer.move-in 李二"]
    outsider = Actor(kind=ActorKind.STAFF, scope=NONE, may=frozenset({"customers.view"}))
    assert listed(outsider) == []
    with pytest.raises(Forbidden):
        listed(Actor(kind=ActorKind.STAFF, scope=cast.alice.scope))


def test_a_list_is_narrowed_by_kind_store_owner_and_customer(cast: Cast) -> None:
    one, _two, _three = people(cast)
    span: dict[str, Any] = {"first": MONTH.first, "last": MONTH.last}

    def count(wanted: Wanted) -> int:
        return len(listed(cast.alice, wanted))

    assert count(Wanted(**span, kinds=["customer.birthday"])) == 2
    assert count(Wanted(**span, kinds=["customer.wedding", "possession.ring.clean"])) == 2
    assert count(Wanted(**span, kinds=["customer.nothing"])) == 0
    assert count(Wanted(**span, store_ids=[cast.south.pk, cast.abroad.pk])) == 3
    assert count(Wanted(**span, owner_id=cast.charlie_.pk)) == 2
    assert count(Wanted(**span, customer_id=one.pk)) == 2
    narrowed = Wanted(**span, customer_id=one.pk, store_ids=[cast.south.pk])
    assert count(narrowed) == 0


def test_pages_by_key_show_everything_once(cast: Cast) -> None:
    people(cast)
    pages, after = [], None
    while True:
        page = selectors.page(actor=cast.alice, wanted=MONTH, after=after, limit=2)
        pages.append([each.id for each in page.occasions])
        after = page.after
        if after is None:
            break

    whole = [each.id for each in selectors.page(actor=cast.alice, wanted=MONTH).occasions]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [pk for page in pages for pk in page] == whole
    made_up = Mark(date(2026, 12, 1), UUID(int=2**128 - 1))
    assert selectors.page(actor=cast.alice, wanted=MONTH, after=made_up).occasions == []


def test_an_occasion_says_whose_what_and_how_many_times(cast: Cast) -> None:
    one, _two, _three = people(cast)
    birthday, cleaning = selectors.page(actor=cast.bob, wanted=MONTH).occasions

    assert (birthday.times, birthday.lunar, birthday.title) == (36, False, "")
    assert birthday.customer.owner_name == "Bob"
    assert birthday.key == f"customer.birthday:{LifeEvent.objects.get(customer=one).pk}:2026-11-22"
    assert (cleaning.times, cleaning.source) == (None, one.possessions.get().pk)


@pytest.mark.parametrize(("today", "times"), [("2026-01-20", 35), ("2027-02-01", 36)])
def test_a_birthday_by_the_moon_counts_years_of_the_moon(
    cast: Cast, today: str, times: int
) -> None:
    """腊月二十 of 1990 is 5 February 1991, and comes in January or February of the year after."""
    person = customers.customer()
    keep(person, month=12, day=20, year=1990, lunar=True)
    on = date.fromisoformat(today)
    LifeEvent.objects.update(next_on=on)

    wanted = Wanted(first=on, last=on)
    assert selectors.page(actor=cast.alice, wanted=wanted).occasions[0].times == times


def test_a_birthday_noted_twice_in_a_merge_is_one_occasion(cast: Cast) -> None:
    kept, absorbed = customers.customer(name="甲"), customers.customer(name="乙")
    for person in (kept, absorbed):
        keep(person, month=11, day=22)

    merge(actor=cast.alice, kept_id=kept.pk, absorbed_id=absorbed.pk, now=NOW)

    assert LifeEvent.objects.count() == 2
    assert listed(cast.alice) == ["11-22 customer.birthday 甲"]


def test_the_erased_and_the_merged_are_nobody_s_occasion(cast: Cast) -> None:
    one, _two, _three = people(cast)

    erase(actor=cast.alice, customer_id=one.pk, reason="asked", now=NOW)

    assert listed(cast.bob) == []


@pytest.mark.parametrize("who", ["alice", "carol", "bob"])
def test_a_page_is_one_statement_however_many_there_are(cast: Cast, who: str) -> None:
    actor: Actor = getattr(cast, who)
    for n in range(12):
        person = customers.customer(name=str(n), store=cast.north, owner=cast.bob_)
        keep(person, month=11, day=22 + n % 8)

    with CaptureQueriesContext(connection) as asked:
        found = selectors.page(actor=actor, wanted=MONTH).occasions

    assert len(found) == 12
    assert len(asked) == 1


def test_every_scope_says_what_the_rule_of_visibility_says(cast: Cast) -> None:
    people(cast)

    for actor in (cast.alice, cast.bob, cast.carol, cast.charlie):
        seen = set(visibility.visible(actor).values_list("pk", flat=True))
        found = selectors.page(actor=actor, wanted=MONTH).occasions
        assert {each.customer.id for each in found} == seen


def test_the_day_before_each_guide_is_told_of_their_own(cast: Cast) -> None:
    one, _two, _three = people(cast)
    nobody_s = customers.customer(name="张三", store=cast.north)
    keep(nobody_s, month=11, day=22)

    with CaptureQueriesContext(connection) as asked:
        told = telling.tomorrow(now=NOW)

    assert {place: [each.customer_id for each in found] for place, found in told.items()} == {
        (cast.bob_.pk, cast.north.pk): [one.pk],
        (None, cast.north.pk): [nobody_s.pk],
    }
    shown = selectors.page(actor=cast.alice, wanted=Wanted(first=TOMORROW, last=TOMORROW))
    assert {each.key for found in told.values() for each in found} == {
        each.key for each in shown.occasions
    }
    assert len(asked) == 2


def test_tomorrow_is_another_day_across_the_sea(cast: Cast) -> None:
    """Ten in the evening in New York on the 24th is eleven in the morning of the 25th here."""
    _one, _two, abroad = people(cast)
    evening = NOW + timedelta(days=4, hours=1)  # 25 November, eleven in the morning in Shanghai
    here = customers.customer(name="赵四", store=cast.north)
    keep(here, month=11, day=26)

    told = telling.tomorrow(now=evening)

    found = {place: [each.customer_id for each in found] for place, found in told.items()}
    assert found == {(None, cast.abroad.pk): [abroad.pk], (None, cast.north.pk): [here.pk]}
