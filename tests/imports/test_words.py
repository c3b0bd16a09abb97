"""Phones, codes, names and answers from short lists."""

import random
from collections.abc import Callable
from typing import Any

import phonenumbers
import pytest

from regulars.imports.cells import Cell
from regulars.imports.values import phones, words
from tests.imports.reading_values import UNFIT, outcome


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
