"""The list of customers: filters, order, and pages by key."""

import base64
import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor, Scope
from regulars.customers import selectors
from regulars.customers.models import Customer
from regulars.customers.selectors import Filters
from tests.customers.conftest import Cast
from tests.factories import customers


def every_page(cast: Cast, *, sort: selectors.Sort, limit: int) -> list[selectors.Listed]:
    """Walk a list from page to page."""
    found: list[selectors.Listed] = []
    after = ""
    while True:
        page = selectors.page(actor=cast.alice, sort=sort, after=after, limit=limit)
        found += page.customers
        after = page.after
        if not after:
            return found


@pytest.mark.parametrize("sort", selectors.SORTS)
def test_pages_show_everybody_once_and_in_order(cast: Cast, sort: selectors.Sort) -> None:
    made = [customers.customer(name=name, phone=customers.phone()) for name in "乙甲丙甲丁甲戊"]

    found = every_page(cast, sort=sort, limit=2)

    assert sorted(row.id for row in found) == sorted(row.pk for row in made)
    keys = {
        "newest": [row.id for row in reversed(found)],
        "name": [(row.pinyin, row.id) for row in found],
        "changed": [(row.changed_at, row.id) for row in reversed(found)],
    }[sort]
    assert all(one < other for one, other in pairwise(keys))  # type: ignore[arg-type, var-annotated]


@pytest.mark.parametrize("sort", selectors.SORTS)
def test_the_whole_list_is_what_the_filtered_one_would_be(cast: Cast, sort: selectors.Sort) -> None:
    for store, owner in ((cast.north, cast.bob_), (cast.south, None), (None, None)):
        for name in "乙甲丙甲":
            customers.customer(name=name, phone=customers.phone(), store=store, owner=owner)
    withheld = replace(
        cast.alice, scope=Scope(everything=True, withheld_customers=frozenset({cast.south.pk}))
    )

    for actor in (cast.alice, cast.bob, cast.carol, withheld):
        expected = [row.pk for row in selectors.ordered(actor=actor, sort=sort)]
        page = selectors.page(actor=actor, sort=sort, limit=3)
        following = selectors.page(actor=actor, sort=sort, limit=20, after=page.after)

        found = [row.id for row in (*page.customers, *following.customers)]
        assert found == expected
        assert len(found) in {4, 8, 12}


def test_somebody_new_does_not_shift_the_next_page(cast: Cast) -> None:
    first, second, _third = [
        customers.customer(name=name, phone=customers.phone()) for name in "甲乙丙"
    ]
    page = selectors.page(actor=cast.alice, limit=1)

    customers.customer(name="丁", phone=customers.phone())
    following = selectors.page(actor=cast.alice, limit=2, after=page.after)

    assert [row.id for row in following.customers] == [second.pk, first.pk]


def made_up(*parts: str) -> str:
    packed = json.dumps([*parts, "01a20238-054b-7b62-a10a-242e7a61e2b6"]).encode()
    return base64.urlsafe_b64encode(packed).decode()


@pytest.mark.parametrize(
    "mark", ["x", "AAAA", "W10", "WyJub3QgYSBrZXkiXQ", "a" * 5000, "é", made_up("a\0b")]
)
def test_a_mark_somebody_made_up_begins_at_the_front(cast: Cast, mark: str) -> None:
    customers.customer()

    for sort in selectors.SORTS:
        assert len(selectors.page(actor=cast.alice, after=mark, sort=sort).customers) == 1  # type: ignore[arg-type]


def test_filters_narrow_the_list(cast: Cast) -> None:
    wanted = customers.customer(
        name="王伟",
        phone=customers.phone(),
        gender="male",
        store=cast.north,
        owner=cast.bob_,
        extra={"ring-size": 12, "metals": ["gold", "silver"]},
    )
    customers.customer(name="李娜", now=customers.NOW - timedelta(days=40), extra={"ring-size": 14})
    day = date(2026, 11, 21)

    for filters in (
        Filters(store_id=cast.north.pk),
        Filters(owner_id=cast.bob_.pk),
        Filters(gender="male"),
        Filters(with_phone=True),
        Filters(joined_from=day, joined_to=day),
        Filters(changed_since=customers.NOW),
        Filters(extra={"ring-size": 12}),
        Filters(extra={"metals": "silver"}),
        Filters(extra={"metals": ["gold", "silver"]}),
    ):
        found = selectors.page(actor=cast.alice, filters=filters).customers
        assert [row.id for row in found] == [wanted.pk], filters


def test_nobody_s_customers_can_be_listed(cast: Cast) -> None:
    customers.customer(name="王伟", owner=cast.bob_)
    free = customers.customer(name="李娜")

    found = selectors.page(actor=cast.alice, filters=Filters(without_owner=True)).customers

    assert [row.id for row in found] == [free.pk]


def test_days_are_the_chain_s(cast: Cast) -> None:
    just_after_midnight = customers.NOW.replace(day=20, hour=16, minute=1)  # 00:01 on the 21st
    customers.customer(now=just_after_midnight)

    found = selectors.page(actor=cast.alice, filters=Filters(joined_from=date(2026, 11, 21)))

    assert len(found.customers) == 1


def test_a_scope_holds_for_lists_too(cast: Cast) -> None:
    mine = customers.customer(name="甲", owner=cast.bob_, store=cast.north)
    ours = customers.customer(name="乙", store=cast.north)
    customers.customer(name="丙", owner=cast.charlie_, store=cast.south)

    def listed(actor: Actor) -> set[object]:
        return {row.id for row in selectors.page(actor=actor).customers}

    assert listed(cast.bob) == {mine.pk}
    assert listed(cast.carol) == {mine.pk, ours.pk}
    assert len(listed(cast.alice)) == 3


def test_a_page_is_one_statement_however_long(cast: Cast) -> None:
    for _ in range(5):
        customers.customer(phone=customers.phone(), store=cast.north, owner=cast.bob_)

    with CaptureQueriesContext(connection) as asked:
        page = selectors.page(actor=cast.alice)

    assert (len(asked), len(page.customers)) == (1, 5)


@pytest.mark.parametrize("sort", selectors.SORTS)
def test_a_page_far_down_is_reached_through_an_index(cast: Cast, sort: selectors.Sort) -> None:
    crowd = ((f"王{n}", None) for n in range(20_000))
    customers.crowd(crowd, store=cast.north.pk, owner=cast.bob_.pk)
    row = Customer.objects.order_by("pk")[15_000]
    listed = selectors.Listed(
        row.pk,
        "",
        "",
        None,
        None,
        None,
        None,
        None,
        None,
        row.pinyin,
        row.joined_at,
        row.changed_at,
    )

    deep = selectors.ordered(actor=cast.alice, sort=sort, after=selectors.mark(listed, sort))
    plan = deep[:50].explain()

    assert "Seq Scan" not in plan
    assert "Index Cond" in plan
