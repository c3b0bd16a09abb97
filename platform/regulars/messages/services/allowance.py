"""How many messages to many the plan lets go this month (S3).

Messages of service always go, and those of one person to one customer; they are counted, and a
batch waits once the month's are used up, unless what is beyond is billed one by one.
"""

from datetime import datetime, timedelta
from typing import Final

from regulars.billing import resting
from regulars.messages.models import Purpose
from regulars.messages.selectors import sent
from regulars.messages.services.sending import Halt

AGAIN: Final = timedelta(hours=1)
_TRUSTED: Final = 1_000


class Allowance:
    """What is left for one batch, counted before the first message and after every thousand."""

    def __init__(self, purpose: str) -> None:
        """Take what the batch is for."""
        self._is_free = purpose == Purpose.SERVICE
        self._left = self._trusted = 0

    def room(self, wanted: int, *, now: datetime) -> int:
        """Return how many of the wanted messages may go now."""
        if not self._is_free and self._trusted < wanted:
            self._count(now)
        return wanted if self._is_free else min(wanted, max(0, self._left))

    def use(self, number: int) -> None:
        """Say that so many were tried."""
        self._left -= number
        self._trusted -= number

    def halt(self, *, now: datetime) -> Halt:
        """Return that the batch waits for more, and until when."""
        _start, end = sent.month(now)
        return Halt(resting.ALLOWANCE, min(end, now + AGAIN))

    def _count(self, now: datetime) -> None:
        allowed = resting.at_this_moment().messages
        if allowed is None or resting.bills_messages():
            self._is_free = True
            return
        self._left, self._trusted = allowed - sent.this_month(now), _TRUSTED
