"""Running a vertical's named functions, and refusing what they should not return."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from regulars.kit.baskets import Basket, Line
from regulars.kit.rules import Function

Subject = Line | Basket
Caller = Callable[[Function, Subject], object]

_LARGEST = 10**12
_LONGEST = 200


class FunctionFault(Exception):
    """A vertical's function raised or returned nonsense; `function` is its key."""

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(f"function {function!r} {reason}")
        self.function = function
        self.reason = reason

    def __reduce__(self) -> tuple[type["FunctionFault"], tuple[str, str]]:
        return FunctionFault, (self.function, self.reason)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a basket needs. Picklable; equal calls have equal results."""

    function: Function
    subject: Subject

    def run(self) -> object:
        """Run the function here. Raises `FunctionFault`."""
        return checked_call(self.function, self.subject, call_here)


def call_here(function: Function, subject: Subject) -> object:
    """Call a function in this process, without limits."""
    return cast(Callable[[Subject], object], function.call)(subject)


def checked_call(function: Function, subject: Subject, call: Caller) -> object:
    """Call a function through `call` and check its answer. Raises `FunctionFault`."""
    try:
        answer = call(function, subject)
    except FunctionFault:
        raise
    except Exception as fault:
        raise FunctionFault(function.key, f"raised {fault!r:.200}") from fault
    if isinstance(answer, int | Decimal) and not _is_sane(function, answer):
        raise FunctionFault(function.key, f"returned {answer!r:.100}, not a {function.gives}")
    expected = {"boolean": bool, "number": int | Decimal, "text": str}[function.gives]
    if answer is not None and not isinstance(answer, expected):
        raise FunctionFault(function.key, f"returned {answer!r:.100}, not a {function.gives}")
    if isinstance(answer, str) and len(answer) > _LONGEST:
        raise FunctionFault(function.key, f"returned a text longer than {_LONGEST}")
    return answer


def _is_sane(function: Function, answer: int | Decimal) -> bool:
    if isinstance(answer, bool):
        return function.gives == "boolean"
    return Decimal(answer).is_finite() and abs(answer) <= _LARGEST
