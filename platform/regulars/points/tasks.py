"""What happens to points every night."""

import logging
from datetime import datetime
from typing import Final

from regulars.outbox import schedule
from regulars.outbox.handlers import NoUse
from regulars.points import ledger, verification

_LOG = logging.getLogger(__name__)
_SHOWN: Final = 20


class BooksDoNotAddUp(NoUse):
    """The nightly check found faults in the ledger; the outbox keeps them for the operator."""


@schedule.nightly("points.expire")
def expire(*, now: datetime) -> None:
    """Run out the lots whose time has come."""
    _LOG.info("Points of %d accounts ran out", ledger.expire(now=now))


@schedule.nightly("points.verify")
def verify(*, now: datetime) -> None:
    """Check every invariant of the ledger (see `verification`); rollups have a night of their own.

    Raises BooksDoNotAddUp, which `regulars doctor` shows.
    """
    findings = verification.findings(now=now, with_others=False)
    if findings:
        shown = "; ".join(str(finding) for finding in findings[:_SHOWN])
        raise BooksDoNotAddUp(f"{len(findings)} findings: {shown}")
