"""docs/verticals.md and the kit say the same: not documented is not API."""

import re
from dataclasses import fields as attributes_of
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest

from regulars import kit
from regulars.kit import care, conditions, content, facts, schema
from regulars.kit.checks.points import SAYS

PAGE = (Path(__file__).parents[2] / "docs" / "verticals.md").read_text("utf-8")
REFERENCE = PAGE.partition("\n## Reference\n")[2].partition("\n## Testing\n")[0]
SECTIONS = {
    match[1]: match[2]
    for match in re.finditer(
        r"^### `(\w+)`\n(.*?)(?=^### |\Z)", REFERENCE, re.MULTILINE | re.DOTALL
    )
}
NOUNS = [name for name in kit.__all__ if is_dataclass(getattr(kit, name))]
MODULES = [name for name in kit.__all__ if isinstance(getattr(kit, name), ModuleType)]


def rows(section: str, head: str) -> list[str]:
    """Return the first cells, without backticks, of the table with a head."""
    table = section.partition(f"| {head} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def listed(section: str, word: str) -> set[str]:
    """Return the backticked names of the paragraph that begins with a word."""
    paragraph = re.search(rf"^{word}.*?(?=\n\n|\Z)", section, re.MULTILINE | re.DOTALL)
    assert paragraph is not None
    return set(re.findall(r"`([^`]+)`", paragraph[0]))


def test_every_public_name_is_documented_and_every_documented_name_is_public() -> None:
    assert set(SECTIONS) == set(kit.__all__)


@pytest.mark.parametrize("name", NOUNS)
def test_every_attribute_of_a_noun_is_documented(name: str) -> None:
    declared = [part.name for part in attributes_of(getattr(kit, name))]

    assert sorted(rows(SECTIONS[name], "attribute")) == sorted(declared)


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_of_a_module_is_documented(name: str) -> None:
    module = getattr(kit, name)
    documented = [cell.partition("(")[0] for cell in rows(SECTIONS[name], "name")]

    assert sorted(documented) == sorted(module.__all__)
    assert [each for each in module.__all__ if not hasattr(module, each)] == []


@pytest.mark.parametrize("name", NOUNS)
def test_every_public_noun_explains_itself_and_is_frozen_and_keyword_only(name: str) -> None:
    noun: Any = getattr(kit, name)

    assert noun.__doc__
    assert not noun.__doc__.startswith(f"{name}(")
    assert noun.__dataclass_params__.frozen
    assert name == "Fault" or noun.__dataclass_params__.kw_only


def test_the_star_gives_all_names() -> None:
    space: dict[str, object] = {}
    exec("from regulars.kit import *", space)  # noqa: S102

    assert set(kit.__all__) <= set(space)


@pytest.mark.parametrize(
    ("section", "head", "declared"),
    [
        ("Field", "kind", schema.KINDS),
        ("Where", "op", conditions.OPS),
        ("Where", "fact", tuple(facts.BUILT_IN)),
    ],
)
def test_closed_tables_are_complete(section: str, head: str, declared: tuple[str, ...]) -> None:
    assert sorted(rows(SECTIONS[section], head)) == sorted(declared)


@pytest.mark.parametrize(
    ("section", "word", "declared"),
    [
        ("Message", "Occasions", set(care.OCCASIONS)),
        ("FollowUp", "Stops", set(care.STOPS)),
        ("fields", "Codes", set(kit.fields.CODES)),
        ("units", "Units", set(kit.units.UNITS)),
    ],
)
def test_closed_lists_are_complete(section: str, word: str, declared: set[str]) -> None:
    assert listed(SECTIONS[section], word) == declared


def test_triggers_and_placeholders_are_complete() -> None:
    triggers = {name for name in listed(SECTIONS["FollowUp"], "Triggers") if "<" not in name}
    named = {name.strip("{}") for name in listed(SECTIONS["Message"], "Placeholders")}

    assert triggers == set(care.TRIGGERS)
    assert {name for name in named if "<" not in name} == set(care.PLACEHOLDERS)


def test_what_a_sentence_may_say_is_complete() -> None:
    table = SECTIONS["Spend"].partition("| form |")[2]
    documented = [set(re.findall(r"\{(\w+)\}", line)) for line in table.splitlines() if "{" in line]

    assert documented == [set(names) for names in SAYS.values()]


@pytest.mark.parametrize(
    ("noun", "attribute"),
    [
        (kit.Message, "purpose"),
        (kit.Message, "channels"),
        (kit.Step, "do"),
        (kit.Complaint, "severity"),
        (kit.Complaint, "clock"),
        (kit.Remedy, "kind"),
        (kit.Remedy, "approval"),
        (kit.Function, "on"),
        (kit.Function, "gives"),
        (kit.Spend, "mode"),
        (kit.Field, "on"),
        (kit.Field, "about"),
    ],
)
def test_closed_values_of_an_attribute_are_named(noun: type, attribute: str) -> None:
    hint = kit.plain.hints_of(noun)[attribute]
    values = get_args(get_args(hint)[0] if attribute == "channels" else hint)
    row = re.search(rf"^\| `{attribute}` \|.*$", SECTIONS[noun.__name__], re.MULTILINE)

    assert row is not None
    assert [value for value in values if value and f"`{value}`" not in row[0]] == []


def test_the_examples_run_in_order() -> None:
    files = {re.findall(r"# (\S+)", text)[0]: text for text in blocks("toml")}
    space: dict[str, Any] = {"vertical": content.build(files, name="teahouse")}
    examples = blocks("python")

    for example in examples:
        exec(compile(example, "docs/verticals.md", "exec"), space)  # noqa: S102

    assert len(files) == 3
    assert len(examples) == 4
    assert space["vertical"].key == "teahouse"


def test_links_within_the_page_lead_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors
