"""How money, numbers, phones and days read in the three languages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from regulars.tenancy import accent
from regulars.web import charts, dates, money, phones

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Saturday
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1_280_000, "CNY", "¥12,800"),
        (1_280_050, "CNY", "¥12,800.50"),
        (-1_250, "USD", "−$12.50"),
        (0, "EUR", "€0"),
        (500, "JPY", "¥500"),
        (12_345, "KWD", "KWD 12.345"),
        (10**17, "CNY", "¥1,000,000,000,000,000"),
    ],
)
def test_money_is_written_with_its_sign_and_without_empty_decimals(
    minor: int, currency: str, text: str
) -> None:
    assert money.money(minor, currency) == text


@pytest.mark.parametrize(
    ("minor", "language", "text"),
    [
        (1_280_000, "zh-hans", "¥1.28 万"),
        (1_280_000, "zh-hant", "¥1.28 萬"),
        (1_280_000, "en", "¥12.8K"),
        (999_949, "zh-hans", "¥9,999"),
        (999_960, "zh-hans", "¥1 万"),
        (12_345_678_900, "zh-hans", "¥1.23 亿"),
        (12_345_678_900, "en", "¥123M"),
        (-1_280_000, "zh-hans", "−¥1.28 万"),
    ],
)
def test_dense_money_counts_in_the_readers_own_steps(minor: int, language: str, text: str) -> None:
    assert money.money_dense(minor, "CNY", language=language) == text


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_keeps_every_cent(minor: int) -> None:
    text = money.money(minor, "CNY", cents=True)
    digits = text.replace("¥", "").replace(",", "").replace("−", "-").replace(".", "")

    assert int(digits) == minor


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (108.1, 100, "+8.1%"),
        (90, 100, "−10.0%"),
        (100, 100, "0%"),
        (5, 0, ""),
        (5, None, ""),
        (5_000, 100, "+4,900%"),
    ],
)
def test_a_change_needs_something_to_compare_with(
    now: float, before: float | None, text: str
) -> None:
    assert money.change(now, before) == text


def test_a_share_of_nothing_is_a_dash() -> None:
    assert money.percent(1, 0) == "—"
    assert money.percent(123, 1000) == "12.3%"


@pytest.mark.parametrize(
    ("number", "revealed", "masked"),
    [
        ("+8613800138000", "138 0013 8000", "138 **** 8000"),
        ("+85251234567", "+852 5123 4567", "**** 4567"),
        ("+861065529988", "+86 10 6552 9988", "**** 9988"),
        ("nonsense", "nonsense", "**** se"),
    ],
)
def test_phones_are_spaced_and_masked(number: str, revealed: str, masked: str) -> None:
    assert (phones.revealed(number), phones.masked(number)) == (revealed, masked)


@pytest.mark.parametrize(
    "number", ["+8613800138000", "+85251234567", "+14155552671", "+491711234567"]
)
def test_a_masked_phone_never_shows_most_of_its_digits(number: str) -> None:
    shown = [sign for sign in phones.masked(number) if sign.isdigit()]

    assert len(shown) <= 7
    assert number[6:10] not in phones.masked(number)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=7), "7 分钟前"),
        (timedelta(hours=3), "今天 09:00"),
        (timedelta(days=1), "昨天 12:00"),
        (timedelta(days=10), "11月11日 周三 12:00"),
        (timedelta(days=400), "2025年10月17日 12:00"),
        (timedelta(days=-1), "明天 12:00"),
    ],
)
def test_near_moments_are_told_by_name(ago: timedelta, text: str) -> None:
    with translation.override("zh-hans"):
        assert dates.near(NOW - ago, now=NOW, zone=SHANGHAI, language="zh-hans") == text


def test_a_day_of_every_year_names_its_month() -> None:
    said = [dates.yearly(3, 29, language=each) for each in ("zh-hans", "zh-hant", "en")]

    assert said == ["3月29日", "3月29日", "29 Mar"]


def test_days_follow_the_language() -> None:
    days = {code: dates.day(TODAY, today=TODAY, language=code) for code in ("zh-hant", "en")}

    assert days == {"zh-hant": "11月21日 週六", "en": "Sat 21 Nov"}


@pytest.mark.parametrize(
    ("on", "language", "text"),
    [
        (date(2026, 9, 25), "zh-hans", "八月十五"),
        (date(2027, 9, 15), "zh-hans", "八月十五"),
        (date(2026, 2, 16), "zh-hans", "腊月廿九"),
        (date(2025, 8, 1), "zh-hant", "閏六月初八"),
        (date(2026, 9, 25), "en", "lunar 8/15"),
    ],
)
def test_lunar_days_are_named_as_people_name_them(on: date, language: str, text: str) -> None:
    with translation.override(language):
        assert dates.lunar(on, language=language) == text


@given(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True))
def test_any_colour_of_a_chain_becomes_readable(colour: str) -> None:
    found = accent.of(colour)

    assert accent.contrast(found.light, "#ffffff") >= 4.5
    assert accent.contrast(found.dark, "#1a1f1d") >= 4.5
    assert accent.contrast(found.light, found.on_light) >= 4.5
    assert accent.contrast(found.dark, found.on_dark) >= 4.5


@pytest.mark.parametrize("nonsense", ["", "red", "#12345", "#0b6e5f;}body{display:none"])
def test_what_is_no_colour_never_reaches_a_style(nonsense: str) -> None:
    assert accent.of(nonsense) == accent.of(accent.BRAND)


def test_a_chart_and_its_table_say_the_same() -> None:
    data = {
        "kind": "bar",
        "labels": ["A", "B"],
        "series": [{"name": "Sales", "values": [1_280_000, None]}],
    }

    parts = charts.parts(data, unit="money", currency="CNY", language="en")

    assert parts.rows == [("A", ["¥12,800"]), ("B", ["—"])]
    assert parts.payload["series"][0]["values"] == [1_280_000, None]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "pie", "labels": ["A"], "series": []},
        {"kind": "bar", "labels": ["A"], "series": [{"name": "x", "values": [1, 2]}]},
    ],
)
def test_a_chart_that_does_not_fit_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"chart|length"):
        charts.parts(fault, unit="count", currency="", language="en")
