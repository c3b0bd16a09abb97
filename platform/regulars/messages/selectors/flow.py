"""How sending goes: what waits on each channel, and what went wrong last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from regulars.tenancy import statements

_OPEN: Final = """
SELECT channel, state, count(*) FROM messaging_contact
WHERE state IN ('reserved', 'sending', 'unknown') AND direction = 'out' GROUP BY channel, state"""
# Keys rise with time: the newest are looked at, however many there are.
_FAULTS: Final = """
SELECT DISTINCT ON (channel) channel, fault, at, provider FROM (
  SELECT id, channel, fault, at, provider FROM messaging_contact
  WHERE direction = 'out' ORDER BY id DESC LIMIT %s) AS newest
WHERE fault <> '' AND provider <> '' ORDER BY channel, id DESC"""
_HALTS: Final = """
SELECT DISTINCT ON (channel) channel, fault FROM messaging_batch
WHERE state = 'sending' AND fault <> '' ORDER BY channel, id DESC"""
_NEWEST: Final = 5_000


@dataclass(slots=True, kw_only=True)
class Flow:
    """One channel: messages that wait or are unknown, the last fault, and what halts a batch."""

    waiting: int = 0
    unknown: int = 0
    fault: str = ""
    fault_at: datetime | None = None
    halted: str = ""


def by_channel() -> dict[str, Flow]:
    """Return how each channel goes that was ever used, in three statements."""
    found: dict[str, Flow] = {}
    for channel, state, count in statements.every(_OPEN):
        flow = found.setdefault(channel, Flow())
        if state == "unknown":
            flow.unknown = count
        else:
            flow.waiting += count
    for channel, fault, at, _provider in statements.every(_FAULTS, (_NEWEST,)):
        flow = found.setdefault(channel, Flow())
        flow.fault, flow.fault_at = fault, at
    for channel, fault in statements.every(_HALTS):
        found.setdefault(channel, Flow()).halted = fault
    return found
