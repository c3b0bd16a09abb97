"""Rules made ready to run: each condition becomes a reader of a fact and a test of its value."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from regulars.kit.baskets import Basket
from regulars.kit.calling import Caller, call_here, checked_call
from regulars.kit.conditions import Where, test_of
from regulars.kit.facts import BUYER_FACTS, LINE_FACTS, PURCHASE_FACTS
from regulars.kit.rules import Bonus, Function, Rate

Read = Callable[["Reading", int], object]
Test = tuple[Read, Callable[[object], bool]]
Functions = Mapping[str, Function]


class Reading:
    """The facts of one basket; what functions derived is asked for once."""

    __slots__ = ("_derived", "basket", "call")

    def __init__(self, basket: Basket, call: Caller) -> None:
        self.basket = basket
        self.call = call
        self._derived: dict[tuple[str, int], object] = {}

    def derived(self, function: Function, line: int) -> object:
        """Return what a function says of a line, or of the basket."""
        place = (function.key, line if function.on == "line" else -1)
        if place not in self._derived:
            subject = self.basket.lines[line] if function.on == "line" else self.basket
            self._derived[place] = checked_call(function, subject, self.call)
        return self._derived[place]


@dataclass(frozen=True, slots=True)
class Plan[R: Rate | Bonus]:
    """A rule with its conditions divided: on the purchase as a whole, and on each line."""

    rule: R
    on_purchase: tuple[Test, ...]
    on_line: tuple[Test, ...]
    amount: Read | None  # None: the line's net, in minor units

    def applies(self, reading: Reading) -> bool:
        """Tell whether the rule applies to the purchase at all."""
        return all(test(read(reading, -1)) for read, test in self.on_purchase)

    def matching(self, reading: Reading, lines: list[int]) -> list[int]:
        """Return the lines that meet the rule's conditions on lines."""
        for read, test in self.on_line:
            lines = [line for line in lines if test(read(reading, line))]
        return lines

    def amounts(self, reading: Reading, lines: Sequence[int]) -> list[int | Fraction]:
        """Return what is counted, per line of the basket; 0 for lines not in `lines`."""
        every = reading.basket.lines
        found: list[int | Fraction] = [0] * len(every)
        for line in lines:
            if self.amount is None:
                found[line] = every[line].net_minor
            else:
                found[line] = _counted(self.amount(reading, line))
        return found


def plan_of[R: Rate | Bonus](rule: R, functions: Functions) -> Plan[R]:
    """Make a rule ready to run."""
    tests = [(where.subject == "line", _test(where, functions)) for where in rule.where]
    return Plan(
        rule=rule,
        on_purchase=tuple(test for on_line, test in tests if not on_line),
        on_line=tuple(test for on_line, test in tests if on_line),
        amount=None if rule.of == "line.net" else reader(rule.of, functions),
    )


def fitting_lines(conditions: Iterable[Where], basket: Basket) -> list[int]:
    """Return the lines that meet every condition, by index; none that speaks of functions."""
    reading = Reading(basket, call_here)
    lines = list(range(len(basket.lines)))
    for where in conditions:
        read, test = _test(where, {})
        lines = [line for line in lines if test(read(reading, line))]
    return lines


def reader(fact: str, functions: Functions) -> Read:
    """Return how to read a fact by its full name; a fact nobody declares reads None."""
    if fact in functions:
        function = functions[fact]
        return lambda reading, line: reading.derived(function, line)
    subject, _, name = fact.partition(".")
    match subject:
        case "line" if name in LINE_FACTS:
            of_line = LINE_FACTS[name]
            return lambda reading, line: of_line(reading.basket.lines[line], reading.basket)
        case "line":
            return lambda reading, line: reading.basket.lines[line].extra.get(name)
        case "purchase" if name in PURCHASE_FACTS:
            of_purchase = PURCHASE_FACTS[name]
            return lambda reading, _: of_purchase(reading.basket)
        case "purchase":
            return lambda reading, _: reading.basket.extra.get(name)
    return _buyer_reader(name)


def functions_used(rules: Iterable[Rate | Bonus], functions: Functions) -> tuple[Function, ...]:
    """Return the functions that some rules speak of, each once."""
    names = [name for rule in rules for name in (rule.of, *(each.fact for each in rule.where))]
    return tuple(functions[name] for name in dict.fromkeys(names) if name in functions)


def _buyer_reader(name: str) -> Read:
    of_buyer = BUYER_FACTS.get(name)

    def read(reading: Reading, _: int) -> object:
        buyer = reading.basket.buyer
        if buyer is None:
            return None
        return of_buyer(buyer) if of_buyer else buyer.extra.get(name)

    return read


def _test(where: Where, functions: Functions) -> Test:
    return reader(where.fact, functions), test_of(where)


def _counted(value: object) -> int | Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return 0
    return Fraction(value) if value > 0 else 0
