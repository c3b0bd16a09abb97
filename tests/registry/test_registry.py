"""Verticals are loaded, checked and refused; a chain's own changes stay, the rest follows."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from regulars import audit, registry
from regulars.kit import Label, Rate, Vertical, plain
from regulars.registry import loading, selectors, services
from regulars.registry.models import Declaration
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo


def point(name: str, loaded: Any) -> Any:
    def load() -> Any:
        if isinstance(loaded, Exception):
            raise loaded
        return loaded

    return SimpleNamespace(name=name, value=f"{name}_package:vertical", load=load)


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let a test say which packages are installed."""
    points: list[Any] = []
    monkeypatch.setattr(loading, "entry_points", lambda group: points)
    monkeypatch.setattr(loading, "installed", loading.installed.__wrapped__)
    return points


def tea(version: str = "1", points: int = 1) -> Vertical:
    return Vertical(
        key="tea",
        version=version,
        name=Label(zh_hans="茶叶", en="Tea"),
        summary=Label(zh_hans="茶叶店", en="Tea shops"),
        rates=(Rate(key="base", says=Label(zh_hans="消费积分", en="Points"), points=points),),
    )


def test_the_four_industries_are_installed() -> None:
    assert set(loading.installed()) >= {"jewelry", "beauty", "homestyle", "restaurant"}


def test_a_good_package_is_loaded(entry_points: list[Any]) -> None:
    entry_points.append(point("tea", tea()))

    assert loading.installed()["tea"].key == "tea"


@pytest.mark.parametrize(
    ("name", "loaded", "says"),
    [
        ("tea", ImportError("no module named leaves"), "could not be loaded"),
        ("tea", object(), "is no Vertical"),
        ("coffee", tea(), "the entry point is 'coffee'"),
    ],
)
def test_a_wrong_package_is_refused_by_name(
    entry_points: list[Any], name: str, loaded: Any, says: str
) -> None:
    entry_points.append(point(name, loaded))

    with pytest.raises(loading.VerticalRefused, match=says):
        loading.installed()


def test_all_wrong_packages_are_named_at_once(entry_points: list[Any]) -> None:
    entry_points += [point("tea", object()), point("coffee", ValueError("boom"))]

    with pytest.raises(loading.VerticalRefused) as refusal:
        loading.installed()

    assert "tea_package" in str(refusal.value)
    assert "coffee_package" in str(refusal.value)


def test_two_packages_may_not_declare_one_industry(entry_points: list[Any]) -> None:
    entry_points += [point("tea", tea()), point("tea", tea())]

    with pytest.raises(loading.VerticalRefused, match="already declares"):
        loading.installed()


def test_what_head_office_changed_is_kept_when_the_vertical_is_upgraded() -> None:
    own = plain.dump(Rate(key="base", says=Label(zh_hans="双倍", en="Double"), points=2))
    row = Declaration(noun="rate", key="base", body=own)

    upgraded = selectors.changed(tea(version="2", points=5), [row])

    assert upgraded.rates[0].points == 2


def test_what_was_not_changed_follows_the_upgrade() -> None:
    assert selectors.changed(tea(version="2", points=5), []).rates[0].points == 5


def test_a_changed_rule_holds_for_its_chain_alone(
    aurum: ChainInfo, bloom: ChainInfo, now: datetime
) -> None:
    with context.inside(aurum):
        first = registry.vertical().rates[0]
        body = plain.dump(first) | {"points": 7}
        services.declare(actor=audit.SYSTEM, noun="rate", key=first.key, body=body, now=now)

        assert registry.vertical().rates[0].points == 7
    with context.inside(bloom):
        assert not Declaration.objects.exists()


def test_a_rule_left_out_can_be_taken_in_again(inside_aurum: ChainInfo, now: datetime) -> None:
    key = registry.vertical().bonuses[0].key

    services.declare(actor=audit.SYSTEM, noun="bonus", key=key, body={"off": True}, now=now)
    without = [each.key for each in registry.vertical().bonuses if not each.retired]
    services.follow_vertical(actor=audit.SYSTEM, noun="bonus", key=key)

    assert key not in without
    assert key in [each.key for each in registry.vertical().bonuses if not each.retired]


def test_a_change_that_contradicts_the_rules_is_refused_and_names_the_fault(
    inside_aurum: ChainInfo, now: datetime
) -> None:
    first = registry.vertical().rates[0]

    with pytest.raises(services.DeclarationRefused) as refusal:
        services.declare(
            actor=audit.SYSTEM,
            noun="rate",
            key=first.key,
            body=plain.dump(first) | {"per": -3},
            now=now,
        )

    assert len(str(refusal.value)) > 20
    assert not Declaration.objects.exists()


def test_a_declaration_that_clashes_with_an_upgrade_stops_no_sale_and_is_named(
    inside_aurum: ChainInfo, now: datetime
) -> None:
    first = registry.vertical().rates[0]
    Declaration.objects.create(noun="rate", key=first.key, body={"per": "of another version"})
    services.declare(
        actor=audit.SYSTEM,
        noun="bonus",
        key=registry.vertical().bonuses[0].key,
        body={"off": True},
        now=now,
    )

    selectors.forget(inside_aurum.id)

    assert registry.vertical().rates[0] == first
    assert registry.vertical().bonuses[0].retired is True
    assert [row.key for row, _reason in selectors.conflicts()] == [first.key]


def test_a_policy_has_its_default_until_it_is_set(inside_aurum: ChainInfo, now: datetime) -> None:
    before = registry.policy("points.after-return")
    services.set_policy(actor=audit.SYSTEM, key="points.after-return", value="clamp", now=now)

    assert (before, registry.policy("points.after-return")) == ("debt", "clamp")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("points.after-return", "forget"),
        ("points.expiry-months", 0),
        ("points.expiry-months", "ten"),
        ("points.expiry-months", True),
        ("customers.ask-ethnicity", 1),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(
    inside_aurum: ChainInfo, now: datetime, key: str, value: Any
) -> None:
    with pytest.raises(services.PolicyRefused):
        services.set_policy(actor=audit.SYSTEM, key=key, value=value, now=now)


def test_every_change_is_in_the_audit(inside_aurum: ChainInfo, now: datetime) -> None:
    from regulars.audit.models import Entry

    services.set_policy(actor=audit.SYSTEM, key="points.rounding", value="half-up", now=now)

    assert Entry.objects.get(action="declaration.changed").data["key"] == "points.rounding"
