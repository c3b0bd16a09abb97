"""What a verb does to an account, worked out on paper: pure, exact, no clock and no database.

Each function takes the account as it stands and returns the `Change` that the writer then writes.
The soonest-expiring lot is used first, never-expiring ones last. A lot whose expiry instant is
now has expired. What comes in pays a debt first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

AfterReturn = Literal["debt", "clamp"]


@dataclass(frozen=True, slots=True)
class Lot:
    """Points that expire together; `remaining` is not used yet, `expired` ran out unused."""

    id: UUID
    amount: int
    remaining: int
    expired: int
    expires_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Say whether it may still be used."""
        return self.remaining > 0 and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class Books:
    """An account under lock: what it holds, what it owes, and its open lots."""

    account_id: UUID
    available: int
    debt: int
    lots: tuple[Lot, ...] = ()

    def spendable(self, now: datetime) -> int:
        """Return what may be spent now; below zero when more is owed than held."""
        return sum(lot.remaining for lot in self.lots if lot.is_live(now)) - self.debt

    def in_order(self, now: datetime) -> list[Lot]:
        """Return the lots that may be used, soonest-expiring first, never-expiring last."""
        live = [lot for lot in self.lots if lot.is_live(now)]
        return sorted(live, key=lambda lot: (lot.expires_at is None, lot.expires_at or now, lot.id))


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot to be made; `remaining` may be less than `amount` when a debt was paid of it."""

    id: UUID
    amount: int
    remaining: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a posting changes. `lots` are differences of `remaining` by lot."""

    lots: Mapping[UUID, int]
    debt: int = 0
    made: tuple[NewLot, ...] = ()

    @property
    def available(self) -> int:
        """The change of what the account holds."""
        return sum(self.lots.values()) + sum(lot.remaining for lot in self.made)

    @property
    def amount(self) -> int:
        """The change of the customer's balance."""
        return self.available - self.debt


NOTHING = Change(lots={})


def earn(
    books: Books, *, amount: int, expires_at: datetime | None, new_id: Callable[[], UUID]
) -> Change:
    """Add a lot; a debt is paid of it first."""
    paid = min(books.debt, amount)
    lot = NewLot(id=new_id(), amount=amount, remaining=amount - paid, expires_at=expires_at)
    return Change(lots={}, debt=-paid, made=(lot,))


def spend(books: Books, *, amount: int, now: datetime) -> Change:
    """Use up lots in order; the caller has made sure that there is enough."""
    return Change(lots=_used(books.in_order(now), amount))


def take(
    books: Books, *, amount: int, now: datetime, own: Sequence[UUID], policy: AfterReturn
) -> Change:
    """Take back `amount`: from the purchase's own lots, then in order, then as a debt.

    Under `clamp` what is not there is let go.
    """
    lots = sorted(books.in_order(now), key=lambda lot: lot.id not in own)
    used = _used(lots, amount)
    missing = amount + sum(used.values())
    return Change(lots=used, debt=missing if policy == "debt" else 0)


@dataclass(frozen=True, slots=True)
class Portion:
    """Spent points that go back: how many, to which lot, and when that lot expires."""

    lot_id: UUID
    amount: int
    expires_at: datetime | None
    is_here: bool  # False: a merge left the lot with another account


def restore(
    books: Books,
    *,
    portions: Sequence[Portion],
    now: datetime,
    grace: datetime,
    new_id: Callable[[], UUID],
) -> Change:
    """Give spent points back to their lots; those of a lot that expired live until `grace`.

    A debt is paid first, with what would live shortest.
    """
    owed = books.debt
    lots: dict[UUID, int] = {}
    made: list[NewLot] = []
    by_life = sorted(portions, key=lambda each: (each.expires_at is None, each.expires_at or now))
    for portion in by_life:
        paid = min(owed, portion.amount)
        owed -= paid
        left = portion.amount - paid
        if not left:
            continue
        gone = portion.expires_at is not None and portion.expires_at <= now
        if gone or not portion.is_here:
            until = grace if gone else portion.expires_at
            made.append(NewLot(id=new_id(), amount=left, remaining=left, expires_at=until))
        else:
            lots[portion.lot_id] = lots.get(portion.lot_id, 0) + left
    return Change(lots=lots, debt=owed - books.debt, made=tuple(made))


def _used(lots: Sequence[Lot], amount: int) -> dict[UUID, int]:
    """Return how much each lot gives, as differences, until the amount or the lots run out."""
    used: dict[UUID, int] = {}
    left = amount
    for lot in lots:
        if left <= 0:
            break
        used[lot.id] = -min(lot.remaining, left)
        left += used[lot.id]
    return used
