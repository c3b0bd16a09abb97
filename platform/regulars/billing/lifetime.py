"""How a subscription begins and ends with its chain: restored, deleted, and what is left (S3)."""

import logging
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regulars.billing import doubles, gateway, plans, settling
from regulars.billing.models import Call, Event, Subscription
from regulars.errors import Conflict
from regulars.tenancy import context, directory
from regulars.tenancy.models import Chain

GONE: Final = (Chain.State.DELETING, Chain.State.DELETED)
KEPT: Final = timedelta(days=400)
"""How long what is done with is kept: calls, events and nights."""
CHAIN_DELETED: Final = "The chain was deleted."
_NOTHING: Final[dict[str, object]] = {"data": {"object": {}}}
"""What is left of an event whose chain is gone; of the shape of an event."""
_LOG = logging.getLogger(__name__)


class StillCharged(Conflict):
    """The chain has a subscription that runs and would be charged on after its deletion."""

    code = "still-charged"
    sentence = _(
        "A subscription of this chain runs and would go on being charged. Cancel it immediately "
        "in Stripe's Dashboard (customer %(customer)s), run “regulars billing reconcile”, and "
        "delete the chain then."
    )


class HasSubscription(Conflict):
    """The chain pays: how long its trial is makes no difference any more."""

    code = "has-subscription"
    sentence = _("This chain has a subscription that runs, so its trial cannot be moved.")


def begin(*, chain_id: UUID, now: datetime) -> Subscription:
    """Return what a chain subscribes to: a trial from now if nothing stands there at all."""
    row, is_new = Subscription.objects.get_or_create(
        chain_id=chain_id,
        defaults={
            "plan": plans.DEFAULT,
            "trial_ends_at": now + timedelta(days=plans.TRIAL_DAYS),
        },
    )
    if is_new:
        _LOG.info("Chain %s had no subscription and is on a trial now.", chain_id)
    return row


def begin_restored() -> None:
    """Put a chain that was brought back on a trial: its archive says nothing of payments."""
    begin(chain_id=context.current().id, now=timezone.now())


def begin_missing(*, now: datetime) -> int:
    """Put every chain without anything on a trial; returns how many."""
    without = Chain.objects.filter(subscription=None, state=Chain.State.ACTIVE)
    missing = list(without.values_list("pk", flat=True))
    for chain_id in missing:
        begin(chain_id=chain_id, now=now)
    return len(missing)


def move_trial(*, chain_id: UUID, ends_at: datetime, now: datetime) -> Subscription:
    """Let a trial end at another moment, and the chain stand at once as it does then.

    A moment that is over ends it: the chain is late from then on. Raises HasSubscription, Away.
    """
    begin(chain_id=chain_id, now=now)
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(chain_id=chain_id)
        if row.status in gateway.LIVE:
            raise HasSubscription
        row.trial_ends_at = ends_at
        row.save(update_fields=["trial_ends_at"])
        settling.settle(chain_id=chain_id, now=now)
        return Subscription.objects.select_related("chain").get(chain_id=chain_id)


def mark_demo(*, chain_id: UUID, is_demo: bool, now: datetime) -> Subscription:
    """Say whether a chain stays open whatever is paid, and without limits. Raises Away."""
    begin(chain_id=chain_id, now=now)
    with transaction.atomic():
        chain = Chain.objects.select_for_update().get(pk=chain_id)
        if chain.is_demo != is_demo:
            chain.is_demo = is_demo
            chain.save(update_fields=["is_demo"])
            directory.changed(chain)
        settling.settle(chain_id=chain_id, now=now)
        return Subscription.objects.select_related("chain").get(chain_id=chain_id)


def refuse_charged(chain: Chain) -> None:
    """Raise StillCharged while a subscription of the chain runs, as far as we know."""
    running = models.Q(status__in=gateway.LIVE) | models.Q(live__gt=0)
    row = Subscription.objects.filter(running, chain_id=chain.pk).first()
    if row is not None:
        raise StillCharged(customer=row.customer)


def forget(chain: Chain) -> None:
    """Take what names people out of what passed between a deleted chain and Stripe."""
    for_chain = Call.objects.filter(chain_id=chain.pk)
    for_chain.filter(state=Call.State.OPEN).update(
        state=Call.State.REFUSED, fault=CHAIN_DELETED, done_at=timezone.now()
    )
    for_chain.update(parameters={}, answer=None)
    Event.objects.filter(chain_id=chain.pk).update(payload=_NOTHING)
    forget_events()


def forget_events() -> int:
    """Empty what Stripe told of chains that are gone, whenever it came; returns how many."""
    gone = Subscription.objects.filter(chain__state__in=GONE).exclude(customer="")
    events = Event.objects.filter(customer__in=gone.values("customer"))
    return events.exclude(payload=_NOTHING).update(payload=_NOTHING)


def trim(*, now: datetime) -> None:
    """Forget calls and events that are over for longer than `KEPT`."""
    Call.objects.exclude(state=Call.State.OPEN).filter(done_at__lt=now - KEPT).delete()
    is_done = models.Q(state__in=[Event.State.DONE, Event.State.IGNORED])
    Event.objects.filter(is_done, received_at__lt=now - KEPT).delete()


def still_charged(*, now: datetime) -> tuple[list[UUID], dict[UUID, str]]:
    """Ask Stripe which chains that are gone have a subscription that runs.

    Returns those, and of which it could not be asked with the fault of each.
    """
    found: list[UUID] = []
    failed: dict[UUID, str] = {}
    rows = Subscription.objects.filter(chain__state__in=GONE).exclude(customer="")
    for row in rows.order_by("pk"):
        try:
            live = len(doubles.running(row.customer))
        except (gateway.Away, gateway.Refused) as error:
            if getattr(error.__cause__, "code", "") != "resource_missing":
                failed[row.chain_id] = repr(error.__cause__ or error)
                continue
            live = 0  # the customer was deleted there, and everything of it ended
        status = row.status if live or row.status not in gateway.LIVE else "canceled"
        Subscription.objects.filter(pk=row.pk).update(live=live, status=status, read_at=now)
        if live:
            found.append(row.chain_id)
    return found, failed
