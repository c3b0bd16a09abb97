"""The worker's side of billing."""

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from regulars import outbox
from regulars.billing import alerting, calls, events, metering, reconciling
from regulars.tenancy.tasks import Chore

_LOG = logging.getLogger(__name__)


@outbox.handler("billing.event", lease=timedelta(minutes=5), gives_up=False)
def event(*, event_id: str, now: datetime) -> None:
    """Read again what Stripe told of."""
    events.work(event_id=event_id, now=now)


@shared_task(name="regulars.billing.finish_calls", base=Chore)
def finish_calls() -> int:
    """Finish calls to Stripe that a crash left open; tell operators what they were not told.

    Telling comes last, and whatever is odd about it keeps nothing else from being finished.
    """
    now = timezone.now()
    finished = len(calls.finish_left(now=now)) + metering.finish_left(now=now)
    try:
        alerting.tell_left(now=now)
    except Exception:  # noqa: BLE001  # whatever it is, repairs go on
        _LOG.exception("Operators could not be told what the nights found.")
    return finished


@shared_task(name="regulars.billing.reconcile", base=Chore)
def reconcile() -> int:
    """Read every subscription again; returns how many had to be repaired."""
    return len(reconciling.reconcile(now=timezone.now()).repaired)
