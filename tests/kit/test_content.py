"""Nouns as plain data, verticals from files, keys that are for ever."""

import json
from dataclasses import fields as attributes_of
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from regulars.kit import (
    Choice,
    Field,
    Label,
    Rate,
    Unit,
    VerticalError,
    Where,
    content,
    keys,
    plain,
)
from tests.kit.examples import FABRIC, FITTED_ON, LENGTH, SCAR, SUIT, tailor, words

FILES = {
    "vertical.toml": """
        key = "tailor"
        version = "1.0.0"
        name = {zh-Hans = "裁缝", en = "Tailor"}
        summary = {en = "Suits."}
    """,
    "points.toml": """
        [[rates]]
        key = "all"
        says = {en = "{points}"}
        per = 0.5
    """,
}


def built(**changes: str) -> Any:
    """Build a vertical from the files, with some exchanged or added (`x` for `x.toml`)."""
    return content.build(
        {**FILES, **{f"{name}.toml": text for name, text in changes.items()}}, name="tailor"
    )


def test_every_noun_survives_json() -> None:
    vertical = tailor()
    nouns = [
        noun
        for part in attributes_of(vertical)
        if part.name not in ("functions", "locked")
        and isinstance(getattr(vertical, part.name), tuple)
        for noun in getattr(vertical, part.name)
    ]

    again = [plain.build(type(noun), json.loads(json.dumps(plain.dump(noun)))) for noun in nouns]

    assert len(nouns) > 12
    assert again == nouns


def test_defaults_are_left_out_of_plain_data() -> None:
    rate = Rate(key="all", says=Label(en="{points}"), per=Decimal("0.05"))

    assert plain.dump(rate) == {"key": "all", "says": {"en": "{points}"}, "per": 0.05}


@pytest.mark.parametrize(
    "noun",
    [
        replace(LENGTH, minimum=Decimal("0.5"), maximum=10),
        replace(FITTED_ON, minimum=date(2020, 1, 1)),
        replace(LENGTH, unit=Unit(key="bolt", label=words("bolt"), spellings=("匹",))),
        Where(fact="line.net", op="at-least", value=Decimal("0.5")),
        Where(fact="line.karat", value="750"),
        Where(fact="line.category", op="any-of", value=("a", "b")),
        Where(fact="customer.birthday"),
    ],
)
def test_plain_data_keeps_what_kind_a_value_is(noun: Any) -> None:
    again = plain.build(type(noun), json.loads(json.dumps(plain.dump(noun))))

    assert again == noun
    assert [type(getattr(again, part.name)) for part in attributes_of(noun)] == [
        type(getattr(noun, part.name)) for part in attributes_of(noun)
    ]


def test_what_is_wrong_with_plain_data_is_told_all_at_once() -> None:
    data = {
        "key": 7,
        "says": {"en": 1, "fr": "x"},
        "points": True,
        "per": "much",
        "where": [{"fact": "line.net", "op": "above", "value": {}}, "x"],
        "colour": "red",
    }

    with pytest.raises(VerticalError) as caught:
        plain.build(Rate, data)

    told = str(caught.value)
    wanted = ("rate.key", "no language 'fr'", "en must be", "rate.points", "rate.per", "'above'")
    assert [word for word in wanted if word not in told] == []
    assert "rate.where.2: must be a table" in told
    assert "no attribute 'colour'" in told


@pytest.mark.parametrize(
    ("noun", "data", "told"),
    [
        (Rate, {"says": {"en": "x"}}, "key is missing"),
        (Field, {**plain.dump(LENGTH), "unit": "cubit"}, "no unit 'cubit'"),
        (Field, {**plain.dump(FABRIC), "choices": "silk"}, "must be a list"),
        (Field, {**plain.dump(FABRIC), "minimum": "soon"}, "does not fit"),
        (Field, {**plain.dump(FABRIC), "label": "Fabric"}, "must be a table"),
        (Rate, {**plain.dump(tailor().rates[0]), "per": float("nan")}, "must be a number"),
        (Rate, {**plain.dump(tailor().rates[0]), "per": "1E+99999999"}, "at most 100 digits"),
        (Rate, {**plain.dump(tailor().rates[0]), "per": "1E-99999999"}, "at most 100 digits"),
    ],
)
def test_a_noun_that_cannot_be_built_is_refused(noun: Any, data: Any, told: str) -> None:
    with pytest.raises(VerticalError, match=told):
        plain.build(noun, data)


