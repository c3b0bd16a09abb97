"""Reading balances, entries and what the chain owes. A lot that has expired counts for nothing,
whether or not the nightly run has seen it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, Sum

from regulars import registry
from regulars.points import sentences
from regulars.points.models import Account, Lot, Posting, Unit
from regulars.tenancy import statements

SOON: Final = timedelta(days=60)
_BALANCE: Final = """
SELECT coalesce(sum(l.remaining) FILTER (WHERE l.expires_at > %s OR l.expires_at IS NULL), 0),
  a.debt,
  coalesce(sum(l.remaining) FILTER (WHERE l.expires_at > %s AND l.expires_at <= %s), 0),
  min(l.expires_at) FILTER (WHERE l.expires_at > %s AND l.expires_at <= %s)
FROM points_account a LEFT JOIN points_lot l ON l.account_id = a.id AND l.remaining > 0
WHERE a.customer_id = %s AND a.unit = %s GROUP BY a.id"""
_BALANCES: Final = """
SELECT a.customer_id, a.available - a.debt - coalesce((
  SELECT sum(l.remaining) FROM points_lot l
   WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= %s), 0)
FROM points_account a WHERE a.customer_id = ANY(%s) AND a.unit = %s"""
_EXPIRING: Final = """
SELECT a.customer_id, sum(l.remaining), min(l.expires_at)
FROM points_account a JOIN points_lot l ON l.account_id = a.id
WHERE a.customer_id = ANY(%s) AND a.unit = %s
  AND l.remaining > 0 AND l.expires_at > %s AND l.expires_at <= %s
GROUP BY a.customer_id"""
_EARNED: Final = """
SELECT b.id, b.customer_id, p.amount
FROM purchases_purchase b JOIN points_posting p ON p.key = 'purchase:' || b.id
WHERE b.id = ANY(%s) AND b.customer_id IS NOT NULL AND p.amount > 0"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a customer may use now, what they owe, and how much of it runs out soon."""

    available: int = 0
    debt: int = 0
    expiring: int = 0
    expires_at: datetime | None = None  # when the next of the expiring ones run out

    @property
    def balance(self) -> int:
        """What is left once the debt is paid; below zero when more is owed."""
        return self.available - self.debt


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Points that run out soon, and when the first of them do."""

    points: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a statement, with the sentences that explain it."""

    id: UUID
    at: datetime
    verb: str
    label: str
    amount: int
    balance: int
    sentences: tuple[str, ...]
    store_id: UUID | None
    purchase_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liability:
    """What a chain owes its customers, and what they owe it."""

    points: int
    debt: int
    expiring: int

    @property
    def net(self) -> int:
        """What is left of one when the other is paid."""
        return self.points - self.debt


def balance(
    *, customer_id: UUID, now: datetime, unit: Unit = Unit.POINTS, soon: timedelta = SOON
) -> Balance:
    """Return a customer's balance as of now, in one statement."""
    until = now + soon
    parameters = (now, now, until, now, until, customer_id, unit.value)
    row = statements.one(_BALANCE, parameters)
    if row is None:
        return Balance()
    available, debt, expiring, expires_at = row
    return Balance(
        available=int(available), debt=debt, expiring=int(expiring), expires_at=expires_at
    )


def balances_of_many(
    customer_ids: Iterable[UUID], *, now: datetime, unit: Unit = Unit.POINTS
) -> dict[UUID, int]:
    """Return the balances of customers in one statement; who never had any is left out."""
    rows = statements.every(_BALANCES, (now, list(customer_ids), unit.value))
    return {customer_id: int(held) for customer_id, held in rows}


def expiring_of_many(
    customer_ids: Iterable[UUID], *, now: datetime, within: timedelta = SOON
) -> dict[UUID, Expiring]:
    """Return which customers lose points within a time, in one statement; others are left out."""
    rows = statements.every(_EXPIRING, (list(customer_ids), Unit.POINTS.value, now, now + within))
    return {pk: Expiring(points=int(points), at=at) for pk, points, at in rows}


def earned_by_many(purchase_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, int]]:
    """Return by purchase whose it is now and what it earned; others are left out. One statement."""
    rows = statements.every(_EARNED, (list(purchase_ids),))
    return {pk: (customer_id, int(points)) for pk, customer_id, points in rows}


def statement(
    *,
    customer_id: UUID,
    language: str,
    before: UUID | None = None,
    limit: int = 50,
    unit: Unit = Unit.POINTS,
) -> list[Entry]:
    """Return a customer's entries, newest first, in two statements; `before` is the last seen.

    Postings that changed nothing are left out.
    """
    account = Account.objects.filter(customer_id=customer_id, unit=unit).values("id").first()
    if account is None:
        return []
    rows = Posting.objects.filter(account_id=account["id"]).exclude(amount=0).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [entry(row, language) for row in rows[:limit]]


def entries_of(purchase_ids: Iterable[UUID], *, language: str) -> dict[UUID, list[Entry]]:
    """Return what purchases did to points, by purchase, oldest first; one statement."""
    found: dict[UUID, list[Entry]] = {}
    rows = Posting.objects.filter(purchase_id__in=list(purchase_ids)).exclude(amount=0)
    for row in rows.order_by("id"):
        if row.purchase_id is not None:
            found.setdefault(row.purchase_id, []).append(entry(row, language))
    return found


def award_of(purchase_id: UUID) -> Posting | None:
    """Return the posting by which a purchase earned, if it earned anything."""
    return Posting.objects.filter(key=award_key(purchase_id)).first()


def award_key(purchase_id: UUID) -> str:
    """Return the key under which a purchase earns; the till's statement writes the same."""
    return f"purchase:{purchase_id}"


def liability(*, now: datetime, unit: Unit = Unit.POINTS, soon: timedelta = SOON) -> Liability:
    """Return what the chain owes in a unit; reads every open lot once."""
    live = Q(expires_at=None) | Q(expires_at__gt=now)
    lots = Lot.objects.filter(live, account__unit=unit, remaining__gt=0)
    sums: Mapping[str, Any] = lots.aggregate(
        points=Sum("remaining"), expiring=Sum("remaining", filter=Q(expires_at__lte=now + soon))
    )
    debt = Account.objects.filter(unit=unit, debt__gt=0).aggregate(debt=Sum("debt"))["debt"]
    return Liability(
        points=int(sums["points"] or 0), debt=int(debt or 0), expiring=int(sums["expiring"] or 0)
    )


def entry(row: Posting, language: str) -> Entry:
    """Return a posting as a line of a statement."""
    return Entry(
        id=row.id,
        at=row.occurred_at,
        verb=row.verb,
        label=str(Posting.Verb(row.verb).label),
        amount=row.amount,
        balance=row.balance,
        sentences=sentences.tell(row.reasons, vertical=registry.vertical(), language=language),
        store_id=row.store_id,
        purchase_id=row.purchase_id,
    )
