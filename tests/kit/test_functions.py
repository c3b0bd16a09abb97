"""Named functions: called through what the core injects, and never trusted."""

import pickle
from decimal import Decimal
from typing import Any

import pytest

from regulars.kit import Basket, Bonus, Function, Line, Rate, Where, points
from regulars.kit.points import Call, FunctionError, Rules
from tests.kit.examples import basket, words

PLAIN = Rate(key="all", says=words("{points}"), per=Decimal(1))


def is_heavy(line: Line) -> bool:
    """Tell whether a line weighs more than ten grams."""
    return Decimal(str(line.extra.get("weight", 0))) > 10


def pairs(basket: Basket) -> int:
    """Count the pairs of lines."""
    return len(basket.lines) // 2


def fails(basket: Basket) -> int:
    """Fail."""
    raise RuntimeError("no such series")


HEAVY = Function(key="heavy", on="line", gives="boolean", call=is_heavy)
PAIRS = Function(key="pairs", on="purchase", gives="number", call=pairs)
RULES = Rules(
    rates=(PLAIN,),
    bonuses=(
        Bonus(key="h", says=words("{points}"), times=Decimal(2), where=(Where(fact="line.heavy"),)),
        Bonus(
            key="p",
            says=words("{points}"),
            flat=5,
            where=(Where(fact="purchase.pairs", op="at-least", value=1),),
        ),
    ),
    functions=(HEAVY, PAIRS),
)
BOUGHT = basket(Line(net_minor=1000, extra={"weight": 20}), Line(net_minor=500), Line(net_minor=0))


def returning(answer: object, gives: Any = "number") -> Rules:
    """Return rules with a function whose answers are replaced by `call`."""
    function = Function(key="odd", on="purchase", gives=gives, call=fails)
    where = (Where(fact="purchase.odd", op="is", value=1),)
    return Rules(
        rates=(PLAIN,),
        bonuses=(Bonus(key="b", says=words("{points}"), flat=1, where=where),),
        functions=(function,),
    )


def test_a_function_derives_facts_of_lines_and_purchases() -> None:
    result = points.evaluate(RULES, BOUGHT)

    assert {award.rule: award.points for award in result.awards} == {"all": 15, "h": 10, "p": 5}


def test_functions_may_run_elsewhere_in_one_round_trip() -> None:
    needed = points.calls(RULES, BOUGHT)
    answers = {
        (call.function.key, call.subject): pickle.loads(pickle.dumps(call)).run()  # noqa: S301
        for call in needed
    }

    result = points.evaluate(
        RULES, BOUGHT, call=lambda function, subject: answers[function.key, subject]
    )

    assert needed == (
        Call(HEAVY, BOUGHT.lines[0]),
        Call(HEAVY, BOUGHT.lines[1]),
        Call(PAIRS, BOUGHT),
    )
    assert result == points.evaluate(RULES, BOUGHT)


def test_a_function_no_rule_speaks_of_is_never_called() -> None:
    unused = Function(key="odd", on="purchase", gives="number", call=fails)
    rules = Rules(rates=(PLAIN,), functions=(unused,))

    assert points.calls(rules, BOUGHT) == ()
    assert points.evaluate(rules, BOUGHT).points == 15


def test_a_function_is_asked_once_for_one_subject() -> None:
    asked: list[str] = []
    twice = Rules(
        rates=(PLAIN,), bonuses=(*RULES.bonuses, *RULES.bonuses[1:]), functions=RULES.functions
    )

    def count(function: Function, subject: Line | Basket) -> object:
        asked.append(function.key)
        return Call(function, subject).run()

    points.evaluate(twice, BOUGHT, call=count)

    assert sorted(asked) == ["heavy", "heavy", "pairs"]


def test_a_function_that_raises_is_named() -> None:
    with pytest.raises(
        FunctionError, match="'odd' raised RuntimeError\\('no such series'\\)"
    ) as caught:
        points.evaluate(returning(None), BOUGHT)

    assert caught.value.function == "odd"
    assert pickle.loads(pickle.dumps(caught.value)).reason == caught.value.reason  # noqa: S301


@pytest.mark.parametrize(
    ("gives", "answer"),
    [
        ("number", "12"),
        ("number", 1.5),
        ("number", True),
        ("number", Decimal("NaN")),
        ("number", Decimal("sNaN")),
        ("number", 10**40),
        ("number", Decimal("1E-99999999")),
        ("number", [1]),
        ("boolean", 1),
        ("text", "x" * 300),
        ("text", 3),
    ],
)
def test_nonsense_is_refused(gives: str, answer: object) -> None:
    with pytest.raises(FunctionError, match="returned"):
        points.evaluate(returning(answer, gives), BOUGHT, call=lambda *_: answer)


@pytest.mark.parametrize(("answer", "total"), [(None, 15), (1, 16), (Decimal(1), 16), (2, 15)])
def test_what_is_not_known_meets_no_condition(answer: object, total: int) -> None:
    assert points.evaluate(returning(answer), BOUGHT, call=lambda *_: answer).points == total


def test_a_fault_of_the_supervisor_passes_through_with_the_functions_name() -> None:
    def too_slow(function: Function, subject: Line | Basket) -> object:
        raise FunctionError(function.key, "took longer than 200 ms")

    with pytest.raises(FunctionError, match="longer than 200 ms"):
        points.evaluate(RULES, BOUGHT, call=too_slow)


@pytest.mark.parametrize("attempt", ["net_minor", "extra"])
def test_a_function_cannot_change_what_it_is_given(attempt: str) -> None:
    def meddle(function: Function, subject: Line | Basket) -> object:
        line = subject.lines[0] if isinstance(subject, Basket) else subject
        setattr(line, attempt, {}) if attempt == "net_minor" else line.extra.update({"weight": 99})  # type: ignore[attr-defined]
        return True

    before = hash(BOUGHT)

    with pytest.raises(FunctionError, match="raised"):
        points.evaluate(RULES, BOUGHT, call=meddle)
    assert hash(BOUGHT) == before
