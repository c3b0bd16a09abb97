"""Batches: which there are, how far one is, what is unknown, and whom it passed over."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, QuerySet

from regulars.audit import Actor, Scope
from regulars.audit.decisions import require
from regulars.customers.selectors import visibility
from regulars.messages.models import Batch, Contact, PassedOver

PERMISSION: Final = "rules.manage"
_SLICE: Final = 1_000
_NOBODY: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A batch with its messages by state; `done` of `total` need nothing more of a worker."""

    batch: Batch
    states: dict[str, int]

    @property
    def total(self) -> int:
        """How many messages there are."""
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """How many were handed over, refused or cancelled, or are unknown."""
        waiting = (Contact.State.RESERVED, Contact.State.SENDING)
        return self.total - sum(self.states.get(state, 0) for state in waiting)


def progress(batch_id: UUID) -> Progress | None:
    """Return how far a batch is, in two statements; exact at every moment."""
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        return None
    rows = Contact.objects.filter(batch=batch_id).values_list("state").annotate(n=Count("pk"))
    return Progress(batch=batch, states=dict(rows.order_by()))


def page(*, actor: Actor, after: UUID | None = None, limit: int = 30) -> list[Batch]:
    """Return batches, the newest first; one more than `limit` says that there are others."""
    require(actor, PERMISSION)
    rows = Batch.objects.order_by("-pk")
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows[: limit + 1])


def unknown(batch_id: UUID, *, scope: Scope, limit: int = 50) -> list[Contact]:
    """Return messages of which nobody knows whether they went, with their customers."""
    rows = _seen(batch_id, scope).filter(state=Contact.State.UNKNOWN)
    return list(rows.select_related("customer").order_by("pk")[:limit])


def samples(batch_id: UUID, *, scope: Scope, limit: int = 3) -> list[Contact]:
    """Return some of its messages, as they go or went."""
    rows = _seen(batch_id, scope).exclude(state=Contact.State.CANCELLED)
    return list(rows.select_related("customer").order_by("pk")[:limit])


def _seen(batch_id: UUID, scope: Scope) -> QuerySet[Contact]:
    """Return a batch's messages to customers whom somebody may see: they may have moved since."""
    return Contact.objects.filter(visibility.within(scope, "customer__"), batch=batch_id)


def passed_over(
    batch_id: UUID, *, scope: Scope, why: str = "", after: UUID | None = None, limit: int = 50
) -> list[PassedOver]:
    """Return whom a batch passed over, with their customers; one more than `limit` if there are.

    Only those whom somebody may see: a store may keep its customers to itself since.
    """
    seen = visibility.within(scope, "customer__")
    rows = PassedOver.objects.filter(seen, batch=batch_id, customer_id__gt=after or _NOBODY)
    if why:
        rows = rows.filter(why=why)
    return list(rows.select_related("customer__home_store").order_by("customer_id")[: limit + 1])


def all_passed_over(batch_id: UUID, *, scope: Scope) -> Iterator[PassedOver]:
    """Yield everybody whom a batch passed over, a thousand read at a time."""
    after: UUID | None = None
    while rows := passed_over(batch_id, scope=scope, after=after, limit=_SLICE - 1):
        yield from rows
        after = rows[-1].customer_id
