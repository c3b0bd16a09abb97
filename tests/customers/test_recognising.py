"""Recognising the person at the counter, anywhere in the chain."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor, ActorKind
from regulars.customers import selectors, services
from regulars.customers.models import Note
from regulars.customers.naming import BadPhone
from regulars.errors import Forbidden, NotFound
from regulars.usecases import erase, merge
from tests.customers.conftest import Cast
from tests.factories import customers


def test_any_guide_recognises_any_customer_by_full_phone_code_or_card(cast: Cast) -> None:
    made = customers.customer(
        name="王小明",
        phone="13800138000",
        member_code="vip 7",
        identities=[("card", "6222 0001"), ("taobao", "tb_1")],
        owner=cast.bob_,
        store=cast.north,
    )

    for text in ("13800138000", "+86 138 0013 8000", "vip7", "VIP 7", "62220001"):
        found = selectors.anything(actor=cast.charlie, text=text, region="CN")
        assert [each.id for each in found] == [made.pk], text
    by_number = selectors.recognise(actor=cast.charlie, identity=("taobao", "tb_1"))
    assert [each.id for each in by_number] == [made.pk]


@pytest.mark.parametrize("text", ["8000", "1380013800", "王小明", "", "%", "VIP"])
def test_a_piece_or_a_name_recognises_nobody(cast: Cast, text: str) -> None:
    customers.customer(name="王小明", phone="13800138000", member_code="VIP7")

    assert selectors.anything(actor=cast.charlie, text=text, region="CN") == []


def test_the_counter_card_shows_little_to_a_stranger(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone="13800138000", owner=cast.bob_, store=cast.north)
    services.note(
        actor=cast.bob, customer_id=made.pk, text="镍过敏", is_warning=True, now=customers.NOW
    )
    services.note(actor=cast.bob, customer_id=made.pk, text="爱喝茶", now=customers.NOW)

    theirs = selectors.card(actor=cast.charlie, customer_id=made.pk)
    own = selectors.card(actor=cast.bob, customer_id=made.pk)

    assert theirs.warnings == ("镍过敏",)
    assert (theirs.owner_name, theirs.store_name) == ("Bob", cast.north.name)
    assert (theirs.phone_open, theirs.in_scope) == (False, False)
    assert (own.phone_open, own.in_scope) == (True, True)


def test_a_phone_shared_by_a_family_shows_them_all(cast: Cast) -> None:
    one = customers.customer(name="王父", phone="13800138000")
    two = customers.customer(name="王母", phone="13800138000", same_phone_is_fine=True)

    found = selectors.recognise(actor=cast.charlie, phone="+8613800138000")

    assert [each.id for each in found] == [one.pk, two.pk]


def test_a_second_phone_recognises_too(cast: Cast) -> None:
    made = customers.customer(phone="13800138000", identities=[("phone", "159 1234 5678")])

    found = selectors.anything(actor=cast.charlie, text="15912345678", region="CN")

    assert [each.id for each in found] == [made.pk]


def test_a_merged_record_leads_to_the_survivor_and_an_erased_one_nowhere(cast: Cast) -> None:
    kept = customers.customer(name="王小明", phone="13800138000")
    absorbed = customers.customer(name="王小明", phone="13900139000", member_code="OLD")
    merge.merge(actor=cast.alice, kept_id=kept.pk, absorbed_id=absorbed.pk, now=customers.NOW)

    for way in ({"phone": "13900139000"}, {"member_code": "old"}, {"customer_id": absorbed.pk}):
        assert selectors.resolve(**way) == kept.pk
    erase.erase(actor=cast.alice, customer_id=kept.pk, reason="asked", now=customers.NOW)
    for way in ({"phone": "13900139000"}, {"phone": "13800138000"}, {"customer_id": kept.pk}):
        assert selectors.resolve(**way) is None
    with pytest.raises(NotFound):
        selectors.card(actor=cast.bob, customer_id=kept.pk)


def test_of_several_with_one_phone_a_program_gets_the_one_seen_last(cast: Cast) -> None:
    one = customers.customer(name="王父", phone="13800138000")
    customers.customer(name="王母", phone="13800138000", same_phone_is_fine=True)
    later = customers.NOW.replace(hour=5)
    services.note(actor=cast.alice, customer_id=one.pk, text="来过", now=later)

    assert selectors.resolve(phone="138 0013 8000") == one.pk
    with pytest.raises(BadPhone):
        selectors.resolve(phone="x")


def test_many_external_numbers_are_resolved_in_one_statement(cast: Cast) -> None:
    one = customers.customer(identities=[("taobao", "1")])
    two = customers.customer(identities=[("taobao", "2"), ("jd", "1")])

    with CaptureQueriesContext(connection) as asked:
        found = selectors.by_identities([("taobao", "1"), ("jd", "1"), ("jd", "9")])

    assert found == {("taobao", "1"): one.pk, ("jd", "1"): two.pk}
    assert len(asked) == 1
    assert selectors.by_identities([]) == {}


def test_recognising_takes_one_statement(cast: Cast) -> None:
    known = customers.customer(phone="13800138000")
    for text, is_warning in (
        ("allergic to nickel", True),
        ("likes tea", False),
        ("prefers the back room", True),
    ):
        Note.objects.create(customer_id=known.pk, text=text, is_warning=is_warning)

    with CaptureQueriesContext(connection) as asked:
        found = selectors.anything(actor=cast.charlie, text="13800138000", region="CN")

    assert found[0].warnings == ("allergic to nickel", "prefers the back room")
    assert len(asked) == 1


def test_recognising_reads_no_whole_table(cast: Cast) -> None:
    crowd = ((f"王{n}", f"+86138{n:08d}") for n in range(10_000))
    customers.crowd(crowd, store=cast.north.pk, owner=cast.bob_.pk)

    asked: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, values: Any, *rest: Any) -> Any:
        asked.append((sql, values))
        return execute(sql, values, *rest)

    with connection.execute_wrapper(listen):
        selectors.anything(actor=cast.charlie, text="13800000077", region="CN")
        selectors.resolve(phone="13800000077")
    plans = []
    with connection.cursor() as cursor:
        for plan in ("force_custom_plan", "force_generic_plan"):
            cursor.execute(f"SET LOCAL plan_cache_mode = {plan}")
            for sql, values in asked:
                cursor.execute(f"EXPLAIN {sql}", values)
                plans += [row[0] for row in cursor.fetchall()]

    assert not [line for line in plans if "Seq Scan on customers_customer" in line]


def test_without_a_permission_nobody_is_recognised(cast: Cast) -> None:
    nobody = Actor(kind=ActorKind.KEY, scope=cast.alice.scope)

    with pytest.raises(Forbidden):
        selectors.anything(actor=nobody, text="13800138000", region="CN")
