"""What is wrong with a vertical, all of it at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong: `where` names the declaration (`rates.gold.per`), `text` says what to do."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class VerticalError(Exception):
    """A vertical, or a part of it, is wrong. `faults` names every fault, never just the first."""

    def __init__(self, subject: str, faults: Iterable[Fault]) -> None:
        self.subject = subject
        self.faults: tuple[Fault, ...] = tuple(dict.fromkeys(faults))
        count = len(self.faults)
        lines = [f"{subject} has {count} fault{'' if count == 1 else 's'}:"]
        super().__init__("\n  ".join([*lines, *map(str, self.faults)]))

    def __reduce__(self) -> tuple[type["VerticalError"], tuple[str, tuple[Fault, ...]]]:
        return VerticalError, (self.subject, self.faults)
