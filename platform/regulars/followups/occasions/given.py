"""Gifts that were handed over: by store and month, and one by one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.followups.models import Gift
from regulars.stores import selectors as stores
from regulars.tenancy import context

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Gifts of [since, until), of one store if named."""

    since: datetime
    until: datetime
    store_id: UUID | None = None


class Month(NamedTuple):
    """What gifts cost a store in a month of head office's calendar; money in minor units."""

    first: date
    store_id: UUID
    gifts: int
    cost_minor: int


def by_month(*, actor: Actor, which: Which) -> list[Month]:
    """Return what gifts cost by store and month, the latest month first. One statement.

    Within the scope of the actor's figures; it goes through all gifts. Raises Forbidden.
    """
    month = TruncMonth("given_at", tzinfo=context.current().zone)
    rows = _which(actor, which).annotate(month=month).values_list("month", "store_id")
    summed = rows.annotate(Count("pk"), Sum("cost_minor")).order_by("-month", "store_id")
    return [Month(first.date(), *rest) for first, *rest in summed]


def page(
    *, actor: Actor, which: Which, after: UUID | None = None, limit: int = 50
) -> tuple[list[Gift], UUID | None]:
    """Return gifts, the last written first, and where the next page begins. One statement."""
    rows = _which(actor, which).order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return found[:limit], found[limit - 1].pk if more else None


def count(*, actor: Actor, which: Which) -> int:
    """Return how many gifts there are. One statement."""
    return _which(actor, which).count()


def portions(*, actor: Actor, which: Which) -> Iterator[list[Gift]]:
    """Yield all of them in portions, the last written first."""
    after: UUID | None = None
    while True:
        found, after = page(actor=actor, which=which, after=after, limit=_AT_ONCE)
        yield found
        if after is None:
            return


def of_customer(customer_id: UUID, *, limit: int = 50) -> list[Gift]:
    """Return what a customer was given, the last first. One statement."""
    return list(Gift.objects.filter(customer=customer_id).order_by("-given_at", "-id")[:limit])


def _which(actor: Actor, which: Which) -> QuerySet[Gift]:
    require(actor, "insights.view")
    where = Q(given_at__gte=which.since, given_at__lt=which.until)
    if which.store_id is not None:
        where &= Q(store_id=which.store_id)
    return Gift.objects.filter(where, stores.within(actor.scope, "store_id", of="figures"))
