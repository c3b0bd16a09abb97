"""Accounts as a person with paper and pencil would keep them: point by point, and slowly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass
class PaperLot:
    """Points that expire together; `key` is the product's own, as soon as it is known."""

    left: int
    expires_at: datetime | None
    born: int
    key: UUID | None = None

    def is_live(self, now: datetime) -> bool:
        return self.left > 0 and (self.expires_at is None or self.expires_at > now)


@dataclass
class PaperAccount:
    """One customer's page: lots and what is owed."""

    lots: list[PaperLot] = field(default_factory=list)
    debt: int = 0

    def live(self, now: datetime) -> list[PaperLot]:
        """Return what may be used, soonest-expiring first and never-expiring last."""
        found = [lot for lot in self.lots if lot.is_live(now)]
        never = [lot for lot in found if lot.expires_at is None]
        dated = [lot for lot in found if lot.expires_at is not None]
        dated.sort(key=lambda lot: (lot.expires_at, lot.born))
        return dated + sorted(never, key=lambda lot: lot.born)

    def balance(self, now: datetime) -> int:
        return sum(lot.left for lot in self.live(now)) - self.debt

    def earn(self, amount: int, lot: PaperLot) -> None:
        """Put points into a new lot one by one, those that are owed first."""
        self.lots.append(lot)
        for _ in range(amount):
            if self.debt:
                self.debt -= 1
            else:
                lot.left += 1

    def use(self, amount: int, now: datetime, *, own: PaperLot | None = None) -> list[PaperLot]:
        """Take points one by one, those of `own` first; return the lot of each while there are."""
        used = []
        for _ in range(amount):
            live = self.live(now)
            if not live:
                break
            lot = next((each for each in live if each is own), live[0])
            lot.left -= 1
            used.append(lot)
        return used

    def restore(self, used: Sequence[PaperLot], now: datetime, fresh: Sequence[PaperLot]) -> None:
        """Give points back to their lots, those that live shortest paying the debt.

        For a lot that is over, or is another account's now, the next of `fresh` stands in.
        """
        last = datetime.max.replace(tzinfo=now.tzinfo)
        order = sorted(range(len(used)), key=lambda at: used[at].expires_at or last)
        stand_ins: dict[int, PaperLot] = {}
        waiting = list(fresh)
        for at in order:
            lot = used[at]
            if self.debt:
                self.debt -= 1
                continue
            is_over = lot.expires_at is not None and lot.expires_at <= now
            if is_over or not any(each is lot for each in self.lots):
                if id(lot) not in stand_ins:
                    stand_ins[id(lot)] = waiting.pop(0)
                    if not is_over:
                        stand_ins[id(lot)].expires_at = lot.expires_at
                    self.lots.append(stand_ins[id(lot)])
                lot = stand_ins[id(lot)]
            lot.left += 1

    def close(self) -> None:
        for lot in self.lots:
            lot.left = 0
        self.debt = 0

    def move_to(self, other: "PaperAccount", lots: Sequence[PaperLot], debt: int) -> None:
        """Hand lots and a debt over, as a merge does and its undoing."""
        mine = [lot for lot in self.lots if any(lot is each for each in lots)]
        self.lots = [lot for lot in self.lots if not any(lot is each for each in mine)]
        other.lots += mine
        self.debt -= debt
        other.debt += debt
