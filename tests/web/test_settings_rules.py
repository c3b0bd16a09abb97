"""Rules in the settings: policies, numbers of rules, what is in use; by head office alone."""

import pytest
from django.core.cache import cache

from regulars import registry
from regulars.registry.policies import POLICIES
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import signed_in


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


def policies(**changes: str) -> dict[str, str]:
    held = {key: registry.policy(key) for key in POLICIES}
    given = {key: str(value) for key, value in held.items() if value not in (False, None)}
    return given | changes


def test_every_rule_of_the_industry_is_on_the_page() -> None:
    page = signed_in().get("/settings/rules/").content.decode()

    for rule in (*registry.vertical().rates, *registry.vertical().bonuses):
        assert rule.key in page


def test_a_changed_policy_holds() -> None:
    answer = signed_in().post(
        "/settings/rules/", policies(**{"points.after-return": "clamp", "points.expiry-months": ""})
    )

    assert answer.status_code == 302
    assert registry.policy("points.after-return") == "clamp"
    assert registry.policy("points.expiry-months") is None


def test_a_policy_that_makes_no_sense_is_refused_and_nothing_changes() -> None:
    answer = signed_in().post("/settings/rules/", policies(**{"points.expiry-months": "999"}))

    assert answer.status_code == 422
    assert registry.policy("points.expiry-months") == POLICIES["points.expiry-months"].default


def test_the_numbers_of_a_rule_can_be_changed_and_given_up_again() -> None:
    client = signed_in()
    rate = registry.vertical().rates[0]
    words = {"zh_hans": rate.says.zh_hans, "zh_hant": rate.says.zh_hant, "en": rate.says.en}
    address = f"/settings/rules/rate/{rate.key}/"

    client.post(address, {"points": "3", "per": str(rate.per), **words})
    changed = registry.vertical().rates[0].points
    client.post(f"{address}follow/")

    assert changed == 3
    assert registry.vertical().rates[0].points == rate.points


@pytest.mark.parametrize("per", ["1e99999999", "1e-99999999", "1e13", "0.0000001", "NaN"])
def test_a_number_nobody_can_reckon_with_is_refused(per: str) -> None:
    rate = registry.vertical().rates[0]
    words = {"zh_hans": rate.says.zh_hans, "zh_hant": rate.says.zh_hant, "en": rate.says.en}

    answer = signed_in().post(
        f"/settings/rules/rate/{rate.key}/", {"points": 3, "per": per, **words}
    )

    assert answer.status_code == 422
    assert registry.vertical().rates[0] == rate


def test_a_rule_can_be_turned_off_and_on() -> None:
    client = signed_in()
    key = registry.vertical().bonuses[0].key

    client.post(f"/settings/rules/bonus/{key}/switch/")
    off = registry.vertical().bonuses[0].retired
    client.post(f"/settings/rules/bonus/{key}/switch/")

    assert off is True
    assert registry.vertical().bonuses[0].retired is False


def test_a_sentence_without_its_places_is_refused_with_the_reason() -> None:
    client = signed_in()
    rate = registry.vertical().rates[0]

    answer = client.post(
        f"/settings/rules/rate/{rate.key}/",
        {"points": "3", "per": str(rate.per), "zh_hans": "{nonsense}", "zh_hant": "", "en": ""},
    )

    assert answer.status_code == 422
    assert "nonsense" in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/settings/rules/nonsense/x/", "/settings/rules/rate/no-such-rule/"]
)
def test_a_rule_that_does_not_exist_is_not_found(address: str) -> None:
    assert signed_in().get(address).status_code == 404


def test_others_may_not_change_rules() -> None:
    people.staff(
        name="Bob", role=Role.STORE_MANAGER, stores=(people.first_store(),), email="b@a.example"
    )

    assert signed_in(email="b@a.example").get("/settings/rules/").status_code == 403
