"""Making customers, and changing the basic file."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from regulars.audit.models import Entry
from regulars.customers import naming, selectors, services
from regulars.customers.models import Customer
from regulars.errors import Forbidden, Invalid, NotFound
from regulars.tenancy import context, directory
from tests.customers.conftest import Cast
from tests.factories import customers, people


def history(customer_id: object) -> list[str]:
    """Return what the audit says happened to somebody."""
    rows = Entry.objects.filter(object_id=customer_id).order_by("pk")  # type: ignore[misc]
    return list(rows.values_list("action", flat=True))


def test_a_name_and_a_phone_make_a_customer(cast: Cast) -> None:
    made = customers.customer(name=" 王 小明 ", phone="138 0013 8000", actor=cast.bob)

    row = Customer.objects.get(pk=made.pk)
    assert (row.name, row.phone) == ("王小明", "+8613800138000")
    assert (row.pinyin, row.initials) == ("wangxiaoming", "wxm")
    assert (row.joined_at, row.state) == (customers.NOW, "active")
    assert history(row.pk) == ["customer.created"]


@pytest.mark.parametrize(
    "facts",
    [{"name": "王小明"}, {"name": "", "phone": "13800138000"}, {"name": "", "member_code": "7"},
     {"name": "", "identities": [("taobao", "x")]}],
)  # fmt: skip
def test_any_one_thing_to_know_them_by_is_enough(cast: Cast, facts: dict[str, Any]) -> None:
    assert customers.customer(**facts).pk


@pytest.mark.parametrize("facts", [{"name": ""}, {"name": " \u200b "}, {"name": "", "phone": "-"}])
def test_nothing_to_know_them_by_is_refused(cast: Cast, facts: dict[str, str]) -> None:
    with pytest.raises(services.NothingToKnowThemBy):
        customers.customer(**facts)  # type: ignore[arg-type]


def test_a_guide_s_new_customer_is_on_their_list_and_of_their_store(cast: Cast) -> None:
    made = customers.customer(actor=cast.bob)

    assert (made.owner_id, made.home_store_id) == (cast.bob_.pk, cast.north.pk)
    assert selectors.get(actor=cast.bob, customer_id=made.pk).pk == made.pk


def test_head_office_s_new_customer_belongs_to_nobody_yet(cast: Cast) -> None:
    made = customers.customer(actor=cast.alice)

    assert (made.owner_id, made.home_store_id) == (None, None)


def test_a_known_phone_is_said_before_a_second_record_is_made(cast: Cast) -> None:
    first = customers.customer(phone="13800138000", owner=cast.bob_)

    with pytest.raises(services.PhoneKnown) as refusal:
        customers.customer(phone="+86 13800138000", actor=cast.charlie)

    assert refusal.value.customer_ids == (first.pk,)
    assert "phone" in refusal.value.fields
    assert Customer.objects.count() == 1
    family = customers.customer(name="王母", phone="13800138000", same_phone_is_fine=True)
    assert family.phone == "+8613800138000"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"email": "x"}, "email"),
        ({"gender": "robot"}, "gender"),
        ({"name": "x" * 81}, "name"),
        ({"member_code": "x" * 41}, "member_code"),
        ({"address": "上海"}, "address"),
        ({"shoe_size": 42}, "shoe_size"),
        ({"extra": {"ring-size": "big"}}, "extra.ring-size"),
        ({"extra": {"nobody": 1}}, "extra.nobody"),
        ({"extra": {"allergy": "nickel"}}, "extra.allergy"),
        ({"identities": [("", "7")]}, "identities"),
    ],
)
def test_what_cannot_be_stored_is_refused_at_its_field(
    cast: Cast, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        customers.customer(**facts)

    assert list(refusal.value.fields) == [field]
    assert not Customer.objects.exists()


def test_a_code_or_card_of_somebody_else_is_refused(cast: Cast) -> None:
    customers.customer(member_code="VIP1", identities=[("card", "C1")])

    with pytest.raises(services.CodeTaken):
        customers.customer(member_code="vip 1")
    with pytest.raises(services.NumberTaken):
        customers.customer(identities=[("card", "c1")])
    assert Customer.objects.count() == 1


def test_only_what_is_given_changes(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone="13800138000", email="a@b.cn", owner=cast.bob_)
    later = customers.NOW + timedelta(days=1)

    row = services.update(
        actor=cast.bob,
        customer_id=made.pk,
        values={"name": "王晓明", "address": {"city": " 上海 ", "line": "", "moon": "x"}},
        now=later,
    )

    assert (row.name, row.phone, row.email) == ("王晓明", "+8613800138000", "a@b.cn")
    assert row.address == {"city": "上海"}
    assert row.changed_at == later
    assert [each.id for each in selectors.search(actor=cast.bob, text="晓明").customers] == [row.pk]
    entry = Entry.objects.get(action="customer.changed")
    assert entry.data == {"columns": ["address", "name"]}  # never the values


def test_an_empty_value_clears_but_never_the_last_way_to_know_them(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone="13800138000")

    row = services.update(
        actor=cast.alice, customer_id=made.pk, values={"phone": ""}, now=customers.NOW
    )

    assert row.phone is None
    with pytest.raises(services.NothingToKnowThemBy):
        services.update(
            actor=cast.alice, customer_id=made.pk, values={"name": ""}, now=customers.NOW
        )
    assert Customer.objects.get(pk=made.pk).name == "王小明"


def test_changing_nothing_leaves_no_trace(cast: Cast) -> None:
    made = customers.customer(name="王小明")

    services.update(
        actor=cast.alice, customer_id=made.pk, values={"name": "王 小明"}, now=customers.NOW
    )

    assert history(made.pk) == ["customer.created"]


def test_two_who_write_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    made = customers.customer(name="王小明")
    opened = made.changed_at
    later = opened + timedelta(minutes=1)
    services.update(actor=cast.alice, customer_id=made.pk, values={"email": "a@b.cn"}, now=later)

    with pytest.raises(services.ChangedMeanwhile):
        services.update(
            actor=cast.alice,
            customer_id=made.pk,
            values={"email": "old@b.cn"},
            now=later,
            unchanged_since=opened,
        )

    assert Customer.objects.get(pk=made.pk).email == "a@b.cn"


def test_the_outsider_can_neither_read_nor_change_nor_learn_that_there_is_somebody(
    cast: Cast,
) -> None:
    made = customers.customer(owner=cast.bob_, store=cast.north)

    for customer_id in (made.pk, uuid4()):
        with pytest.raises(NotFound):
            selectors.get(actor=cast.charlie, customer_id=customer_id)
        with pytest.raises(NotFound):
            services.update(
                actor=cast.charlie, customer_id=customer_id, values={"name": "X"}, now=customers.NOW
            )
        with pytest.raises(NotFound):
            services.reveal_phone(actor=cast.charlie, customer_id=customer_id, now=customers.NOW)


def test_an_analyst_reads_and_changes_nothing(cast: Cast) -> None:
    made = customers.customer()

    assert selectors.get(actor=cast.ann, customer_id=made.pk).pk == made.pk
    with pytest.raises(Forbidden):
        customers.customer(name="X", actor=cast.ann)
    with pytest.raises(Forbidden):
        services.reveal_phone(actor=cast.ann, customer_id=made.pk, now=customers.NOW)


def test_revealing_a_phone_is_written_down(cast: Cast) -> None:
    made = customers.customer(phone="13800138000", owner=cast.bob_, store=cast.north)

    shown = services.reveal_phone(actor=cast.carol, customer_id=made.pk, now=customers.NOW)

    assert shown == "+8613800138000"
    entry = Entry.objects.get(action="customer.phone-revealed")
    assert (entry.actor_id, entry.object_id) == (cast.carol.id, made.pk)
    assert "8000" not in str(entry.data)


def test_a_phone_is_open_on_one_s_own_list_and_to_programs_only(cast: Cast) -> None:
    assert selectors.may_read_phone(cast.bob, cast.bob_.pk)
    assert not selectors.may_read_phone(cast.carol, cast.bob_.pk)
    assert not selectors.may_read_phone(cast.alice, None)
    assert not selectors.may_read_phone(replace(cast.alice, id=None), None)


def test_numbers_can_be_added_and_removed(cast: Cast) -> None:
    made = customers.customer()
    other = customers.customer(name="李雷")

    card = services.add_identity(
        actor=cast.alice, customer_id=made.pk, source="card", number="a 1", now=customers.NOW
    )
    again = services.add_identity(
        actor=cast.alice, customer_id=made.pk, source="card", number="A1", now=customers.NOW
    )

    assert (card.pk, card.number) == (again.pk, "A1")
    with pytest.raises(services.NumberTaken):
        services.add_identity(
            actor=cast.alice, customer_id=other.pk, source="card", number="A1", now=customers.NOW
        )
    with pytest.raises(NotFound):
        services.remove_identity(
            actor=cast.alice, customer_id=other.pk, identity_id=card.pk, now=customers.NOW
        )
    services.remove_identity(
        actor=cast.alice, customer_id=made.pk, identity_id=card.pk, now=customers.NOW
    )
    assert not selectors.identities(made.pk).exists()


@pytest.mark.usefixtures("own_database")
def test_of_two_tills_that_enter_one_phone_at_once_one_is_told() -> None:
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        alice = people.actor(people.owner())
    told: list[str] = []
    start = threading.Barrier(4)

    def enter() -> None:
        try:
            with context.inside(chain):
                start.wait(timeout=10)
                customers.customer(phone="13800138000", actor=alice)
                told.append("made")
        except services.PhoneKnown:
            told.append("known")
        finally:
            connections.close_all()

    tills = [threading.Thread(target=enter) for _ in range(4)]
    for till in tills:
        till.start()
    for till in tills:
        till.join(timeout=30)

    assert sorted(told) == ["known", "known", "known", "made"]


def test_a_name_that_is_only_marks_is_kept_as_it_is(cast: Cast) -> None:
    assert naming.clean_name("·") == "·"
    assert customers.customer(name="·").pinyin == ""
