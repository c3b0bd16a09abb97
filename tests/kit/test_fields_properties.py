"""Cleaning, for values nobody thought of."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regulars.kit import fields
from tests.kit.examples import FABRIC
from tests.kit.test_fields import (
    AREA,
    DAY,
    NOTE,
    PRICE,
    SCORE,
    SIZE,
    STONES,
    WEIGHT,
    WRAPPED,
)

EVERY = (AREA, DAY, FABRIC, NOTE, PRICE, SCORE, SIZE, STONES, WEIGHT, WRAPPED)
KEYS = [field.key for field in EVERY]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=40),
    st.dates(),
    st.datetimes(),
    st.from_regex(r"\s*[0-9０-９,.万坪㎡克号%-]{1,12}\s*", fullmatch=True),
    st.from_regex(r"[0-9]{1,4}[年/.-][0-9]{1,2}[月/.-][0-9]{1,2}日?", fullmatch=True),
    st.sampled_from(
        ["翡翠、红宝石", "Jade/ruby", "silk", "真丝", "是", "否", "２０２４年３月５日"]
    ),
)
raws = st.dictionaries(
    st.sampled_from(KEYS), st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=6
)


@settings(max_examples=400, deadline=None)
@given(raws)
@example({"note": "\x85"})
@example({"area": 1e22, "price": Decimal("sNaN")})
def test_cleaning_twice_is_cleaning_once(raw: dict[str, object]) -> None:
    once, _ = fields.clean(EVERY, raw)
    twice, faults = fields.clean(EVERY, dict(once))

    assert faults == []
    assert json.dumps(twice) == json.dumps(once)


@settings(max_examples=200, deadline=None)
@given(raws)
def test_a_clean_value_survives_storage_as_json(raw: dict[str, object]) -> None:
    once, _ = fields.clean(EVERY, raw, partial=True)
    stored = json.dumps(once, ensure_ascii=False).encode("utf-8")

    again, faults = fields.clean(EVERY, json.loads(stored), partial=True)

    assert b"\\u0000" not in stored
    assert faults == []
    assert again == once


@settings(max_examples=200, deadline=None)
@given(raws)
def test_every_key_given_is_either_kept_or_told_of_or_empty(raw: dict[str, object]) -> None:
    kept, faults = fields.clean(EVERY, raw, partial=True)

    assert set(raw) == set(kept) | {fault.key for fault in faults}
    assert not set(kept) & {fault.key for fault in faults}


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_a_day_reads_the_same_however_it_is_written(day: date) -> None:
    ways = [
        day,
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]

    read = {str(fields.clean([DAY], {"day": way})[0]["day"]) for way in ways}

    assert read == {day.isoformat()}


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_money_like_numbers_are_kept_exactly(number: Decimal) -> None:
    values, _ = fields.clean([PRICE], {"price": f"{number:,}"})

    assert Decimal(repr(values["price"])) == number


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@settings(max_examples=100, deadline=None)
@given(raw=raws)
def test_every_fault_has_a_sentence(language: str, raw: dict[str, object]) -> None:
    _, faults = fields.clean(EVERY, raw, language=language)

    unfilled = ("{field}", "{limit}", "{example}", "{expected}", "{choices}")
    assert all(fault.sentence for fault in faults)
    assert not any(name in fault.sentence for fault in faults for name in unfilled)
