"""Stores and regions: who may change what, codes, closing, and what franchises share."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from regulars.audit.models import Entry
from regulars.errors import Forbidden, Invalid, NotFound
from regulars.insights.selectors.mapping import map_of
from regulars.staff import devices
from regulars.staff.models import Role
from regulars.stores import selectors, services
from regulars.stores.models import Store
from regulars.stores.services import StoreFacts
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")


def facts(**given: Any) -> StoreFacts:
    """Facts of a store that would be accepted."""
    return StoreFacts(**{"code": "202", "name": "外滩店", "time_zone": "Asia/Shanghai", **given})


def test_head_office_opens_a_store() -> None:
    store = services.add(actor=people.actor(people.owner()), facts=facts(city="上海"))

    store.refresh_from_db()
    assert (store.code, store.name, store.city) == ("202", "外滩店", "上海")
    assert Entry.objects.filter(action="store.added", object_id=store.id).exists()


@pytest.mark.parametrize("role", [Role.REGION_MANAGER, Role.STORE_MANAGER, Role.GUIDE])
def test_nobody_below_head_office_opens_or_closes_stores(role: Role) -> None:
    shop = people.store()
    actor = people.actor(people.staff(role=role, stores=(shop,)))

    with pytest.raises(Forbidden):
        services.add(actor=actor, facts=facts())
    with pytest.raises(Forbidden):
        services.close(actor=actor, store_id=shop.id, on=date(2026, 12, 1))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "x" * 31}, "code"),
        ({"name": " "}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"ownership": "rented"}, "ownership"),
        ({"hours": {"week": {"mon": [["10:00", "9:00"]]}}}, "hours"),
    ],
)
def test_a_fault_is_named_at_its_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.add(actor=people.actor(people.owner()), facts=facts(**given))

    assert field in refusal.value.fields


def test_a_code_belongs_to_one_store() -> None:
    people.store(code="202")

    with pytest.raises(services.CodeTaken):
        services.add(actor=people.actor(people.owner()), facts=facts())


def test_many_stores_are_opened_all_or_none(django_assert_max_num_queries: Any) -> None:
    actor = people.actor(people.owner())
    many = [facts(code=f"n{number}") for number in range(90)]

    with django_assert_max_num_queries(9):
        services.add_many(actor=actor, rows=many)
    with pytest.raises(services.CodeTaken):
        services.add_many(actor=actor, rows=[facts(code="fresh"), facts(code="n7")])

    assert Store.objects.count() == 91


def test_two_rows_with_one_code_are_refused_before_anything_is_made() -> None:
    with pytest.raises(services.CodeTaken):
        services.add_many(actor=people.actor(people.owner()), rows=[facts(), facts()])


def test_a_manager_changes_the_hours_of_their_own_store_only() -> None:
    own, other = people.store(code="e1"), people.store(code="w1")
    actor = people.actor(people.staff(role=Role.STORE_MANAGER, stores=(own,)))

    changed = services.edit(
        actor=actor, store_id=own.id, changes={"hours": {"week": {}}, "phone": "+862112345678"}
    )
    with pytest.raises(NotFound):
        services.edit(actor=actor, store_id=other.id, changes={"phone": "1"})

    assert changed.hours["week"]["mon"] == []
    entry = Entry.objects.get(action="store.changed")
    assert entry.data == {"changed": ["hours", "phone"]}


@pytest.mark.parametrize(
    "changes", [{"code": "new"}, {"ownership": "franchise"}, {"opened_on": date(2020, 1, 1)}]
)
def test_what_is_head_offices_is_not_the_managers(changes: dict[str, Any]) -> None:
    own = people.store(code="e1")
    actor = people.actor(people.staff(role=Role.STORE_MANAGER, stores=(own,)))

    with pytest.raises(Forbidden):
        services.edit(actor=actor, store_id=own.id, changes=changes)


def test_saving_what_is_there_already_writes_nothing() -> None:
    own = people.store(code="e1")

    services.edit(
        actor=people.actor(people.owner()),
        store_id=own.id,
        changes={"name": own.name, "code": "e1", "phone": ""},
    )

    assert not Entry.objects.filter(action="store.changed").exists()


def test_a_closed_store_stays_with_its_last_day_and_can_be_opened_again() -> None:
    own = people.store(code="e1", opened_on=date(2024, 5, 1))
    actor = people.actor(people.owner())

    with pytest.raises(Invalid):
        services.close(actor=actor, store_id=own.id, on=date(2024, 4, 30))
    services.close(actor=actor, store_id=own.id, on=date(2024, 12, 31))
    assert own not in selectors.open_stores(actor.scope)
    assert own in selectors.visible(actor.scope)
    services.reopen(actor=actor, store_id=own.id)

    assert own in selectors.open_stores(actor.scope)


def test_a_store_that_will_close_is_open_until_the_day_has_come() -> None:
    own = people.store(code="e1", region=people.region())
    actor = people.actor(people.owner())
    tomorrow = timezone.localdate(timezone=context.current().zone) + timedelta(days=1)
    before = selectors.count_open()

    services.close(actor=actor, store_id=own.id, on=tomorrow)
    assert own in selectors.open_stores(actor.scope)
    assert devices.mark(actor=actor, store_id=own.id) == own
    assert [each.is_closed for each in map_of(actor.scope).shops if each.id == own.id] == [False]
    assert selectors.count_open() == before

    services.close(actor=actor, store_id=own.id, on=tomorrow - timedelta(days=1))
    assert own not in selectors.open_stores(actor.scope)
    with pytest.raises(NotFound):
        devices.mark(actor=actor, store_id=own.id)
    assert [each.is_closed for each in map_of(actor.scope).shops if each.id == own.id] == [True]
    assert selectors.count_open() == before - 1


def test_a_closed_store_gets_no_other_closing_day_that_would_open_it() -> None:
    own = people.store(code="e1")
    actor = people.actor(people.owner())
    services.close(actor=actor, store_id=own.id, on=date(2020, 1, 1))
    number = selectors.count_open()

    with pytest.raises(services.ClosedAlready):
        services.close(actor=actor, store_id=own.id, on=date(2099, 1, 1))

    assert selectors.count_open() == number


def test_head_office_cannot_take_what_a_franchise_keeps() -> None:
    franchise = people.store(code="fr", ownership=Store.Ownership.FRANCHISE, shares_customers=False)
    office = people.actor(people.owner())
    theirs = people.actor(people.staff(role=Role.STORE_MANAGER, stores=(franchise,)))

    for changes in ({"shares_customers": True}, {"ownership": Store.Ownership.OWN}):
        with pytest.raises(services.SharingIsTheirs):
            services.edit(actor=office, store_id=franchise.id, changes=changes)
    services.edit(actor=theirs, store_id=franchise.id, changes={"shares_customers": True})

    franchise.refresh_from_db()
    assert franchise.shares_customers


def test_head_office_may_stop_seeing() -> None:
    franchise = people.store(code="fr", ownership=Store.Ownership.FRANCHISE)

    services.edit(
        actor=people.actor(people.owner()),
        store_id=franchise.id,
        changes={"shares_figures": False},
    )

    franchise.refresh_from_db()
    assert not franchise.shares_figures


def test_regions_have_codes_of_their_own(inside_aurum: ChainInfo) -> None:
    actor = people.actor(people.owner())
    east = services.add_region(actor=actor, code="east", name="华东")
    services.add_region(actor=actor, code="west", name="西部")

    with pytest.raises(services.CodeTaken):
        services.edit_region(actor=actor, region_id=east.id, code="west", name="华东")
    services.edit_region(actor=actor, region_id=east.id, code="east", name="华东大区")

    assert [each.name for each in selectors.visible_regions(actor.scope)] == ["华东大区", "西部"]


def test_a_region_manager_sees_the_own_region_only() -> None:
    east, west = people.region(), people.region(code="west", name="西部")
    people.store(code="e1", region=east)
    people.store(code="w1", region=west)
    actor = people.actor(people.staff(role=Role.REGION_MANAGER, regions=(east,)))

    assert list(selectors.visible_regions(actor.scope)) == [east]
    assert [each.code for each in selectors.visible(actor.scope)] == ["e1"]
