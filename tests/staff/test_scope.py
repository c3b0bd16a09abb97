"""Who sees which stores: regions, stores, one's own customers, and what franchises keep (H4)."""

from typing import Any

import pytest
from django.test import RequestFactory

from regulars.audit import Scope
from regulars.staff import selectors
from regulars.staff.models import Role, Staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture
def chain_of_four() -> dict[str, Store]:
    east, west = people.region(), people.region(code="west", name="西部")
    return {
        "e1": people.store(code="e1", region=east),
        "e2": people.store(code="e2", region=east),
        "w1": people.store(code="w1", region=west),
        "fr": people.store(
            code="fr",
            region=west,
            ownership=Store.Ownership.FRANCHISE,
            shares_customers=False,
            shares_figures=True,
        ),
    }


@pytest.mark.parametrize("role", [Role.OWNER, Role.HEAD_OFFICE, Role.ANALYST])
def test_the_whole_chain_is_in_the_scope_of_head_office(
    chain_of_four: dict[str, Store], role: Role
) -> None:
    scope = selectors.scope_of(people.staff(role=role))

    assert scope.everything
    assert scope.covers(chain_of_four["e1"].id)
    assert scope.covers(None)


def test_a_region_manager_sees_the_stores_of_the_region(chain_of_four: dict[str, Store]) -> None:
    east = chain_of_four["e1"].region
    assert east is not None

    scope = selectors.scope_of(people.staff(role=Role.REGION_MANAGER, regions=(east,)))

    assert scope.store_ids == {chain_of_four["e1"].id, chain_of_four["e2"].id}
    assert not scope.covers(None)


def test_a_store_that_joins_the_region_joins_the_scope(chain_of_four: dict[str, Store]) -> None:
    east = chain_of_four["e1"].region
    assert east is not None
    manager = people.staff(role=Role.REGION_MANAGER, regions=(east,))

    new = people.store(code="e3", region=east)

    assert selectors.scope_of(manager).covers(new.id)


def test_a_guide_sees_the_store_and_lists_own_customers(chain_of_four: dict[str, Store]) -> None:
    guide = people.staff(stores=(chain_of_four["e1"], chain_of_four["w1"]))

    scope = selectors.scope_of(guide)

    assert scope.store_ids == {chain_of_four["e1"].id, chain_of_four["w1"].id}
    assert scope.own_customers_of == guide.id


def test_a_store_manager_lists_every_customer_of_the_store(
    chain_of_four: dict[str, Store],
) -> None:
    scope = selectors.scope_of(people.staff(role=Role.STORE_MANAGER, stores=(chain_of_four["e1"],)))

    assert scope.own_customers_of is None
    assert scope.store_ids == {chain_of_four["e1"].id}


@pytest.mark.parametrize("role", [Role.OWNER, Role.REGION_MANAGER])
def test_what_a_franchise_keeps_is_withheld_from_those_above(
    chain_of_four: dict[str, Store], role: Role
) -> None:
    west = chain_of_four["w1"].region
    assert west is not None
    regions = (west,) if role == Role.REGION_MANAGER else ()

    scope = selectors.scope_of(people.staff(role=role, regions=regions))

    franchise = chain_of_four["fr"].id
    assert not scope.covers(franchise)
    assert scope.covers_figures(franchise)
    assert scope.covers(chain_of_four["w1"].id)


def test_the_franchises_own_people_see_their_customers(chain_of_four: dict[str, Store]) -> None:
    manager = people.staff(role=Role.STORE_MANAGER, stores=(chain_of_four["fr"],))

    assert selectors.scope_of(manager).covers(chain_of_four["fr"].id)


def test_rows_are_kept_by_the_condition_of_the_scope(chain_of_four: dict[str, Store]) -> None:
    guide = people.staff(stores=(chain_of_four["e1"],))
    office = people.staff(role=Role.HEAD_OFFICE)
    homeless = people.staff(name="Nobody's")

    def seen(scope: Scope, of: Any) -> set[str]:
        kept = Staff.objects.filter(stores.within(scope, "home_store", of=of))
        return set(kept.values_list("name", flat=True))

    people.staff(name="Franchise", stores=(chain_of_four["fr"],))
    assert seen(selectors.scope_of(guide), "customers") == {"Bob"}
    assert homeless.name in seen(selectors.scope_of(office), "customers")
    assert "Franchise" not in seen(selectors.scope_of(office), "customers")
    assert "Franchise" in seen(selectors.scope_of(office), "figures")
    assert seen(Scope(), "customers") == set()


@pytest.mark.parametrize("state", [Staff.State.LEFT, Staff.State.INVITED])
def test_who_does_not_work_here_has_no_scope_and_no_permission(state: Staff.State) -> None:
    gone = people.staff(role=Role.OWNER, state=state)

    actor = selectors.actor_of(gone)

    assert actor.may == frozenset()
    assert not actor.scope.everything


def test_resolving_who_acts_takes_one_query_for_the_whole_request(
    chain_of_four: dict[str, Store], django_assert_num_queries: Any
) -> None:
    guide = people.staff(stores=tuple(chain_of_four.values()))
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]

    with django_assert_num_queries(1):
        first = selectors.actor_of(guide, request=request)
        second = selectors.actor_of(guide, request=request)

    assert first is second
    assert first.address == "127.0.0.1"


def test_the_list_of_the_team_holds_who_works_in_the_stores_one_sees(
    chain_of_four: dict[str, Store],
) -> None:
    east = chain_of_four["e1"].region
    assert east is not None
    people.staff(name="East boss", role=Role.REGION_MANAGER, regions=(east,))
    people.staff(name="Guide e1", stores=(chain_of_four["e1"],))
    people.staff(name="Guide w1", stores=(chain_of_four["w1"],))
    manager = people.staff(name="Boss e1", role=Role.STORE_MANAGER, stores=(chain_of_four["e1"],))

    seen = selectors.visible(selectors.scope_of(manager)).values_list("name", flat=True)

    assert set(seen) == {"East boss", "Guide e1", "Boss e1"}
