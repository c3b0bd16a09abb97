"""Money, quantities and points: every form a shop writes, and the reason of each refusal."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.imports.cells import Cell, CellError
from regulars.imports.values import numbers
from tests.imports.reading_values import UNFIT, outcome


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
