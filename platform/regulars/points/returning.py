"""What a return does to points: earned ones are taken back, spent ones given back, in proportion.

Cumulative, so that partial returns add up exactly: taken back so far is
``earned − floor(earned × kept ÷ bought)`` for each line that earned. Points of the purchase that
have run out meanwhile were lost already and are not taken a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from regulars.audit import Actor
from regulars.kit import points
from regulars.points import ledger
from regulars.points.books import AfterReturn
from regulars.points.ledger import Event, Posted
from regulars.points.models import Posting
from regulars.tenancy import statements

_POSTINGS = """
SELECT p.id, p.verb, p.amount, p.reasons, (
  SELECT json_agg(json_build_array(l.lot_id, l.amount) ORDER BY l.id)
  FROM points_leg l WHERE l.posting_id = p.id AND l.side = 'lot')
FROM points_posting p WHERE p.purchase_id = %s AND p.verb IN ('award', 'spend') ORDER BY p.id"""
_OWN = "SELECT expired, remaining, expires_at FROM points_lot WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One line of the original: what was bought, and what is kept before and after the return."""

    position: int
    bought: Decimal
    kept_before: Decimal
    kept_after: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The same for the whole purchase, in minor units of what was paid."""

    bought: int
    kept_before: int
    kept_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What came of it: `taken` and `given` are from 0."""

    taken: Posted | None = None
    given: Posted | None = None


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What the original purchase did to points."""

    earned_by_line: Mapping[int, int]
    own: tuple[UUID, ...]
    spent: tuple[tuple[UUID, int], ...]  # by lot, in the order they were used


def undo(
    *,
    customer_id: UUID,
    original_id: UUID,
    return_id: UUID,
    shares: Sequence[Share],
    money: Money,
    policy: AfterReturn,
    grace_days: int,
    store_id: UUID,
    actor: Actor,
    now: datetime,
) -> Undone:
    """Give back what was spent and take back what was earned, in this order.

    Runs in the return's transaction, under the lock of the original's number. The keys name the
    return, so a repeat posts nothing. Two statements, and four for each of the two postings.
    """
    earlier = _earlier(original_id)
    given = taken = None

    def event(verb: str, why: str) -> Event:
        return Event(
            customer_id=customer_id,
            key=f"return:{return_id}:{verb}",
            reasons=[{"why": why, "params": {}}],
            actor=actor,
            now=now,
            store_id=store_id,
            purchase_id=original_id,
        )

    if portions := _portions(earlier.spent, money):
        given = ledger.give_back(
            event("give-back", "return-gives-back"),
            portions=portions,
            grace=now + timedelta(days=grace_days),
        )
    if amount := _to_take(earlier, shares, now):
        taken = ledger.take_back(
            event("take-back", "return-takes-back"),
            amount=amount,
            policy=policy,
            own=earlier.own,
        )
    return Undone(taken=taken, given=given)


def _earlier(original_id: UUID) -> _Earlier:
    earned: dict[int, int] = {}
    own: list[UUID] = []
    spent: list[tuple[UUID, int]] = []
    for _id, verb, _amount, reasons, legs in statements.every(_POSTINGS, (original_id,)):
        lots = [(UUID(lot), amount) for lot, amount in ledger.read_json(legs) or ()]
        if verb == Posting.Verb.SPEND:
            spent += [(lot, -amount) for lot, amount in lots]
            continue
        own += [lot for lot, _ in lots]
        for reason in ledger.read_json(reasons):
            for position, points_of_line in enumerate(reason.get("by_line", ()), start=1):
                earned[position] = earned.get(position, 0) + points_of_line
    return _Earlier(earned, tuple(own), tuple(spent))


def _to_take(earlier: _Earlier, shares: Sequence[Share], now: datetime) -> int:
    """Return how many points this return takes back."""
    before = after = 0
    for share in shares:
        earned = earlier.earned_by_line.get(share.position, 0)
        if earned and share.bought:
            bought = share.bought
            before += points.taken_back(earned=earned, bought=bought, kept=share.kept_before)
            after += points.taken_back(earned=earned, bought=bought, kept=share.kept_after)
    if after == before:
        return 0
    left = sum(earlier.earned_by_line.values()) - _run_out(earlier.own, now)
    return max(0, min(after, left) - min(before, left))


def _run_out(own: Sequence[UUID], now: datetime) -> int:
    """Return how many of the purchase's own points ran out, swept by the nightly run or not."""
    return sum(
        expired + (remaining if expires_at is not None and expires_at <= now else 0)
        for expired, remaining, expires_at in statements.every(_OWN, (list(own),))
    )


def _portions(spent: Sequence[tuple[UUID, int]], money: Money) -> list[tuple[UUID, int]]:
    """Return which lots get back how much: the lots used last are refilled first."""
    total = sum(amount for _lot, amount in spent)
    if not total or not money.bought:
        return []
    before = points.given_back(spent=total, bought=money.bought, kept=money.kept_before)
    after = points.given_back(spent=total, bought=money.bought, kept=money.kept_after)
    portions: list[tuple[UUID, int]] = []
    passed = 0
    for lot, amount in reversed(spent):
        start, end = max(before, passed), min(after, passed + amount)
        passed += amount
        if end > start:
            portions.append((lot, end - start))
    return portions


def revoke(
    *, customer_id: UUID, purchase_id: UUID, store_id: UUID, actor: Actor, now: datetime
) -> Posted | None:
    """Take back what a purchase that never happened still gives; None when that is nothing.

    What its returns took before, and what ran out of its own points, is not taken again. What was
    spent since becomes a debt.
    """
    earlier = _earlier(purchase_id)
    rows = Posting.objects.filter(purchase_id=purchase_id).exclude(verb=Posting.Verb.SPEND)
    still = sum(rows.values_list("amount", flat=True)) - _run_out(earlier.own, now)
    if still <= 0:
        return None
    event = Event(
        customer_id=customer_id,
        key=f"void:{purchase_id}",
        reasons=[{"why": "import-undone", "params": {}}],
        actor=actor,
        now=now,
        store_id=store_id,
        purchase_id=purchase_id,
    )
    return ledger.take_back(event, amount=still, own=earlier.own)


def reinstate(
    *, customer_id: UUID, return_id: UUID, store_id: UUID, actor: Actor, now: datetime
) -> Posted | None:
    """Give back, as a lot of their own, the points that a return which never happened had taken."""
    taken = posted_for(return_id).taken
    if taken is None or taken.amount >= 0:
        return None
    original = Posting.objects.values_list("purchase_id", flat=True).get(pk=taken.posting_id)
    expires = statements.every(
        "SELECT max(l.expires_at) FROM points_posting p JOIN points_lot l ON l.posting_id = p.id"
        " WHERE p.purchase_id = %s AND p.verb = 'award'",
        (original,),
    )
    event = Event(
        customer_id=customer_id,
        key=f"void:{return_id}",
        reasons=[{"why": "import-undone", "params": {}}],
        actor=actor,
        now=now,
        store_id=store_id,
        purchase_id=original,
    )
    return ledger.adjust(event, amount=-taken.amount, expires_at=expires[0][0])


def posted_for(return_id: UUID) -> Undone:
    """Return what a return did to points, to answer a repeat."""
    keys = {f"return:{return_id}:{verb}": verb for verb in ("take-back", "give-back")}
    found: dict[str, Any] = {
        keys[row.key]: Posted(
            posting_id=row.id, amount=row.amount, balance=row.balance, repeated=True
        )
        for row in Posting.objects.filter(key__in=list(keys))
    }
    return Undone(taken=found.get("take-back"), given=found.get("give-back"))
