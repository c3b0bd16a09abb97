"""What people type and what spreadsheets hold becomes what is stored, or a fault in words."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from regulars.kit import Choice, Field, Label, fields, units
from tests.kit.examples import FABRIC, SCAR, words

SIZE = Field(
    on="customer",
    key="size",
    kind="integer",
    label=Label(zh_hans="戒指尺寸", zh_hant="戒指尺寸", en="Ring size"),
    unit=units.UNITS["ring-hk"],
    minimum=4,
    maximum=33,
    headers=("手寸",),
)
AREA = Field(on="customer", key="area", kind="measure", label=words("Area"), unit=units.UNITS["m2"])
WEIGHT = Field(
    on="line",
    key="weight",
    kind="measure",
    label=words("Weight"),
    unit=units.UNITS["g"],
    decimals=3,
)
PRICE = Field(on="line", key="price", kind="decimal", label=words("Price"), minimum=0)
WRAPPED = Field(on="purchase", key="wrapped", kind="boolean", label=words("Wrapped"))
DAY = Field(on="purchase", key="day", kind="date", label=words("Day"))
NOTE = Field(on="line", key="note", kind="text", label=words("Note"), max_length=10)
STONES = Field(
    on="customer",
    key="stones",
    kind="choices",
    label=words("Stones"),
    choices=(
        Choice(
            key="jade", label=Label(zh_hans="翡翠", zh_hant="翡翠", en="Jade"), spellings=("玉",)
        ),
        Choice(key="ruby", label=Label(zh_hans="红宝石", zh_hant="紅寶石", en="Ruby")),
        Choice(key="old", label=words("Old; retired"), retired=True),
    ),
)
PROMISE = Field(on="purchase", key="promise", kind="date", label=words("Promise"), required=True)
SCORE = Field(on="answer", key="score", kind="rating", label=words("Score"), minimum=0, maximum=10)

READ: list[tuple[Field, object, object]] = [
    (SIZE, "12", 12),
    (SIZE, "12号", 12),
    (SIZE, "１２號", 12),
    (SIZE, " 12 # ", 12),
    (SIZE, 12.0, 12),
    (SIZE, Decimal(12), 12),
    (AREA, "90㎡", 90),
    (AREA, "89.5 平方米", 89.5),
    (AREA, "３０坪", 99.17),
    (AREA, "1,280.50", 1280.5),
    (AREA, 89.123456, 89.12),
    (WEIGHT, "3.725克", 3.725),
    (WEIGHT, "5ct", 1),
    (WEIGHT, "0.5公斤", 500),
    (PRICE, "1.2万", 12000),
    (PRICE, ".5", 0.5),
    (PRICE, 0, 0),
    (WRAPPED, "是", True),
    (WRAPPED, "Ｙ", True),
    (WRAPPED, "√", True),
    (WRAPPED, 1, True),
    (WRAPPED, "没有", False),
    (WRAPPED, 0.0, False),
    (WRAPPED, False, False),
    (DAY, "2024-3-5", "2024-03-05"),
    (DAY, "2024/03/05", "2024-03-05"),
    (DAY, "2024.3.5", "2024-03-05"),
    (DAY, "２０２４年３月５日", "2024-03-05"),
    (DAY, "2024 年 3 月 5 日", "2024-03-05"),
    (DAY, "2024年3月5号", "2024-03-05"),
    (DAY, "民國113年3月5日", "2024-03-05"),
    (DAY, "20240305", "2024-03-05"),
    (DAY, 20240305, "2024-03-05"),
    (DAY, "2024-03-05 00:00:00", "2024-03-05"),
    (DAY, "2024-03-05T10:20:30+08:00", "2024-03-05"),
    (DAY, date(2024, 3, 5), "2024-03-05"),
    (DAY, datetime(2024, 3, 5, 12), "2024-03-05"),  # noqa: DTZ001  (a spreadsheet's have no zone)
    (NOTE, "  ring \u200b", "ring"),
    (NOTE, "a\r\nb", "a\nb"),
    (NOTE, "e\u0301", "é"),
    (NOTE, 13800.0, "13800"),
    (FABRIC, "silk", "silk"),
    (FABRIC, "真丝", "silk"),
    (FABRIC, "ＳＩＬＫ", "silk"),
    (STONES, ["ruby", "jade"], ["jade", "ruby"]),
    (STONES, "红宝石、玉", ["jade", "ruby"]),
    (STONES, "紅寶石/Jade", ["jade", "ruby"]),
    (STONES, "jade，jade", ["jade"]),
    (STONES, "Old; retired", ["old"]),
    (SCORE, "0", 0),
    (SCORE, 10, 10),
]

REFUSED: list[tuple[Field, object, str]] = [
    (SIZE, "twelve", "not-a-number"),
    (SIZE, True, "not-a-number"),
    (SIZE, "12.5", "not-whole"),
    (SIZE, "3", "too-small"),
    (SIZE, "34号", "too-large"),
    (SIZE, "12克", "wrong-unit"),
    (SIZE, "1e1", "wrong-unit"),
    (SIZE, "1" * 70, "not-a-number"),
    (SIZE, float("inf"), "not-a-number"),
    (SIZE, 10**40, "not-a-number"),
    (SIZE, ["12"], "not-a-number"),
    (PRICE, "1,5", "not-a-number"),
    (PRICE, "1.234", "too-many-decimals"),
    (PRICE, "-1", "too-small"),
    (PRICE, "9" * 20, "too-large"),
    (WEIGHT, "12号", "wrong-unit"),
    (WRAPPED, "perhaps", "not-yes-or-no"),
    (WRAPPED, 2, "not-yes-or-no"),
    (DAY, "5/3/2024", "not-a-date"),
    (DAY, "113/3/5", "not-a-date"),
    (DAY, "2024-02-30", "not-a-date"),
    (DAY, "1066-10-14", "not-a-date"),
    (DAY, "45356", "not-a-date"),
    (DAY, 45356, "not-a-date"),
    (DAY, 3.5, "not-a-date"),
    (NOTE, "a\x00b", "control-character"),
    (NOTE, "\x1f", "control-character"),
    (NOTE, "a\u202eb", "control-character"),
    (NOTE, "\ud800", "control-character"),
    (NOTE, "12345678901", "too-long"),
    (NOTE, {"a": 1}, "wrong-type"),
    (NOTE, True, "wrong-type"),
    (FABRIC, "wool", "not-a-choice"),
    (FABRIC, "x" * 5000, "not-a-choice"),
    (FABRIC, ["silk"], "wrong-type"),
    (STONES, "jade, glass", "not-a-choice"),
    (STONES, "、、", "not-a-choice"),
    (STONES, [1], "wrong-type"),
    (STONES, 7, "wrong-type"),
    (SCORE, 11, "too-large"),
]


def cleaned(field: Field, raw: object, **options: Any) -> tuple[object, list[str]]:
    """Clean one value; return it with the codes of its faults."""
    values, faults = fields.clean([field], {field.key: raw}, **options)
    return values.get(field.key), [fault.code for fault in faults]


@pytest.mark.parametrize(("field", "raw", "stored"), READ)
def test_what_people_write_is_understood(field: Field, raw: object, stored: object) -> None:
    value, codes = cleaned(field, raw)

    assert codes == []
    assert value == stored
    assert type(value) is type(stored)


@pytest.mark.parametrize(("field", "raw", "code"), REFUSED)
def test_what_cannot_be_kept_is_refused_with_a_code(field: Field, raw: object, code: str) -> None:
    value, codes = cleaned(field, raw)

    assert codes == [code]
    assert value is None


@pytest.mark.parametrize("raw", [None, "", "  ", "\u3000", "\u200b", [], float("nan")])
def test_an_empty_value_is_no_value(raw: object) -> None:
    assert fields.clean([NOTE], {"note": raw}) == ({}, [])
    assert fields.clean([NOTE], {"note": raw}, partial=True) == ({"note": None}, [])


@pytest.mark.parametrize("raw", [45356, "45356", 45356.75, Decimal(45356), 20240305, "2024-3-5"])
def test_a_spreadsheets_serial_day_is_read_when_told(raw: object) -> None:
    assert cleaned(DAY, raw, excel_dates=True) == ("2024-03-05", [])


@pytest.mark.parametrize("raw", [60, -1, 10**9, 10**400, float("inf"), True, Decimal("sNaN")])
def test_what_is_no_serial_day_is_refused_even_when_told(raw: object) -> None:
    assert cleaned(DAY, raw, excel_dates=True) == (None, ["not-a-date"])


def test_what_is_required_is_asked_for_unless_only_a_part_is_given() -> None:
    assert cleaned(PROMISE, None)[1] == ["required"]
    assert fields.clean([PROMISE], {}, partial=True) == ({}, [])
    assert cleaned(PROMISE, "", partial=True)[1] == ["required"]


def test_unknown_keys_are_refused_by_default() -> None:
    values, faults = fields.clean([NOTE], {"note": "a", "nope\x00": 1}, language="en")

    assert values == {"note": "a"}
    assert [(fault.key, fault.code) for fault in faults] == [("nope\x00", "unknown")]
    assert faults[0].sentence == "There is no field called nope."
    assert fields.clean([NOTE], {"nope": 1}, unknown="drop") == ({}, [])


def test_an_option_nobody_knows_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="refuse or drop"):
        fields.clean([NOTE], {}, unknown="keep")


def test_a_sensitive_value_needs_its_own_consent() -> None:
    assert cleaned(SCAR, "knee") == (None, ["consent-needed"])
    assert cleaned(SCAR, "knee", consented={"fabric"}) == (None, ["consent-needed"])
    assert cleaned(SCAR, "knee", consented={"scar"}) == ("knee", [])
    assert cleaned(SCAR, "", partial=True) == (None, [])


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-hans", "“戒指尺寸”不能大于 33。"),
        ("zh-TW", "「戒指尺寸」不能大於 33。"),
        ("en-us", "Ring size must be at most 33."),
    ],
)
def test_a_fault_is_told_in_the_language_of_the_shop(language: str, sentence: str) -> None:
    _, faults = fields.clean([SIZE], {"size": 40}, language=language)

    assert faults[0].sentence == sentence


def test_a_refused_choice_names_what_there_is() -> None:
    _, faults = fields.clean([STONES], {"stones": "glass"}, language="en")

    assert faults[0].sentence == "Stones has no choice “glass”. Choose from: Jade、Ruby."


def test_every_code_has_a_sentence_in_every_language_and_none_is_left_unfilled() -> None:
    told = [
        fields.clean([field], {field.key: raw}, language=language)[1][0].sentence
        for field, raw, _ in REFUSED
        for language in ("zh-Hans", "zh-Hant", "en")
    ]

    assert {code for _, _, code in REFUSED} | {"required", "unknown", "consent-needed"} == set(
        fields.CODES
    )
    assert [sentence for sentence in told if "{" in sentence or not sentence] == []


@pytest.mark.parametrize(
    ("field", "value", "chinese", "english"),
    [
        (SIZE, 12, "12号", "12 HK size"),
        (WRAPPED, True, "是", "Yes"),
        (DAY, "2024-03-05", "2024年3月5日", "5 Mar 2024"),
        (STONES, ["jade", "ruby"], "翡翠、红宝石", "Jade, Ruby"),
        (STONES, ["gone"], "gone", "gone"),
        (AREA, 89.5, "89.5㎡", "89.5 m²"),
        (NOTE, None, "", ""),
    ],
)
def test_a_stored_value_is_shown_in_words(
    field: Field, value: object, chinese: str, english: str
) -> None:
    assert fields.show(field, value, language="zh-hans") == chinese
    assert fields.show(field, value, language="en") == english


def test_fields_are_described_for_programs() -> None:
    described = fields.schema([SIZE, STONES, DAY, NOTE, PROMISE, SCORE], language="en")

    assert described["required"] == ["promise"]
    assert described["additionalProperties"] is False
    assert described["properties"]["size"] == {
        "type": "integer",
        "title": "Ring size",
        "minimum": 4,
        "maximum": 33,
        "description": "HK size",
    }
    assert described["properties"]["stones"]["items"] == {
        "type": "string",
        "enum": ["jade", "ruby"],
    }
    assert described["properties"]["note"]["maxLength"] == 10
    assert described["properties"]["day"]["format"] == "date"
    assert described["properties"]["score"]["maximum"] == 10


@pytest.mark.parametrize("header", ["手寸", " Ring Size ", "RING-SIZE", "戒指尺寸", "size"])
def test_a_column_is_recognised_by_its_title(header: str) -> None:
    assert fields.match_header([AREA, SIZE], header) == SIZE


@pytest.mark.parametrize("header", ["", "尺", "price", "—"])
def test_a_strange_title_matches_nothing(header: str) -> None:
    assert fields.match_header([AREA, SIZE], header) is None
