"""Running a vertical's named functions, and refusing what they should not return."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from regulars.kit.baskets import Basket, Line
from regulars.kit.plain import is_countable
from regulars.kit.rules import Function

Subject = Line | Basket
Caller = Callable[[Function, Subject], object]

_LARGEST = 10**12
_LONGEST = 200


class FunctionError(Exception):
    """A vertical's function raised or returned nonsense; `function` is its key."""

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(f"function {function!r} {reason}")
        self.function = function
        self.reason = reason

    def __reduce__(self) -> tuple[type["FunctionError"], tuple[str, str]]:
        return FunctionError, (self.function, self.reason)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a basket needs. Picklable; equal calls have equal results."""

    function: Function
    subject: Subject

    def run(self) -> object:
        """Run the function here. Raises `FunctionError`."""
        return checked_call(self.function, self.subject, call_here)


def call_here(function: Function, subject: Subject) -> object:
    """Call a function in this process, without limits."""
    return cast(Callable[[Subject], object], function.call)(subject)


def checked_call(function: Function, subject: Subject, call: Caller) -> object:
    """Call a function through `call` and check its answer. Raises `FunctionError`."""
    try:
        answer = call(function, subject)
    except FunctionError:
        raise
    except Exception as fault:
        raise FunctionError(function.key, f"raised {fault!r:.200}") from fault
    if answer is not None and not _is_sane(function, answer):
        raise FunctionError(function.key, f"returned {answer!r:.100}, not a {function.gives}")
    return answer


def _is_sane(function: Function, answer: object) -> bool:
    match answer:
        case bool():
            return function.gives == "boolean"
        case int() | Decimal():
            number = Decimal(answer)
            sane = is_countable(number) and abs(number) <= _LARGEST
            return function.gives == "number" and sane
        case str():
            return function.gives == "text" and len(answer) <= _LONGEST
    return False
