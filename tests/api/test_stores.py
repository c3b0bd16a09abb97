"""Stores and guides, to read."""

from collections.abc import Callable

from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import people


def test_stores_and_guides_are_listed(till: Till, store: str) -> None:
    assert [each["code"] for each in till.get("stores").json()["data"]] == [store]
    assert [each["name"] for each in till.get("guides").json()["data"]] == ["Alice"]


def test_a_key_of_one_store_sees_that_store_and_its_people(
    aurum: ChainInfo, make_till: Callable[..., Till]
) -> None:
    with context.inside(aurum):
        other = people.store(code="999")
        people.staff(name="Bob", stores=(other,))
    bound = make_till(aurum, "till", store_id=other.id)

    assert [each["code"] for each in bound.get("stores").json()["data"]] == ["999"]
    assert [each["name"] for each in bound.get("guides").json()["data"]] == ["Bob"]
