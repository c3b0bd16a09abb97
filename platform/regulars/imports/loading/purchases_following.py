"""What follows once purchases are in: standings, owners and home stores, and points if asked."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Sum

from regulars.customers import services as customers
from regulars.customers.services import bulk as many
from regulars.imports import side_by_side
from regulars.imports.contract import Job, Tell
from regulars.imports.loading.purchases_judging import floor
from regulars.purchases import bulk
from regulars.purchases import selectors as purchases_of
from regulars.purchases import services as purchases
from regulars.purchases.models import Purchase
from regulars.usecases import award_history

if TYPE_CHECKING:
    from django.db.models import QuerySet

_CUSTOMERS_AT_ONCE: Final = 500
_SHARED: Final = 16  # pieces that two connections share before the next are looked for
_EARNING_AT_ONCE: Final = 1_000  # purchases, with their lines in memory


def follow(job: Job, *, now: datetime, tell: Tell) -> dict[str, int]:
    """Bring every customer of the import up to date; repeatable. Returns points and totals."""
    points = done = 0
    has_guides = job.mapping.has("guide")  # without, nobody gets an owner who had none before
    some_at_once = batched(touched(job), _CUSTOMERS_AT_ONCE, strict=False)
    for pieces in batched(some_at_once, _SHARED, strict=False):
        shared = side_by_side.shared(pieces, lambda some: _bring_up(some, now, has_guides))
        with closing(shared) as brought:
            for some in brought:
                if job.options.earns:
                    points += _earned(job, some, now)
                done += len(some)
                tell(done, None)
    return {"points": points, **_totals(job)}


def _bring_up(some: tuple[UUID, ...], now: datetime, has_guides: bool) -> tuple[UUID, ...]:
    with transaction.atomic():
        many.lock(ids=some)
        purchases.recount(customer_ids=some)
        lacking = customers.unclaimed(customer_ids=some, owners=has_guides)
        customers.claim_many(rows=bulk.firsts(customer_ids=lacking), now=now)
    return some


def _earned(job: Job, some: tuple[UUID, ...], now: datetime) -> int:
    return sum(
        award_history.award(customer_ids=few, import_id=job.import_id, actor=job.actor, now=now)
        for few in _portions(some)
    )


def _portions(customer_ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """Divide customers so that the purchases of each portion come to _EARNING_AT_ONCE or so."""
    standings = purchases_of.standing_of_many(customer_ids)
    portion: list[UUID] = []
    bought = 0
    for customer_id in customer_ids:
        portion.append(customer_id)
        standing = standings.get(customer_id)
        bought += standing.purchases + standing.returns if standing else 0
        if bought >= _EARNING_AT_ONCE:
            yield portion
            portion, bought = [], 0
    if portion:
        yield portion


def touched(job: Job) -> Iterator[UUID]:
    """Yield the customers of the import's purchases, by key."""
    rows = of_import(job).exclude(customer=None).order_by("customer_id").distinct()
    yield from rows.values_list("customer_id", flat=True).iterator(
        chunk_size=_CUSTOMERS_AT_ONCE * _SHARED
    )


def of_import(job: Job) -> "QuerySet[Purchase]":
    """Return the facts of the import. Its keys begin where it began, so no index is needed."""
    return Purchase.objects.filter(pk__gt=floor(job), import_id=job.import_id)


def _totals(job: Job) -> dict[str, int]:
    rows = of_import(job).exclude(kind=Purchase.Kind.VOID).values_list("kind")
    found = {
        kind: (count, paid)
        for kind, count, paid in rows.annotate(Count("pk"), Sum("paid_minor")).order_by("kind")
    }
    sales, back = found.get("sale", (0, 0)), found.get("return", (0, 0))
    return {"sales": sales[0], "returns": back[0], "sales_minor": sales[1] + back[1]}
