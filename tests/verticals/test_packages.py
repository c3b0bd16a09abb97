"""The four industry packages, looked at from outside."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from regulars.kit import Field, Vertical
from regulars.kit.testing import check

ROOT = Path(__file__).parents[2]
NAMES = ("beauty", "homestyle", "jewelry", "restaurant")
FOLDERS = {name: ROOT / "verticals" / name for name in NAMES}
LISTS = (
    "rates", "bonuses", "spends", "tiers", "complaints", "follow_ups", "messages", "surveys",
    "segments", "handovers", "functions",
)  # fmt: skip
pytestmark = pytest.mark.parametrize("name", NAMES)


def vertical_of(name: str) -> Vertical:
    """Import a vertical's package and return what it declares."""
    vertical = import_module(f"regulars_{name}").vertical
    assert isinstance(vertical, Vertical)
    return vertical


def every_field(vertical: Vertical) -> list[Field]:
    """Return the fields of customers, purchases, lines and possessions."""
    return [*vertical.fields, *(field for each in vertical.possessions for field in each.fields)]


def test_it_conforms_in_all_three_languages(name: str) -> None:
    check(vertical_of(name), languages=("zh-Hans", "zh-Hant", "en"))


def test_it_is_found_by_its_entry_point_under_its_own_key_and_version(name: str) -> None:
    project = tomllib.loads((FOLDERS[name] / "pyproject.toml").read_text("utf-8"))["project"]
    vertical = vertical_of(name)

    assert project["name"] == f"regulars-{name}"
    assert project["entry-points"]["regulars.verticals"] == {name: f"regulars_{name}:vertical"}
    assert project["dependencies"] == ["regulars"]
    assert (vertical.key, vertical.version) == (name, project["version"])


def test_it_is_small_in_code_and_rich_in_content(name: str) -> None:
    code = (FOLDERS[name] / f"regulars_{name}").rglob("*.py")
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in code)
    pyproject = (FOLDERS[name] / "pyproject.toml").read_text("utf-8")
    vertical = vertical_of(name)

    assert lines < 150
    assert len(pyproject.splitlines()) == 16
    assert (FOLDERS[name] / f"regulars_{name}" / "py.typed").is_file()
    assert len(vertical.fields_on("customer")) >= 12
    assert min(len(vertical.fields_on("purchase")), len(vertical.fields_on("line"))) >= 5
    assert len(vertical.possessions) >= 3
    assert min(len(vertical.bonuses), len(vertical.tiers), len(vertical.complaints)) >= 4


def test_its_readme_names_everything_it_declares(name: str) -> None:
    readme = (FOLDERS[name] / "README.md").read_text("utf-8")
    vertical = vertical_of(name)
    keys = [field.key for field in every_field(vertical)]
    keys += [each.key for each in vertical.possessions]
    keys += [each.key for part in LISTS for each in getattr(vertical, part)]

    assert [key for key in keys if f"`{key}`" not in readme] == []


def test_what_is_known_of_a_person_is_marked_personal(name: str) -> None:
    open_fields = [
        field.key for field in vertical_of(name).fields_on("customer") if not field.personal
    ]

    assert open_fields == []


def test_health_beliefs_and_minors_are_marked_sensitive(name: str) -> None:
    telling = re.compile(r"allerg|medic|contraind|back-trouble|children-at-home|^diet$")

    unmarked = [
        field.key
        for field in every_field(vertical_of(name))
        if telling.search(field.key) and not field.sensitive
    ]

    assert unmarked == []


def test_at_the_first_meeting_little_is_asked(name: str) -> None:
    at_once = [each for each in vertical_of(name).fields_on("customer") if each.ask_after == 0]

    assert len(at_once) <= 6


def test_every_function_is_used_by_a_rule(name: str) -> None:
    vertical = vertical_of(name)
    rates, bonuses, spends = vertical.rates, vertical.bonuses, vertical.spends
    conditions = [each.where for part in (rates, bonuses, spends) for each in part]
    spoken = {where.fact for several in conditions for where in several}

    assert {f"{each.on}.{each.key}" for each in vertical.functions} <= spoken
