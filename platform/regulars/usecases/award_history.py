"""Points for purchases that came in bulk, each as of its own day, and taking them back as a whole.

Customer by customer in the order of time: what the rules ask of earlier purchases (how many, how
much in the last months) is what a till would have known at that moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from regulars import registry
from regulars.audit import Actor
from regulars.customers.models import Customer, LifeEvent
from regulars.outbox import services as outbox
from regulars.points import history, returning, tiers
from regulars.points.models import Posting
from regulars.points.selectors import award_key
from regulars.purchases import selectors
from regulars.purchases.models import Purchase
from regulars.stores.models import Store
from regulars.usecases import award_purchase, earning, returned_points
from regulars.usecases.till import Buyer, Scene

type Birthdays = tuple[tuple[int, int, bool, date | None], ...]


@dataclass(slots=True, kw_only=True)
class _Past:
    """A customer up to the purchase that is looked at; returns and voids count against `spent`."""

    id: UUID
    extra: dict[str, Any]
    birthdays: Birthdays
    purchases: int = 0
    spent: list[tuple[date, int]] = field(default_factory=list)

    def scene(self, purchase: Purchase, store: Store, windows: Sequence[int]) -> Scene:
        """Return what a till would have read before this purchase."""
        day = purchase.business_day
        local = purchase.occurred_at.astimezone(ZoneInfo(store.time_zone))
        since = {months: tiers.since(day, months) for months in windows}
        return Scene(
            business_day=day,
            hour=local.hour,
            store_code=store.code,
            buyer=Buyer(
                id=self.id,
                owner_id=None,
                home_store_id=None,
                extra=self.extra,
                purchases=self.purchases,
                birthdays=self.birthdays,
            ),
            balance=None,
            is_swept=True,
            spent={
                months: sum(paid for on, paid in self.spent if on > start)
                for months, start in since.items()
            },
        )


@transaction.atomic
def award(*, customer_ids: Sequence[UUID], import_id: UUID, actor: Actor, now: datetime) -> int:
    """Post what the import's purchases of some customers earn; returns the points.

    Set by set, in one transaction; the keys are a till's own, so a repeat posts nothing. Returns
    take back what they would have taken. A rule that fails leaves its purchase to the retry. All
    purchases are held in memory and ask the vertical's named functions together, before any lock.
    """
    pasts = _pasts(customer_ids)
    facts = Purchase.objects.filter(customer_id__in=list(pasts)).order_by("occurred_at", "id")
    ours = facts.filter(import_id=import_id, kind=Purchase.Kind.SALE)
    with_lines = {each.id: each for each in selectors.with_lines(ours)}
    windows = tiers.windows(registry.vertical())
    sales: list[tuple[Purchase, Scene]] = []
    returned: set[UUID] = set()
    for fact in facts:
        past = pasts[fact.customer_id]  # type: ignore[index]  # filtered by it
        is_back = fact.import_id == import_id and fact.kind == Purchase.Kind.RETURN
        if (purchase := with_lines.get(fact.id)) is not None:
            sales.append((purchase, past.scene(purchase, purchase.store, windows)))
        elif is_back and fact.original_id is not None:
            returned.add(fact.original_id)
        past.purchases += fact.counts
        past.spent.append((fact.business_day, fact.paid_minor))
    awards = list(_awards(sales))
    history.award_many(rows=awards, actor=actor)
    originals = selectors.with_lines(Purchase.objects.filter(pk__in=returned))
    for original in originals.order_by("id"):
        returned_points.catch_up(original, actor=actor, now=now)
    return sum(each.amount for each in awards)


@transaction.atomic
def revoke(*, purchase_ids: Iterable[UUID], actor: Actor, now: datetime) -> int:
    """Take back what voided purchases earned, and give back what voided returns had taken.

    The caller holds the customers. Returns the points taken. Repeatable: the keys name the fact.
    """
    ids = list(purchase_ids)
    taken = 0
    rows = Purchase.objects.filter(pk__in=ids, customer__state=Customer.State.ACTIVE)
    posted_for = Posting.objects.filter(purchase_id__in=ids)
    earning_ones = {each for each in posted_for.values_list("purchase_id", flat=True) if each}
    backs = {
        f"return:{each}:take-back": each
        for each in rows.filter(kind=Purchase.Kind.RETURN)
        .exclude(original__in=ids)
        .values_list("pk", flat=True)
    }
    taking = {
        backs[key]
        for key in Posting.objects.filter(key__in=list(backs)).values_list("key", flat=True)
    }
    for purchase in rows.filter(pk__in=[*earning_ones, *taking]).order_by("customer_id", "id"):
        assert purchase.customer_id is not None  # noqa: S101  (joined by it)
        if purchase.pk in earning_ones:
            posted = returning.revoke(
                customer_id=purchase.customer_id,
                purchase_id=purchase.pk,
                store_id=purchase.store_id,
                actor=actor,
                now=now,
            )
            taken -= posted.amount if posted else 0
        else:
            returning.reinstate(
                customer_id=purchase.customer_id,
                return_id=purchase.pk,
                store_id=purchase.store_id,
                actor=actor,
                now=now,
            )
    return taken


def _awards(sales: Sequence[tuple[Purchase, Scene]]) -> Iterator[history.Award]:
    """Yield what sales earn; one whose rules fail is left to the outbox."""
    earnings = earning.earn_many(
        [(award_purchase.settled_from(purchase), scene) for purchase, scene in sales]
    )
    for (purchase, scene), earned in zip(sales, earnings, strict=True):
        if earned.fault:
            outbox.enqueue(
                handler=award_purchase.HANDLER,
                payload={"purchase_id": str(purchase.id)},
                key=award_purchase.key_of(purchase.id),
            )
        elif earned.points:
            assert scene.buyer is not None  # noqa: S101  (made with one)
            yield history.Award(
                customer_id=scene.buyer.id,
                amount=earned.points,
                key=award_key(purchase.id),
                reasons=earned.reasons,
                occurred_at=purchase.occurred_at,
                expires_at=earning.expires_at(purchase.business_day),
                store_id=purchase.store_id,
                purchase_id=purchase.id,
            )


def _pasts(customer_ids: Sequence[UUID]) -> dict[UUID, _Past]:
    days: dict[UUID, list[tuple[int, int, bool, date | None]]] = {}
    birthdays = LifeEvent.objects.filter(
        customer__in=customer_ids, kind=LifeEvent.Kind.BIRTHDAY
    ).order_by("pk")
    for each in birthdays:
        day = (each.month, each.day, each.lunar, each.next_on)
        days.setdefault(each.customer_id, []).append(day)
    people = Customer.objects.filter(pk__in=customer_ids, state=Customer.State.ACTIVE)
    return {
        key: _Past(id=key, extra=extra, birthdays=tuple(days.get(key, ())))
        for key, extra in people.values_list("pk", "extra")
    }
