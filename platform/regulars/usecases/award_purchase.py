"""Points that had to wait: the vertical's function failed at the till, and is tried again."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from regulars.audit import SYSTEM
from regulars.outbox import handlers
from regulars.outbox.models import Job
from regulars.points import ledger
from regulars.points import selectors as balances
from regulars.points.ledger import Event, Posted
from regulars.purchases import selectors
from regulars.purchases.drafts import PaymentDraft
from regulars.purchases.models import Purchase
from regulars.purchases.settling import Settled, SettledLine
from regulars.tenancy import statements
from regulars.usecases import earning, returned_points, till

HANDLER: Final = "points.award"
_WAITING: Final = """
SELECT count(*), min(created_at), (array_agg(fault ORDER BY id DESC))[1] FROM outbox_job
WHERE done_at IS NULL AND failed_at IS NULL AND handler = %s AND fault <> ''"""
_NAMED: Final = re.compile(r"function '([a-z0-9-]+)' (.*?)['\")]*$", re.DOTALL)  # a FunctionError


class PointsWait(RuntimeError):
    """The vertical's function failed again; the outbox tries later and keeps the fault."""


def key_of(purchase_id: UUID) -> str:
    """Return the outbox key of a purchase's waiting points."""
    return f"points:{purchase_id}"


def is_waiting(purchase_id: UUID) -> bool:
    """Say whether a purchase's points are still to be posted."""
    return Job.objects.filter(key=key_of(purchase_id), done_at=None).exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Purchases whose points could not be computed: how many, since when, and the last fault.

    `function` is the key of the vertical's function that failed, `reason` what it did, in English.
    """

    purchases: int
    since: datetime
    function: str
    reason: str


def waiting() -> Waiting | None:
    """Return what waits because of a fault of the vertical; one statement."""
    row = statements.one(_WAITING, (HANDLER,))
    if row is None or not row[0]:
        return None
    purchases, since, fault = row
    named = _NAMED.search(fault)
    function, reason = named.groups() if named else ("", fault)
    return Waiting(purchases=purchases, since=since, function=function, reason=reason)


@handlers.handler(HANDLER, gives_up=False)
def award(*, purchase_id: str, now: datetime) -> None:
    """Post what a purchase earns, and what its returns took of that meanwhile."""
    post(purchase_id=UUID(purchase_id), now=now)


@transaction.atomic
def post(*, purchase_id: UUID, now: datetime) -> Posted | None:
    """Post the points of a recorded purchase now; None when it earns nothing.

    Used for points that waited, and by imports that were asked to let history earn. The key is
    the till's own, so nothing is ever posted twice. Raises PointsWait.
    """
    purchase = selectors.with_lines(Purchase.objects.filter(pk=purchase_id)).get()
    if purchase.customer_id is None or purchase.kind != Purchase.Kind.SALE:
        return None
    till.lock_for_return(purchase)
    scene = till.read(
        store_id=purchase.store_id,
        guide_id=None,
        customer_id=purchase.customer_id,
        occurred_at=purchase.occurred_at,
        now=now,
    )
    if scene.buyer is None:
        return None
    earlier = Purchase.objects.filter(
        customer_id=purchase.customer_id, kind=Purchase.Kind.SALE, id__lt=purchase.id
    )
    scene = replace(
        scene,
        buyer=replace(scene.buyer, purchases=earlier.count()),
        spent={months: paid - purchase.paid_minor for months, paid in scene.spent.items()},
    )
    earned = earning.earn(settled_from(purchase), scene)
    if earned.fault:
        raise PointsWait(earned.fault)
    if not earned.points:
        return None
    event = Event(
        customer_id=purchase.customer_id,
        key=balances.award_key(purchase.id),
        reasons=earned.reasons,
        actor=SYSTEM,
        now=now,
        store_id=purchase.store_id,
        purchase_id=purchase.id,
    )
    expires_at = earning.expires_at(purchase.business_day)
    posted = ledger.award(event, amount=earned.points, expires_at=expires_at)
    if not posted.repeated:
        returned_points.catch_up(purchase, actor=SYSTEM, now=now)
    return posted


def settled_from(purchase: Purchase) -> Settled:
    """Return a recorded sale as the rules were to see it."""
    return Settled(
        lines=tuple(
            SettledLine(
                position=line.position,
                quantity=line.quantity,
                gross_minor=line.gross_minor,
                discount_minor=line.discount_minor,
                paid_minor=line.paid_minor,
                category=line.category,
                product_code=line.product_code,
                product_name=line.product_name,
                extra=line.extra,
            )
            for line in purchase.lines.all()
        ),
        gross_minor=purchase.gross_minor,
        discount_minor=purchase.discount_minor,
        rounding_minor=purchase.rounding_minor,
        paid_minor=purchase.paid_minor,
        units=purchase.units,
        payments=tuple(PaymentDraft(**payment) for payment in purchase.payments),
        extra=purchase.extra,
    )
