"""Keys are for ever: what a released vertical declared is written to `keys.lock` and stays.

Stored values, ledger entries and head office's changes point at keys. A key that is no longer
wanted is `retired=True`; one that vanishes, or whose kind changes, is a fault.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from regulars.kit.faults import Fault
from regulars.kit.schema import Choice, Field

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical

__all__ = ["lock_text", "lost_keys", "new_keys", "parse_lock"]

_HEADER = "# Keys are for ever. Written by `regulars vertical lock`; lines are only ever added.\n"
_PLAIN_LISTS = (
    "functions", "rates", "bonuses", "spends", "tiers", "complaints", "follow_ups", "messages",
    "surveys", "segments", "handovers",
)  # fmt: skip
_KIND_OF = {"bonuses": "bonus", "follow_ups": "follow-up"}


def keys_of(vertical: "Vertical") -> tuple[str, ...]:
    """Return every permanent key, a line each, sorted: `field customer.ring-size integer`."""
    return tuple(sorted(set(_keys(vertical))))


def lock_text(vertical: "Vertical") -> str:
    """Return the content of `keys.lock`: what was locked before and what is new."""
    return _HEADER + "\n".join(sorted({*vertical.locked, *keys_of(vertical)})) + "\n"


def parse_lock(text: str) -> tuple[str, ...]:
    """Return the lines of a `keys.lock`, without comments."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def new_keys(vertical: "Vertical") -> tuple[str, ...]:
    """Return the keys that are declared but not yet locked."""
    return tuple(key for key in keys_of(vertical) if key not in set(vertical.locked))


def lost_keys(vertical: "Vertical") -> Iterator[Fault]:
    """Yield a fault for each locked key that is gone or has become something else."""
    present = keys_of(vertical)
    for line in vertical.locked:
        if line not in present:
            name = " ".join(line.split(" ")[:2])
            now = next((key for key in present if key.startswith(f"{name} ")), "")
            told = (
                f"is locked as {line!r} and has become {now!r}; retire it and use a new key"
                if now
                else "is locked but no longer declared; keep it with retired=True"
            )
            yield Fault(f"keys.lock: {name}", told)


def _keys(vertical: "Vertical") -> Iterator[str]:
    yield from _choices("category", "", vertical.categories)
    yield from _fields("", vertical.fields)
    for possession in vertical.possessions:
        yield f"possession {possession.key}"
        yield from _fields(f"{possession.key}.", possession.fields)
        for reminder in possession.reminders:
            yield f"reminder {possession.key}.{reminder.key}"
    for name in _PLAIN_LISTS:
        kind = _KIND_OF.get(name, name.removesuffix("s"))
        for noun in getattr(vertical, name):
            yield f"{kind} {noun.key}"
    for complaint in vertical.complaints:
        yield from _fields(f"{complaint.key}.", complaint.asks)
    for plan in vertical.follow_ups:
        for step in plan.steps:
            yield f"step {plan.key}.{step.key}"
            yield from _fields(f"{plan.key}.{step.key}.", step.ask)
    for survey in vertical.surveys:
        yield from _fields(f"{survey.key}.", survey.questions)


def _fields(prefix: str, fields: Iterable[Field]) -> Iterator[str]:
    for field in fields:
        name = f"{field.on}.{prefix}{field.key}"
        unit = f" {field.unit.key}" if field.unit else ""
        yield f"field {name} {field.kind}{unit}"
        yield from _choices("choice", f"{name}.", field.choices)


def _choices(kind: str, prefix: str, choices: Iterable[Choice]) -> Iterator[str]:
    for choice in choices:
        yield f"{kind} {prefix}{choice.key}"