def test_what_is_no_noun_has_no_plain_form() -> None:
    with pytest.raises(TypeError, match="not a noun"):
        plain.dump("tailor")
    with pytest.raises(TypeError, match="no plain form"):
        plain.dump(tailor().functions[0])


def test_a_vertical_is_joined_from_its_files() -> None:
    vertical = built(more='[[tiers]]\nkey = "member"\nlabel = {en = "Member"}')

    assert vertical.name.text("zh") == "裁缝"
    assert vertical.rates[0].per == Decimal("0.5")
    assert vertical.tiers[0].key == "member"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("vertical", 'key = "tailor"', "version: is missing"),
        ("more", "[[", "more.toml: cannot be read"),
        ("more", 'colour = "red"', "more.toml: no table 'colour'"),
        (
            "more",
            'key = "smith"',
            "more.toml: key is in vertical.toml already|vertical.toml: key is in",
        ),
        ("more", "[[tiers]]\nkey = 3", "tiers.1.key: must be a text"),
        ("more", "[[functions]]\nkey = 3", "no table 'functions'"),
        ("points", "rates = 3", "rates: must be a list"),
    ],
)
def test_faults_of_files_are_told(name: str, text: str, told: str) -> None:
    with pytest.raises(VerticalError, match=told):
        built(**{name: text})


def test_faults_of_files_and_of_meaning_are_told_together() -> None:
    with pytest.raises(VerticalError) as caught:
        built(
            more='[[tiers]]\nkey = "m"\nlabel = {en = "M"}\nthreshold = 5\ncolour = "red"',
            other='currency = "x"',
        )

    assert {fault.where for fault in caught.value.faults} >= {"tiers.m", "currency"}


def test_a_package_that_is_not_utf8_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tailor_of_old"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "vertical.toml").write_bytes("key = '裁缝'".encode("gbk"))
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(VerticalError, match=r"vertical\.toml: is not UTF-8"):
        content.load("tailor_of_old")


LOCK = keys.parse_lock(keys.lock_text(tailor()))


def test_a_locked_vertical_has_no_new_and_no_lost_keys() -> None:
    vertical = tailor(locked=LOCK)

    assert keys.new_keys(vertical) == ()
    assert "field line.length measure cm" in LOCK
    assert "choice customer.fabric.silk" in LOCK
    assert "reminder suit.press" in LOCK
    assert "step after.call" in LOCK


def test_a_lock_only_grows() -> None:
    more = tailor(
        locked=LOCK, fields=(*tailor().fields, replace(FABRIC, key="lining", label=words("Lining")))
    )

    assert keys.new_keys(more) == (
        "choice customer.lining.cotton",
        "choice customer.lining.silk",
        "field customer.lining choice",
    )
    assert set(keys.parse_lock(keys.lock_text(more))) == {*LOCK, *keys.new_keys(more)}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fields": (FABRIC, FITTED_ON, LENGTH)}, "field customer.scar: .*retired=True"),
        ({"possessions": (replace(SUIT, reminders=()),)}, "reminder suit.press: .*retired=True"),
        (
            {"fields": (FABRIC, FITTED_ON, LENGTH, replace(SCAR, kind="boolean"))},
            "field customer.scar: .*has become 'field customer.scar boolean'",
        ),
        (
            {"fields": (replace(FABRIC, choices=FABRIC.choices[:1]), FITTED_ON, LENGTH, SCAR)},
            "choice customer.fabric.cotton",
        ),
    ],
)
def test_a_key_that_vanishes_or_changes_its_kind_is_refused(
    changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(VerticalError, match=told):
        tailor(locked=LOCK, **changes)


def test_a_key_that_is_retired_is_kept() -> None:
    retired = replace(
        FABRIC, choices=(FABRIC.choices[0], Choice(key="cotton", label=words("C"), retired=True))
    )

    vertical = tailor(locked=LOCK, fields=(retired, FITTED_ON, LENGTH, replace(SCAR, retired=True)))

    assert keys.new_keys(vertical) == ()
