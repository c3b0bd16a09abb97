"""The contact budget on its page: in words, as a picture, varied by place, tried on a customer."""

from typing import Any

import pytest

from regulars.messages import budgets
from regulars.registry.models import Declaration
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.web.sending import budget_words
from tests.factories import people
from tests.factories.contacts import budget, limits, person, reserve
from tests.factories.customers import NOW
from tests.factories.headoffice import text_of
from tests.factories.visitors import Visitor
from tests.isolation.cast import entered

FORM = {
    "most_0": "2", "purpose_0": "any", "days_0": "7",
    "most_1": "1", "purpose_1": "selling", "days_1": "30",
    "distance": "36", "quiet_from": "20:00", "quiet_until": "10:00",
}  # fmt: skip


@pytest.fixture
def office(inside_aurum: ChainInfo) -> Visitor:
    return entered(people.owner(), inside_aurum)


def test_the_default_is_told_in_words(office: Visitor) -> None:
    text = text_of(office.get("/settings/budget/"))

    assert "At most 3 contacts, greetings and offers together, in any 7 days." in text
    assert "At least 24 hours lie between two contacts." in text
    assert "from 21:00 to 09:00" in text


def test_what_is_typed_holds_from_then_on(office: Visitor) -> None:
    assert office.post("/settings/budget/", FORM).status_code == 302

    found = budgets.of()
    assert [(each.purpose, each.most, each.days) for each in found.limits] == [
        ("any", 2, 7),
        ("selling", 1, 30),
    ]
    assert found.distance.total_seconds() == 36 * 3600
    assert found.quiet is not None


@pytest.mark.parametrize(
    "wrong", [{"days_0": ""}, {"most_0": "-1"}, {"distance": ""}, {"quiet_until": ""}]
)
def test_half_a_rule_is_refused(office: Visitor, wrong: dict[str, str]) -> None:
    assert office.post("/settings/budget/", {**FORM, **wrong}).status_code == 422
    assert not Declaration.objects.filter(noun="budget").exists()


def test_a_store_differs_only_in_what_it_says(office: Visitor) -> None:
    store = people.store()
    office.post("/settings/budget/", FORM)
    url = f"/settings/budget/stores/{store.pk}/"

    answer = office.post(url, {"distance": "1", "follows_limits": "on", "follows_quiet": "on"})

    assert answer.status_code == 302
    here = budgets.of(home_store_id=store.pk)
    assert here.distance.total_seconds() == 3600
    assert here.limits == budgets.of().limits
    assert "differs" in text_of(office.get("/settings/budget/"))
    office.post(url, {"follows_distance": "on", "follows_limits": "on", "follows_quiet": "on"})
    assert budgets.of(home_store_id=store.pk) == budgets.of()


def test_an_exception_of_a_level_outlives_a_change_of_the_chains_budget(office: Visitor) -> None:
    url = "/settings/budget/tiers/gold/"
    form = {**FORM, "most_0": "9", "follows_distance": "on", "follows_quiet": "on"}

    assert office.post(url, form).status_code == 302
    assert office.post("/settings/budget/", FORM).status_code == 302

    assert budgets.of(tier="gold").limits[0].most == 9
    assert budgets.of(tier="gold").distance.total_seconds() == 36 * 3600
    assert budgets.of().limits[0].most == 2


@pytest.mark.parametrize("path", ["tiers/nobody/", f"stores/{'0' * 8}-0000-0000-0000-{'0' * 12}/"])
def test_a_place_there_is_not_is_not_found(office: Visitor, path: str) -> None:
    assert office.get(f"/settings/budget/{path}").status_code == 404


def test_a_region_shows_what_it_declares_over_the_chain(office: Visitor) -> None:
    region = people.region()
    budget(region_id=region.pk, limits=limits(most=7))

    text = text_of(office.get(f"/settings/budget/regions/{region.pk}/"))

    assert "At most 7 contacts" in text


def test_the_trial_says_what_would_happen_and_writes_nothing(office: Visitor) -> None:
    budget(limits=limits(most=1, days=30))
    carol = person(name="Carol Fisher")
    reserve(carol)

    text = text_of(office.get("/settings/budget/", {"q": "Carol"}))

    assert "Carol Fisher" in text
    assert "This customer was contacted often enough." in text
    assert "goes through" in text  # service always does
    assert carol.contacts.count() == 1


def test_several_who_are_found_are_offered(office: Visitor) -> None:
    one, other = person(name="Carol Fisher"), person(name="Carol King")

    page = office.get("/settings/budget/", {"q": "Carol"}).content.decode()

    assert f"?customer={one.pk}" in page
    assert f"?customer={other.pk}" in page


def test_the_picture_shows_what_goes_through(inside_aurum: ChainInfo) -> None:
    budget(limits=limits(most=2), distance=24 * 60, quiet=["21:00", "09:00"])

    found = budget_words.picture(budgets.of(), purpose="care", now=NOW, zone=inside_aurum.zone)

    assert len(found.moments) == 4  # two a week
    assert found.bands == [(0.0, 37.5), (87.5, 12.5)]
    assert all(37.5 <= y <= 87.5 for _x, y in found.dots)


@pytest.mark.parametrize("body", [{"limits": []}, {"limits": limits(most=0)}])
def test_the_picture_of_an_extreme_budget_ends(
    inside_aurum: ChainInfo, body: dict[str, Any]
) -> None:
    budget(**body)

    found = budget_words.picture(budgets.of(), purpose="care", now=NOW, zone=inside_aurum.zone)

    assert len(found.dots) in (0, 60)


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.GUIDE, Role.ANALYST])
def test_others_may_not_change_it(inside_aurum: ChainInfo, role: Role) -> None:
    bob = people.staff(name="Bob", role=role, stores=(people.store(),))

    assert entered(bob, inside_aurum).post("/settings/budget/", FORM).status_code == 403
