"""The figures of a line complete each other."""

from decimal import Decimal
from typing import Any

import pytest

from regulars.imports.shaping.purchases import Amounts, amounts
from regulars.imports.values import Unfit


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # kind, quantity, unit price, gross, discount, paid
        ((None, "2", None, None, None, 1000), ("sale", "2", 1000, 0, 1000)),
        ((None, "2", 600, None, None, 1000), ("sale", "2", 1200, 200, 1000)),
        ((None, "2", 500, None, None, 1001), ("sale", "2", 1001, 0, 1001)),
        ((None, "2", 600, None, 200, None), ("sale", "2", 1200, 200, 1000)),
        ((None, "1.5", 333, None, None, None), ("sale", "1.5", 500, 0, 500)),
        ((None, None, None, 1200, None, 1000), ("sale", "1", 1200, 200, 1000)),
        ((None, None, None, 1200, 200, None), ("sale", "1", 1200, 200, 1000)),
        ((None, "0", None, None, None, 0), ("sale", "0", 0, 0, 0)),
        ((None, "-1", None, None, None, -1000), ("return", "-1", -1000, 0, -1000)),
        ((None, "-1", None, None, 100, 1000), ("return", "-1", -1100, -100, -1000)),
        ((None, "-1", 1200, None, None, -1000), ("return", "-1", -1200, -200, -1000)),
        (("return", "1", None, None, None, 1000), ("return", "-1", -1000, 0, -1000)),
        (("return", "-2", 600, None, -200, -1000), ("return", "-2", -1200, -200, -1000)),
        (("sale", "1", None, None, None, -1000), ("sale", "1", -1000, 0, -1000)),
        ((None, "1", None, None, None, -1000), "return.sign"),
        (("sale", "-1", None, None, None, 1000), "return.sign"),
        ((None, "1", None, None, 100, None), "amount.missing"),
        ((None, "9999999999", 10**12, None, None, None), "amount.too-large"),
    ],
)
def test_the_figures_of_a_line_complete_each_other(given: tuple[Any, ...], expected: Any) -> None:
    kind, quantity, *figures = given
    count = None if quantity is None else Decimal(quantity)

    try:
        found: object = amounts(kind, count, *figures, has_quantity=True)
    except Unfit as unfit:
        found = unfit.code

    if isinstance(expected, tuple):
        expected = Amounts(expected[0], Decimal(expected[1]), *expected[2:])
    assert found == expected
