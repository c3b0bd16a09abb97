"""Finding customers by a piece of what is known of them, within one's scope."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.audit import Actor, ActorKind, Scope
from regulars.customers import selectors
from regulars.customers.models import Customer
from regulars.errors import Forbidden
from tests.customers.conftest import Cast
from tests.factories import customers


def names(actor: Actor, text: str, **facts: int) -> list[str]:
    """Return the names a search finds, in order."""
    return [row.name for row in selectors.search(actor=actor, text=text, **facts).customers]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["王小", "王 小明", "小明", "wangx", "WangXiaoMing", "wxm", "xm", "xiaom", "8000", "00138000",
     "+86 138 0013 8000", "138 0013", "A-77", "a-77"],
)  # fmt: skip
def test_a_customer_is_found_by_a_piece_of_name_reading_initials_phone_or_code(
    cast: Cast, text: str
) -> None:
    customers.customer(name="王小明", phone="13800138000", member_code="A-77")
    customers.customer(name="李雷", phone="15912345678", member_code="B-1")

    assert names(cast.alice, text) == ["王小明"]


@pytest.mark.parametrize("text", ["", "   ", "🙂", "%", "_", "'", "张", "00", "1"])
def test_what_says_nothing_finds_nobody(cast: Cast, text: str) -> None:
    customers.customer(name="王小明", phone="13800138000")

    assert names(cast.alice, text) == []


def test_those_whose_name_begins_so_come_before_those_who_contain_it(cast: Cast) -> None:
    customers.customer(name="张明王", phone=customers.phone())
    customers.customer(name="明王", phone=customers.phone())

    assert names(cast.alice, "明王") == ["明王", "张明王"]


def test_nobody_is_listed_twice(cast: Cast) -> None:
    customers.customer(name="安安", phone=customers.phone())

    assert names(cast.alice, "an") == ["安安"]  # by reading, initials and second part alike


def test_more_than_a_page_says_so(cast: Cast) -> None:
    for _ in range(4):
        customers.customer(name="王伟", phone=customers.phone())

    found = selectors.search(actor=cast.alice, text="王伟", limit=3)

    assert (len(found.customers), found.more) == (3, True)


@pytest.mark.parametrize(
    "text", ["王", "王小", "小明", "明", "wxm", "ming", "8001", "800", "13800138"]
)
def test_a_guide_finds_their_own_customers_and_no_others(cast: Cast, text: str) -> None:
    customers.customer(name="王小明", phone="13800138001", owner=cast.bob_, store=cast.north)

    assert names(cast.bob, text) == ["王小明"]
    assert names(cast.charlie, text) == []


@pytest.mark.parametrize(
    "text", ["单", "单雄", "shanx", "danx", "sxx", "xiongxin", "8001", "13800138"]
)
def test_a_manager_finds_the_customers_of_their_stores_and_no_others(cast: Cast, text: str) -> None:
    customers.customer(name="单雄信", phone="13800138001", store=cast.north)
    stranger = replace(cast.carol, scope=Scope(store_ids=frozenset({cast.south.pk})))

    assert names(cast.carol, text) == ["单雄信"]
    assert names(stranger, text) == []


def test_a_compound_surname_is_found_within_a_store_by_its_first_character(cast: Cast) -> None:
    customers.customer(name="尉迟恭", phone=customers.phone(), store=cast.north)

    assert names(cast.carol, "尉") == names(cast.carol, "尉迟") == ["尉迟恭"]


def test_a_franchise_keeps_its_customers_from_head_office(cast: Cast) -> None:
    customers.customer(name="王小明", phone=customers.phone(), store=cast.south)
    customers.customer(name="王小红", phone=customers.phone())
    withheld = Scope(everything=True, withheld_customers=frozenset({cast.south.pk}))

    assert names(replace(cast.alice, scope=withheld), "王小") == ["王小红"]


def test_merged_and_erased_records_are_not_found(cast: Cast) -> None:
    row = customers.customer(name="王小明", phone=customers.phone())
    Customer.objects.filter(pk=row.pk).update(state=Customer.State.MERGED)

    assert names(cast.alice, "王小明") == []


def test_searching_needs_the_permission(cast: Cast) -> None:
    till = Actor(kind=ActorKind.KEY, scope=cast.alice.scope, may=frozenset({"purchases.record"}))

    with pytest.raises(Forbidden):
        selectors.search(actor=till, text="王")


def test_a_search_can_be_narrowed_to_the_rows_of_a_query(cast: Cast) -> None:
    customers.customer(name="王伟", phone=customers.phone(), gender="male")
    customers.customer(name="王薇", phone=customers.phone(), gender="female")

    among = Customer.objects.filter(gender="female")
    found = selectors.search(actor=cast.alice, text="ww", among=among)

    assert [row.name for row in found.customers] == ["王薇"]


SCOPES = st.sampled_from(["all", "store", "own", "withheld", "none"])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scope=SCOPES, text=st.sampled_from(["王", "w", "小", "xm", "800", "8000", "xiaoming"]))
def test_what_is_found_is_always_within_what_is_visible(cast: Cast, scope: str, text: str) -> None:
    if not Customer.objects.exists():
        for store, owner in ((cast.north, cast.bob_), (cast.south, cast.charlie_)):
            customers.crowd(
                [("王小明", "+8613800138000"), ("肖明", None)], store=store.pk, owner=owner.pk
            )
        customers.customer(name="王小红", phone=customers.phone())
    scopes = {
        "all": Scope(everything=True),
        "store": Scope(store_ids=frozenset({cast.north.pk, uuid4()})),
        "own": Scope(own_customers_of=cast.bob_.pk, store_ids=frozenset({cast.north.pk})),
        "withheld": Scope(everything=True, withheld_customers=frozenset({cast.north.pk})),
        "none": Scope(),
    }
    actor = replace(cast.alice, scope=scopes[scope])
    visible = set(selectors.visible(actor).values_list("pk", flat=True))

    found = {row.id for row in selectors.search(actor=actor, text=text).customers}

    assert found <= visible
    if text in ("王", "w"):
        begin = {row.pk for row in selectors.visible(actor) if row.name.startswith("王")}
        assert begin <= found


@pytest.mark.parametrize(("text", "most"), [("王", 1), ("王小", 2), ("wxm", 2), ("8000", 2)])
def test_a_search_takes_two_statements_at_most(cast: Cast, text: str, most: int) -> None:
    for _ in range(3):
        customers.customer(name="王小明", phone=customers.phone())

    with CaptureQueriesContext(connection) as asked:
        selectors.search(actor=cast.alice, text=text)

    assert len(asked) <= most


def test_a_guide_is_answered_in_one_statement(cast: Cast) -> None:
    customers.customer(name="王小明", phone=customers.phone(), owner=cast.bob_)

    with CaptureQueriesContext(connection) as asked:
        selectors.search(actor=cast.bob, text="小明")

    assert len(asked) == 1
