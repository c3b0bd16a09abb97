"""From cells to values: every form a shop writes, and the reason for every refusal."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
import sxtwl
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports.cells import Cell, CellError
from regulars.imports.values import Unfit, birthdays, dates, numbers, phones, words
from regulars.imports.values.birthdays import Birthday

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNFIT = "unfit: "


def outcome(parser: Callable[[Cell], Any], cell: Cell) -> Any:
    """Return the value, or the code of the refusal after `UNFIT`."""
    try:
        return parser(cell)
    except Unfit as unfit:
        return UNFIT + unfit.code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12.5", 1250),
        ("1,234.56", 123456),
        ("￥1,234", 123400),
        ("¥ 12.50元", 1250),
        ("１２．５０", 1250),
        ("(12.50)", -1250),
        ("（¥12.50）", -1250),
        ("12.50-", -1250),
        ("−3.2", -320),
        ("¥-12.5", -1250),
        ("-¥12.5", -1250),
        ("1.28万", 1280000),
        ("1.28万元", 1280000),
        ("RMB 30", 3000),
        ("30 CNY", 3000),
        ("人民币12元整", 1200),
        ("1 234.56", 123456),
        ("'12.5", 1250),
        ("1.6653349999999998e-16", 0),
        (12.340000000000002, 1234),
        (0.1 + 0.2, 30),
        (3, 300),
        ("", None),
        ("-", None),
        ("NULL", None),
        (None, None),
        ("1.234,56", UNFIT + "number.format"),
        ("1,23", UNFIT + "number.format"),
        ("12,34,567", UNFIT + "number.format"),
        ("1.2.3", UNFIT + "number.format"),
        ("1e5", UNFIT + "number.format"),
        ("十元", UNFIT + "number.format"),
        ("abc", UNFIT + "number.format"),
        ("=1+1", UNFIT + "number.format"),
        ("a" * 30_000 + "1", UNFIT + "number.format"),
        (True, UNFIT + "number.format"),
        ("12.345", UNFIT + "money.too-fine"),
        ("$12", UNFIT + "money.other-currency"),
        ("12 USD", UNFIT + "money.other-currency"),
        ("9" * 13, UNFIT + "money.too-large"),
        (CellError("#N/A"), UNFIT + "cell.error"),
        (CellError("formula"), UNFIT + "cell.formula"),
    ],
)
def test_amounts_of_money(cell: Cell, expected: object) -> None:
    assert outcome(numbers.money(), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.234,56", 123456),
        ("12,5", 1250),
        ("1 234,56", 123456),
        ("1,234.56", UNFIT + "number.format"),
    ],
)
def test_amounts_with_a_decimal_comma_when_a_person_says_so(cell: str, expected: object) -> None:
    assert outcome(numbers.money(currency="EUR", mark=","), cell) == expected


@pytest.mark.parametrize(("cell", "expected"), [("2.345", 235), ("-2.345", -235), (2.675, 268)])
def test_rounding_takes_halves_away_from_zero(cell: Cell, expected: int) -> None:
    assert numbers.money(rounds=True)(cell) == expected


def test_a_currency_without_decimals() -> None:
    yen = numbers.money(currency="JPY", exponent=0)

    assert [outcome(yen, cell) for cell in ("¥1,280", "1280円", "12.5")] == [
        1280,
        1280,
        UNFIT + "money.too-fine",
    ]


@given(st.integers(min_value=-(10**13), max_value=10**13), st.sampled_from([".", ","]))
def test_every_amount_comes_back_however_it_is_grouped(minor: int, mark: Any) -> None:
    other = "," if mark == "." else "."
    written = f"{Decimal(minor).scaleb(-2):,.2f}".translate(str.maketrans({",": other, ".": mark}))

    assert numbers.money(mark=mark)(written) == minor
    assert numbers.money()(f"¥{Decimal(minor).scaleb(-2):.2f}") == minor


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2", Decimal(2)),
        ("1.5", Decimal("1.5")),
        ("0", Decimal(0)),
        ("2件", Decimal(2)),
        ("1.25 克", Decimal("1.25")),
        ("-1", Decimal(-1)),
        (1.23456, Decimal("1.235")),
        ("1.23456", UNFIT + "quantity.too-fine"),
        ("三件", UNFIT + "number.format"),
        ("99999999999", UNFIT + "number.too-large"),
    ],
)
def test_quantities(cell: Cell, expected: object) -> None:
    assert outcome(numbers.quantity(), cell) == expected


def test_points_and_positions() -> None:
    position = numbers.whole(least=0, most=32_767)

    assert [outcome(numbers.points, cell) for cell in ("1,200分", 12.9, "-1")] == [
        1200,
        12,
        UNFIT + "number.out-of-range",
    ]
    assert [outcome(position, cell) for cell in ("3", "3.5", 40_000)] == [
        3,
        UNFIT + "number.not-whole",
        UNFIT + "number.out-of-range",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-03-05", "2024/3/5", "2024.3.5", "20240305", "2024年3月5日", "2024年03月05号"),
        *("2024-03-05 11:53", "2024-03-05 星期二", "2024/3/5 (Tue)", "Tue, 5 Mar 2024"),
        *("5 Mar 2024", "Mar 5, 2024", "March 5th, 2024", "5-Mar-2024", "民國113年3月5日"),
        *("二〇二四年三月五日", "２０２４－０３－０５", "45356", 45356, 45356.75, "202403051530"),
    ],
)
def test_days_in_every_form(cell: Cell) -> None:
    assert dates.day()(cell) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", None),
        ("0000-00-00", None),
        ("13/04/2024", date(2024, 4, 13)),
        ("04/13/2024", date(2024, 4, 13)),
        ("05/05/2024", date(2024, 5, 5)),
        ("03/04/2024", UNFIT + "date.ambiguous"),
        ("2024-02-30", UNFIT + "date.no-such-day"),
        ("24-3-5", UNFIT + "date.two-digit-year"),
        ("1900-01-01", UNFIT + "date.implausible"),
        ("2999-01-01", UNFIT + "date.implausible"),
        ("2024年3月", UNFIT + "date.format"),
        ("today", UNFIT + "date.format"),
        ("2024-03-05 hello", UNFIT + "time.format"),
        ("1" * 30_000, UNFIT + "date.format"),
        (3, UNFIT + "date.format"),
    ],
)
def test_days_that_are_not_clear(cell: Cell, expected: object) -> None:
    assert outcome(dates.day(), cell) == expected


def test_the_order_of_day_and_month_is_a_choice() -> None:
    assert dates.day(order="dmy")("03/04/2024") == date(2024, 4, 3)
    assert dates.day(order="mdy")("03/04/2024") == date(2024, 3, 4)
    assert outcome(dates.day(order="dmy"), "04/13/2024") == UNFIT + "date.no-such-day"


def test_days_after_the_last_believed_are_refused() -> None:
    read = dates.day(latest=date(2024, 3, 5))

    assert outcome(read, "2024-03-05") == date(2024, 3, 5)
    assert outcome(read, "2024-03-06") == UNFIT + "date.future"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-05 11:53:26", (3, 53, 26)),
        ("2024-03-05T11:53:26Z", (11, 53, 26)),
        ("2024-03-05T11:53:26+08:00", (3, 53, 26)),
        ("2024-03-05 11:53:26 +0900", (2, 53, 26)),
        ("2024/3/5 11:53", (3, 53, 0)),
        ("2024/3/5 下午3:20", (7, 20, 0)),
        ("2024-3-5 3:20:05 PM", (7, 20, 5)),
        ("Mar 5, 2024 3:20 PM", (7, 20, 0)),
        ("2024年3月5日 15时20分", (7, 20, 0)),
        ("2024年3月5日15点20分30秒", (7, 20, 30)),
        ("20240305153000", (7, 30, 0)),
        ("45356.5", (4, 0, 0)),
        (45356.5, (4, 0, 0)),
        ("2024-03-05", (4, 0, 0)),
        ("1709610806", (3, 53, 26)),
        ("1709610806000", (3, 53, 26)),
    ],
)
def test_moments_become_utc(cell: Cell, expected: tuple[int, int, int]) -> None:
    assert dates.moment(zone=SHANGHAI)(cell) == datetime(2024, 3, 5, *expected, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["2024-03-05 25:00", "2024-03-05 24:00", "2024-03-05 11:53 noon"])
def test_moments_with_a_senseless_time_are_refused(cell: str) -> None:
    assert outcome(dates.moment(zone=SHANGHAI), cell) == UNFIT + "time.format"


def test_a_day_without_a_time_is_the_same_day_in_far_stores() -> None:
    moment = dates.moment(zone=SHANGHAI)("2024-03-05")
    assert moment is not None

    days = {
        moment.astimezone(ZoneInfo(zone)).day
        for zone in ("Asia/Urumqi", "Asia/Tokyo", "Europe/London")
    }

    assert days == {5}


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2099, 1, 1)))  # noqa: DTZ001
def test_every_iso_moment_comes_back(moment: datetime) -> None:
    zone = ZoneInfo("America/New_York")

    read = dates.moment(zone=zone)(moment.isoformat(" "))

    assert read == moment.replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("11:53", time(11, 53)),
        ("1153", time(11, 53)),
        ("115326", time(11, 53, 26)),
        ("下午3:20", time(15, 20)),
        ("12:30 am", time(0, 30)),
        ("15时", time(15)),
        (0.5, time(12)),
        ("2024-01-01 12:30", time(12, 30)),
        ("3", UNFIT + "time.format"),
        ("25:00", UNFIT + "time.format"),
    ],
)
def test_times_of_day(cell: Cell, expected: object) -> None:
    assert outcome(dates.clock, cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1980-03-05", Birthday(3, 5, 1980)),
        ("3月5日", Birthday(3, 5)),
        ("03-05", Birthday(3, 5)),
        ("0000-03-05", Birthday(3, 5)),
        ("2-29", Birthday(2, 29)),
        ("三月五日", Birthday(3, 5)),
        ("一九八〇年三月五日", Birthday(3, 5, 1980)),
        ("农历八月十五", Birthday(8, 15, lunar=True)),
        ("八月十五", Birthday(8, 15, lunar=True)),
        ("八月十五(农历)", Birthday(8, 15, lunar=True)),
        ("阴历1980年八月十五", Birthday(8, 15, 1980, lunar=True)),
        ("1980年農曆八月十五", Birthday(8, 15, 1980, lunar=True)),
        ("农历1980-8-15", Birthday(8, 15, 1980, lunar=True)),
        ("闰六月初三", Birthday(6, 3, lunar=True, leap=True)),
        ("农历2025年闰六月初三", Birthday(6, 3, 2025, lunar=True, leap=True)),
        ("腊月廿三", Birthday(12, 23, lunar=True)),
        ("正月初一", Birthday(1, 1, lunar=True)),
        ("冬月三十", Birthday(11, 30, lunar=True)),
        ("0000-00-00", None),
        ("2-30", UNFIT + "date.no-such-day"),
        ("农历2024年闰六月初三", UNFIT + "date.no-such-day"),
        ("1985", UNFIT + "date.format"),
        ("85.3.5", UNFIT + "date.two-digit-year"),
        ("2030-01-01", UNFIT + "date.future"),
    ],
)
def test_birthdays_by_sun_and_moon(cell: Cell, expected: object) -> None:
    assert outcome(birthdays.birthday(latest=date(2026, 11, 22)), cell) == expected


def test_a_column_of_lunar_birthdays_needs_no_word_in_its_cells() -> None:
    read = birthdays.birthday(lunar=True)

    assert read("8-15") == Birthday(8, 15, lunar=True)
    assert read("1980-08-15") == Birthday(8, 15, 1980, lunar=True)
    assert outcome(read, "2024-12-30") == UNFIT + "date.no-such-day"


def test_lunar_days_exist_exactly_where_another_library_has_them() -> None:
    chance = random.Random(11)
    for _ in range(300):
        year, month = chance.randint(1901, 2099), chance.randint(1, 12)
        leap = chance.random() < 0.3
        if leap:
            exists = sxtwl.getRunMonth(year) == month
            days = sxtwl.getLunarMonthNum(year, month, True) if exists else 0
        else:
            days = sxtwl.getLunarMonthNum(year, month, False)

        assert birthdays._days_in(year, month, leap=leap) == days


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *((cell, "+8613800138000") for cell in ("13800138000", 13800138000, 13800138000.0)),
        *((cell, "+8613800138000") for cell in ("13800138000.0", "138 0013 8000", "138-0013-8000")),
        *(
            (cell, "+8613800138000")
            for cell in ("+86 13800138000", "8613800138000", "008613800138000")
        ),
        *(
            (cell, "+8613800138000")
            for cell in ("'13800138000", "１３８００１３８０００", "\u202a13800138000")
        ),
        ("021-62881234", "+862162881234"),
        ("021-62881234转801", "+862162881234"),
        ("010 6552 9988", "+861065529988"),
        ("+852 9123 4567", "+85291234567"),
        ("无", None),
        ("1.38E+10", UNFIT + "phone.damaged"),
        ("138****8000", UNFIT + "phone.masked"),
        ("13800138000/13900139000", UNFIT + "phone.several"),
        ("13800138000 13900139000", UNFIT + "phone.several"),
        ("1380013800", UNFIT + "phone.too-short"),
        ("138001380001", UNFIT + "phone.too-long"),
        ("62881234", UNFIT + "phone.not-in-use"),
        ("12345", UNFIT + "phone.no-area-code"),
        ("妈妈的", UNFIT + "phone.format"),
        ("=cmd|' /C calc'!A0", UNFIT + "phone.format"),
        ("1" * 30_000, UNFIT + "phone.format"),
    ],
)
def test_phones_become_e164(cell: Cell, expected: object) -> None:
    assert outcome(phones.phone(region="CN"), cell) == expected


def test_phones_belong_to_the_chains_country() -> None:
    assert phones.phone(region="TW")("0912-345-678") == "+886912345678"
    assert phones.phone(region="US")("(212) 555-2368") == "+12125552368"
    assert phones.phone(region="HK")("9123 4567") == "+85291234567"


@pytest.mark.parametrize("region", ["CN", "TW", "HK", "MO", "SG", "JP", "US", "GB", "DE"])
def test_the_shortcut_for_mobiles_gives_what_the_library_gives(region: str) -> None:
    chance = random.Random(region)
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    read = phones.phone(region=region)
    for _ in range(400):
        digits = list(str(example.national_number))
        for _ in range(chance.randint(0, 5)):
            digits[chance.randrange(len(digits))] = chance.choice("0123456789")
        text = "".join(digits)

        number = phonenumbers.parse(text, region)
        is_valid = phonenumbers.is_valid_number(number)

        found = outcome(read, text)
        if is_valid:
            assert found == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        else:
            assert found.startswith(UNFIT)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("00123", "00123"),
        (123, "123"),
        (123.0, "123"),
        ("1001.0", "1001"),
        ("ＶＩＰ００１", "VIP001"),
        (" A  1 ", "A 1"),
        ("3E5", "3E5"),
        ("6.22E+18", UNFIT + "code.damaged"),
        (6.22e18, UNFIT + "code.damaged"),
        (6220212345678901234, "6220212345678901234"),
        ("x" * 81, UNFIT + "text.too-long"),
        ("a\x00b", UNFIT + "text.control"),
    ],
)
def test_codes_are_text_and_damaged_ones_are_noticed(cell: Cell, expected: object) -> None:
    assert outcome(words.identifier(limit=80), cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("  张   伟 ", "张 伟"),
        ("Zoe\u0308", "Zoë"),
        ("\u200b张伟\u202e", "张伟"),
        ("a\nb", "a b"),
        ("=1+1", "=1+1"),
        ("'=1+1", "=1+1"),
        ("NULL", None),
        ("无", "无"),
        (3.0, "3"),
        ("a\x07b", UNFIT + "text.control"),
        ("x" * 81, UNFIT + "text.too-long"),
    ],
)
def test_names_are_tidied_and_formulas_stay_text(cell: Cell, expected: object) -> None:
    assert outcome(words.text(limit=80), cell) == expected


@pytest.mark.parametrize(
    ("parser", "cells", "expected"),
    [
        (words.boolean, ("是", "√", "Y", True, 1, "同意"), True),
        (words.boolean, ("否", "无", "n", False, 0, "退订"), False),
        (words.gender, ("男", "先生", "M", 1, "Male"), "male"),
        (words.gender, ("女", "女士", "f", 2, "小姐"), "female"),
        (words.gender, ("", "保密", "未知", 0), None),
        (words.sale_or_return, ("销售", "sale", "正常", "否"), "sale"),
        (words.sale_or_return, ("退货", "Refund", "是"), "return"),
        (words.calendar, ("农历", "是", "lunar"), True),
        (words.calendar, ("公历", "否"), False),
        (words.email, ("A@B.com", "mailto:a@b.com", " a@b.com "), "a@b.com"),
        (words.tags, ("金卡,爱拍照", "金卡；爱拍照;金卡", "金卡\n爱拍照"), ("金卡", "爱拍照")),
    ],
)
def test_words_from_short_lists(
    parser: Callable[[Cell], Any], cells: tuple[Cell, ...], expected: object
) -> None:
    assert [parser(cell) for cell in cells] == [expected] * len(cells)


@pytest.mark.parametrize(
    ("parser", "cell"),
    [
        (words.boolean, "也许"),
        (words.gender, "狗"),
        (words.sale_or_return, "换货"),
        (words.email, "a@b"),
        (words.email, "a..b@c.com"),
        (words.email, "张@x.com"),
        (words.uuid, "123"),
    ],
)
def test_words_from_no_list_are_refused(parser: Callable[[Cell], Any], cell: Cell) -> None:
    assert outcome(parser, cell).startswith(UNFIT)
