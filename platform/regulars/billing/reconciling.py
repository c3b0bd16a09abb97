"""Finding and repairing at night what was missed, writing it down, and saying so (S3)."""

import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from regulars.billing import (
    calls,
    events,
    gateway,
    lifetime,
    metering,
    overview,
    services,
    settling,
)
from regulars.billing.models import Event, Night, Reported, Subscription
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain

_EVENT_WAITS: Final = timedelta(hours=1)
_SLICE_WAITS: Final = timedelta(hours=6)
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
    metered: list[UUID] = field(default_factory=list)
    """Chains whose subscription did not bill messages yet, and does now."""
    twice: list[UUID] = field(default_factory=list)
    """Chains of which more than one subscription runs: an operator ends one of them."""
    charged_on: list[UUID] = field(default_factory=list)
    """Chains that are gone, of which a subscription runs: an operator ends it."""
    messages_waiting: int = 0
    """Months of chains with messages that the meter still does not know of."""
    failed_events: int = 0
    """Events that could not be worked, and are tried again."""
    unknown: int = 0
    """Events of no chain we know, still to be looked at."""


def reconcile(*, now: datetime) -> Report:
    """Finish what was left open, read every subscription again, keep a report. Can be repeated."""
    report = Report(finished=calls.finish_left(now=now))
    report.worked = events.work_left(before=now - _EVENT_WAITS, now=now)
    lifetime.begin_missing(now=now)
    rows = Subscription.objects.exclude(chain__state__in=lifetime.GONE)
    for chain_id in list(rows.order_by("pk").values_list("chain_id", flat=True)):
        _read(chain_id, report, now)
    without = rows.filter(status__in=gateway.LIVE, messages_item="").select_related("chain")
    for row in without:
        _meter(row.chain, report, now)
    report.charged_on, unasked = lifetime.still_charged(now=now)
    report.failed |= unasked
    metering.finish_left(now=now, is_anew=True)
    report.twice = list(rows.filter(live__gt=1).order_by("pk").values_list("chain_id", flat=True))
    late = Reported.objects.filter(asking__gt=0, asked_at__lt=now - _SLICE_WAITS)
    report.messages_waiting = late.count()
    report.failed_events = Event.objects.filter(state=Event.State.FAILED).count()
    report.unknown = Event.objects.filter(state=Event.State.UNKNOWN).count()
    _keep(report, now)
    _say(report)
    return report


def _read(chain_id: UUID, report: Report, now: datetime) -> None:
    try:
        different = settling.settle(chain_id=chain_id, now=now)
    except Exception as error:  # noqa: BLE001  (whatever it is, the other chains are read)
        _fail(chain_id, error, report)
        return
    report.read += 1
    if set(different) - _BY_TIME:
        report.repaired[chain_id] = different
    elif different:
        report.moved[chain_id] = different


def _meter(chain: Chain, report: Report, now: datetime) -> None:
    try:
        if services.keep_messages(chain=ChainInfo.of(chain, subdomain=""), now=now):
            report.metered.append(chain.pk)
    except Exception as error:  # noqa: BLE001  (as above)
        _fail(chain.pk, error, report)


def _fail(chain_id: UUID, error: Exception, report: Report) -> None:
    report.failed[chain_id] = repr(error.__cause__ or error)
    if not isinstance(error, (gateway.Away, gateway.Refused)):
        _LOG.error("Reading chain %s failed.", chain_id, exc_info=error)


def _keep(report: Report, now: datetime) -> None:
    """Write the report down, with what recurs a month, and forget those that are old."""
    lifetime.forget_events()
    lifetime.trim(now=now)
    found = _plain(asdict(report))
    moved = found.pop("moved")
    named = {*report.repaired, *report.failed, *report.metered, *report.twice}
    named |= {*report.charged_on}
    found |= {
        "moved": len(moved),
        "names": {str(key): name for key, name in overview.chain_names(named).items()},
        "recurring": {
            each.currency: {"minor": each.minor, "paying": each.paying}
            for each in overview.recurring()
        },
    }
    Night.objects.create(at=now, report=found, needs_telling=_needs_telling(report))
    Night.objects.filter(at__lt=now - lifetime.KEPT).delete()


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: ids are text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, UUID) else value


def _needs_telling(report: Report) -> bool:
    """Say whether an operator should know: strange events are told when there are more of them."""
    last = Night.objects.order_by("-at").values_list("report__unknown", flat=True).first()
    return bool(
        report.repaired
        or report.failed
        or report.twice
        or report.charged_on
        or report.messages_waiting
        or report.failed_events
        or report.unknown > (last or 0)
    )


def _say(report: Report) -> None:
    for chain_id, names in report.repaired.items():
        _LOG.warning("Repaired the subscription of chain %s: %s", chain_id, ", ".join(names))
    for chain_id, fault in report.failed.items():
        _LOG.warning("The subscription of chain %s could not be read: %s", chain_id, fault)
    for chain_id in report.twice:
        _LOG.error("Two subscriptions run for chain %s: `regulars billing twice`", chain_id)
    for chain_id in report.charged_on:
        _LOG.error("Chain %s is deleted, and its subscription runs on.", chain_id)
    if report.failed_events:
        _LOG.warning("%s events of Stripe failed.", report.failed_events)
    if report.messages_waiting:
        _LOG.warning("%s months have messages the meter does not know.", report.messages_waiting)
    if report.unknown:
        _LOG.warning("%s events of Stripe are of no chain we know.", report.unknown)
