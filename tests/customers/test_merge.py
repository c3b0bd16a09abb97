"""Two records that are one person become one, and two again when that was a mistake (H2)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.audit.models import Entry
from regulars.customers import selectors, services
from regulars.customers.models import (
    Consent,
    Customer,
    Identity,
    LifeEvent,
    Note,
    Possession,
)
from regulars.customers.services import merging
from regulars.errors import Forbidden, NotFound
from regulars.points import selectors as points
from regulars.purchases.models import Purchase, Standing
from regulars.usecases import merge
from tests.customers.conftest import Cast
from tests.factories import customers, purchases

LATER = customers.NOW + timedelta(hours=1)
CHILDREN = (Identity, LifeEvent, Possession, Consent, Note)


def join(cast: Cast, kept: Customer, absorbed: Customer, *take: str) -> Customer:
    """Merge one record into another."""
    return merge.merge(
        actor=cast.alice, kept_id=kept.pk, absorbed_id=absorbed.pk, take=take, now=LATER
    )


def part(cast: Cast, absorbed: Customer) -> Customer:
    """Undo a merge."""
    return merge.unmerge(actor=cast.alice, absorbed_id=absorbed.pk, now=LATER)


def picture(*people: Customer) -> dict[str, Any]:
    """Return everything that is kept of some people, but when it was last touched."""
    ids = [each.pk for each in people]
    rows = Customer.objects.filter(pk__in=ids).order_by("pk").values()
    found: dict[str, Any] = {
        "customers": [{k: v for k, v in row.items() if k != "changed_at"} for row in rows]
    }
    for model in CHILDREN:
        found[model.__name__] = list(model.objects.filter(customer__in=ids).order_by("pk").values())
    found["purchases"] = list(
        Purchase.objects.filter(customer__in=ids).order_by("pk").values("pk", "customer_id")
    )
    standing = Standing.objects.filter(customer__in=ids, purchases__gt=0).order_by("pk")
    found["standings"] = list(standing.values("pk", "purchases", "paid_minor"))
    balances = points.balances_of_many(ids, now=LATER)
    found["points"] = {key: value for key, value in balances.items() if value}
    return found


def fill(cast: Cast, customer: Customer, *, day: int) -> None:
    """Give somebody one of everything."""
    facts: dict[str, Any] = {"actor": cast.alice, "customer_id": customer.pk, "now": customers.NOW}
    services.add_identity(**facts, source="card", number=f"C{customer.pk.hex}")
    services.set_life_event(**facts, kind="anniversary", month=5, day=day)
    services.add_possession(**facts, kind="ring", values={"engraving": f"{day}"})
    services.consent(**facts, purpose="care", given=bool(day % 2), how="spoken")
    services.note(**facts, text=f"note {day}")


def test_one_customer_has_everything_of_both(cast: Cast) -> None:
    kept = customers.customer(name="王小明", phone="13800138000", extra={"ring-size": 12})
    absorbed = customers.customer(
        name="小明", phone="13900139000", email="a@b.cn", extra={"metals": ["gold"]}
    )
    for day, each in enumerate((kept, absorbed), start=1):
        fill(cast, each, day=day)
        purchases.sale(customer=each)

    one = join(cast, kept, absorbed)

    assert (one.name, one.phone, one.email) == ("王小明", "+8613800138000", "a@b.cn")
    assert one.extra == {"ring-size": 12, "metals": ["gold"]}
    for model in CHILDREN:
        assert model.objects.filter(customer=kept).count() == 2
        assert not model.objects.filter(customer=absorbed).exists()
    assert Standing.objects.get(pk=kept.pk).purchases == 2
    assert set(selectors.visible(cast.alice).values_list("pk", flat=True)) == {kept.pk}
    for each in (kept, absorbed):
        assert Entry.objects.filter(action="customer.merged", object_id=each.pk).exists()


def test_chosen_values_come_from_the_other_record(cast: Cast) -> None:
    kept = customers.customer(name="小明", phone="13800138000", member_code="A")
    absorbed = customers.customer(name="王小明", phone="13900139000", member_code="B")

    one = join(cast, kept, absorbed, "name", "member_code")

    assert (one.name, one.phone, one.member_code) == ("王小明", "+8613800138000", "B")
    assert one.pinyin == "wangxiaoming"
    apart = part(cast, absorbed)
    assert (apart.name, apart.member_code) == ("王小明", "B")
    again = Customer.objects.get(pk=kept.pk)
    assert (again.name, again.member_code, again.pinyin) == ("小明", "A", "xiaoming")


VALUES = st.fixed_dictionaries(
    {"name": st.sampled_from(["王小明", "小明", "单雄信"])},
    optional={
        "phone": st.sampled_from(["13800138000", "13900139000"]),
        "member_code": st.sampled_from(["A", "B"]),
        "gender": st.sampled_from(["male", "female"]),
        "email": st.sampled_from(["a@b.cn", "c@d.cn"]),
        "address": st.sampled_from([{"city": "上海"}, {"city": "北京", "line": "1"}]),
        "extra": st.sampled_from([{"ring-size": 12}, {"ring-size": 9, "metals": ["gold"]}]),
    },
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    one=VALUES,
    other=VALUES,
    take=st.sets(st.sampled_from(merging.VALUES)),
    bought=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    ages=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_undoing_a_merge_restores_everything(
    cast: Cast,
    one: dict[str, Any],
    other: dict[str, Any],
    take: set[str],
    bought: tuple[int, int],
    ages: tuple[int, int],
) -> None:
    if one.get("member_code") == other.get("member_code"):
        one.pop("member_code", None)
    with transaction.atomic():
        pair = []
        for values, count, age, owner in zip(
            (one, other), bought, ages, (cast.bob_, None), strict=True
        ):
            made = customers.customer(
                **values,
                same_phone_is_fine=True,
                now=customers.NOW - timedelta(days=age),
                owner=owner,
            )
            fill(cast, made, day=count + 1)
            for _ in range(count):
                purchases.sale(customer=made)
            pair.append(made)
        before = picture(*pair)

        join(cast, pair[0], pair[1], *take)
        during = picture(pair[0])
        part(cast, pair[1])

        assert picture(*pair) == before
        assert sum(during["points"].values()) == sum(before["points"].values())
        transaction.set_rollback(True)


def test_what_was_changed_since_the_merge_stays_changed(cast: Cast) -> None:
    kept = customers.customer(name="小明", phone="13800138000")
    absorbed = customers.customer(name="王小明", email="old@b.cn")
    join(cast, kept, absorbed, "name")
    services.update(actor=cast.alice, customer_id=kept.pk, values={"email": "new@b.cn"}, now=LATER)

    part(cast, absorbed)

    row = Customer.objects.get(pk=kept.pk)
    assert (row.name, row.email) == ("小明", "new@b.cn")


def test_what_happened_since_the_merge_stays_with_the_survivor(cast: Cast) -> None:
    kept, absorbed = customers.customer(name="甲"), customers.customer(name="乙")
    join(cast, kept, absorbed)
    note = services.note(actor=cast.alice, customer_id=absorbed.pk, text="后来", now=LATER)

    part(cast, absorbed)

    assert Note.objects.get(pk=note.pk).customer_id == kept.pk


def test_a_merged_record_s_address_leads_to_the_survivor(cast: Cast) -> None:
    kept, absorbed = customers.customer(name="甲"), customers.customer(name="乙")
    join(cast, kept, absorbed)

    assert selectors.get(actor=cast.alice, customer_id=absorbed.pk).pk == kept.pk


def test_merges_in_a_row_are_undone_in_reverse(cast: Cast) -> None:
    a, b, c = [customers.customer(name=name) for name in ("甲", "乙", "丙")]
    before = picture(a, b, c)
    join(cast, b, a)
    join(cast, c, b)

    assert selectors.resolve(customer_id=a.pk) == c.pk
    with pytest.raises(merging.LaterMergeFirst):
        part(cast, a)
    part(cast, b)
    assert selectors.resolve(customer_id=a.pk) == b.pk
    part(cast, a)
    assert picture(a, b, c) == before


def test_what_cannot_be_merged_or_undone_says_why(cast: Cast) -> None:
    kept, absorbed = customers.customer(name="甲"), customers.customer(name="乙")

    with pytest.raises(merging.SamePerson):
        join(cast, kept, kept)
    with pytest.raises(merging.NotMerged):
        part(cast, absorbed)
    with pytest.raises(NotFound):
        merge.unmerge(actor=cast.alice, absorbed_id=uuid4(), now=LATER)
    join(cast, kept, absorbed)
    with pytest.raises(NotFound):
        join(cast, kept, absorbed)  # twice


def test_merging_needs_the_permission_and_both_in_scope(cast: Cast) -> None:
    ours = customers.customer(name="甲", store=cast.north, owner=cast.bob_)
    theirs = customers.customer(name="乙", store=cast.south)

    with pytest.raises(Forbidden):
        merge.merge(actor=cast.bob, kept_id=ours.pk, absorbed_id=theirs.pk, now=LATER)
    with pytest.raises(NotFound):
        merge.merge(actor=cast.carol, kept_id=ours.pk, absorbed_id=theirs.pk, now=LATER)
    assert Customer.objects.filter(state="active").count() == 2
