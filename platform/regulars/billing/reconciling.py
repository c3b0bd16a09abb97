"""Finding and repairing at night what was missed, and saying so (S3)."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from regulars.billing import calls, events, gateway, settling
from regulars.billing.models import Event, Subscription
from regulars.tenancy.models import Chain

_EVENT_WAITS: Final = timedelta(hours=1)
_BY_TIME: Final = frozenset({"state", "chain.access", "chain.standing", "chain.standing_until"})
"""What changes because a day has passed, without anything having been missed."""
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Report:
    """What one night found."""

    read: int = 0
    moved: dict[UUID, list[str]] = field(default_factory=dict)
    """Chains whose access or state changed by time alone."""
    repaired: dict[UUID, list[str]] = field(default_factory=dict)
    """Chains of which we kept something else than Stripe, and what."""
    failed: dict[UUID, str] = field(default_factory=dict)
    """Chains that could not be read."""
    finished: list[tuple[UUID | None, str]] = field(default_factory=list)
    """Calls that had been left open: chain and verb."""
    worked: list[str] = field(default_factory=list)
    """Events that had waited too long."""
    unknown: int = 0
    """Events of no chain we know, still to be looked at."""


def reconcile(*, now: datetime) -> Report:
    """Finish what was left open and read every subscription again. Can be repeated."""
    report = Report(finished=calls.finish_left(now=now))
    report.worked = events.work_left(before=now - _EVENT_WAITS, now=now)
    rows = Subscription.objects.exclude(
        chain__state__in=[Chain.State.DELETING, Chain.State.DELETED]
    )
    for chain_id in list(rows.order_by("pk").values_list("chain_id", flat=True)):
        _read(chain_id, report, now)
    report.unknown = Event.objects.filter(state=Event.State.UNKNOWN).count()
    _say(report)
    return report


def _read(chain_id: UUID, report: Report, now: datetime) -> None:
    try:
        different = settling.settle(chain_id=chain_id, now=now)
    except (gateway.Away, gateway.Refused) as error:
        report.failed[chain_id] = repr(error.__cause__ or error)
        return
    report.read += 1
    if set(different) - _BY_TIME:
        report.repaired[chain_id] = different
    elif different:
        report.moved[chain_id] = different


def _say(report: Report) -> None:
    for chain_id, names in report.repaired.items():
        _LOG.warning("Repaired the subscription of chain %s: %s", chain_id, ", ".join(names))
    for chain_id, fault in report.failed.items():
        _LOG.warning("The subscription of chain %s could not be read: %s", chain_id, fault)
    if report.unknown:
        _LOG.warning("%s events of Stripe are of no chain we know.", report.unknown)
