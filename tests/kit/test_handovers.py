"""Which checklists fit a purchase: by conditions on its lines, not on what is derived (C11)."""

from datetime import date
from decimal import Decimal

import pytest

from regulars.kit import Basket, Check, Function, Handover, Line, VerticalError, Where
from regulars.kit.plans import fitting_lines
from tests.kit.examples import tailor, words

SUIT = Where(fact="line.category", value="suit")


def heavy(line: Line) -> bool:
    """Say whether a line is many pieces."""
    return line.quantity > 1


def basket(*lines: Line) -> Basket:
    return Basket(lines=lines, occurred_on=date(2026, 11, 21))


def test_a_line_must_meet_every_condition() -> None:
    dear = Where(fact="line.net", op="at-least", value=100)
    length = Where(fact="line.length", op="at-least", value=Decimal("1.5"))
    bought = basket(
        Line(net_minor=10_000, category="suit", extra={"length": 1.5}),
        Line(net_minor=9_999, category="suit"),
        Line(net_minor=10_000, category="shirt"),
    )

    assert fitting_lines((), bought) == [0, 1, 2]
    assert fitting_lines((SUIT, dear), bought) == [0]
    assert fitting_lines((SUIT, length), bought) == [0]
    assert fitting_lines((SUIT,), basket()) == []


def test_a_condition_on_what_a_function_derives_is_refused() -> None:
    derived = Function(key="heavy", on="line", gives="boolean", call=heavy)
    checklist = Handover(
        key="heavy",
        title=words("Heavy"),
        steps=(Check(key="lift", label=words("Lift it")),),
        advice=words("Two people"),
        where=(Where(fact="line.heavy", value=True),),
    )

    with pytest.raises(VerticalError, match=r"handovers\.heavy\.where.*no fact 'line\.heavy'"):
        tailor(functions=(derived,), bonuses=(), handovers=(checklist,))
