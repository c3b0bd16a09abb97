"""What Stripe tells us: kept once, answered at once, worked through the chain's outbox (S3).

An event is a hint to read again. Which one it was, when it came and how often is of no matter.
"""

import logging
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from regulars.billing import gateway, settling
from regulars.billing.models import Event
from regulars.billing.seen import Told
from regulars.errors import Conflict, NotFound
from regulars.outbox import services as outbox
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain

CONCERN: Final = (
    "customer.subscription.",
    "customer.deleted",
    "invoice.",
    "checkout.session.completed",
    "subscription_schedule.",
)
"""Kinds that can change what we keep; any other is kept and needs nothing."""
_GONE: Final = (Chain.State.DELETING, Chain.State.DELETED)
_LOG = logging.getLogger(__name__)


class OfNoChain(Conflict):
    """The event names no chain that is here."""

    code = "event-of-no-chain"


class Failed(Conflict):
    """The event could not be worked, for a reason that nobody thought of."""

    code = "event-failed"
    sentence = _("This event could not be worked. Why stands beside it; it is tried again.")


def take(raw: bytes, header: str, *, now: datetime) -> Event.State:
    """Keep a webhook's event and write its work down; returns what becomes of it.

    A second one of the same id changes nothing. Raises gateway.BadSignature.
    """
    told = gateway.verified(raw, header, now=now)
    known = Event.objects.filter(pk=told.id).values_list("state", flat=True).first()
    if known is not None:
        return Event.State(known)
    chain = _chain_of(told.customer, told.chain)
    event = Event(
        id=told.id,
        kind=told.kind,
        customer=told.customer,
        chain_id=chain.id if chain else None,
        payload=told.payload,
        state=_first_state(told, chain),
        happened_at=told.happened_at,
        received_at=now,
    )
    with transaction.atomic():
        Event.objects.bulk_create([event], ignore_conflicts=True)
        if event.state == Event.State.WAITING and chain is not None:
            _enqueue(chain, event.id)
    return Event.State(event.state)


def _chain_of(customer: str, named: str) -> Chain | None:
    """Return the chain of a customer, or the one that the object itself names."""
    chains = Chain.objects.exclude(state__in=_GONE)
    found = chains.filter(subscription__customer=customer).first() if customer else None
    return found or (chains.filter(pk=named).first() if _is_id(named) else None)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _first_state(told: Told, chain: Chain | None) -> Event.State:
    if chain is None and (told.customer or told.kind.startswith(CONCERN)):
        return Event.State.UNKNOWN
    return Event.State.WAITING if told.kind.startswith(CONCERN) else Event.State.IGNORED


def _enqueue(chain: Chain, event_id: str) -> None:
    with context.inside(ChainInfo.of(chain, subdomain="")):
        outbox.enqueue(
            handler="billing.event", payload={"event_id": event_id}, key=f"billing:{event_id}"
        )


def work(*, event_id: str, now: datetime) -> Event.State:
    """Read again what an event is about; can be repeated.

    Raises OfNoChain, Failed, gateway.Away or gateway.Refused.
    """
    rows = Event.objects.filter(pk=event_id)
    chain_id = rows.values_list("chain_id", flat=True).get()
    if chain_id is None:
        raise OfNoChain
    attempts = F("attempts") + 1
    try:
        settling.settle(chain_id=chain_id, now=now)
    except Exception as error:
        fault = repr(error.__cause__ or error)[:2000]
        rows.update(state=Event.State.FAILED, attempts=attempts, fault=fault)
        if isinstance(error, (gateway.Away, gateway.Refused)):
            raise
        _LOG.exception("Event %s could not be worked.", event_id)
        raise Failed from error
    rows.update(state=Event.State.DONE, attempts=attempts, fault="", handled_at=now)
    return Event.State.DONE


def replay(*, event_id: str, now: datetime) -> Event.State:
    """Work an event again, whatever became of it; one of no chain is looked up once more.

    Raises NotFound, OfNoChain, Failed, gateway.Away or gateway.Refused.
    """
    event = Event.objects.filter(pk=event_id).first()
    if event is None:
        raise NotFound
    if event.chain_id is None:
        named = event.payload["data"]["object"].get("metadata") or {}
        chain = _chain_of(event.customer, str(named.get("chain", "")))
        if chain is None:
            raise OfNoChain
        Event.objects.filter(pk=event_id).update(chain_id=chain.id)
    return work(event_id=event_id, now=now)


def work_left(*, before: datetime, now: datetime) -> list[str]:
    """Work events that came before a moment and still wait; returns those that are done now."""
    left = Event.objects.filter(
        state__in=[Event.State.WAITING, Event.State.FAILED], received_at__lt=before
    )
    done = []
    for event_id in left.order_by("received_at").values_list("pk", flat=True):
        try:
            work(event_id=event_id, now=now)
        except (gateway.Away, gateway.Refused, OfNoChain, Failed) as error:
            _LOG.warning("Event %s waits on: %r", event_id, error)
        else:
            done.append(event_id)
    return done
