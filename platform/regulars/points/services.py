"""What the product does with points besides the verbs: merges, erasure, balances brought along."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from regulars.audit import SYSTEM, Actor
from regulars.points import accounts, ledger
from regulars.points.ledger import Event
from regulars.points.models import Account, Leg, Lot, Posting, Unit
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id

_OPENINGS: Final = """
WITH given AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%s::json) AS g(
    posting uuid, lot uuid, account uuid, key text, amount bigint, balance bigint,
    expires timestamptz)
), posting AS (
  INSERT INTO points_posting (
    id, verb, account_id, unit, key, amount, balance, reasons, actor_id, occurred_at)
  SELECT posting, 'opening', account, %s::text, key, amount, balance, %s::jsonb, %s::uuid, %s
  FROM given
), lot AS (
  INSERT INTO points_lot (id, account_id, posting_id, amount, remaining, earned_at, expires_at)
  SELECT lot, account, posting, amount, amount, %s, expires FROM given
), legs AS (
  INSERT INTO points_leg (posting_id, unit, side, lot_id, amount)
  SELECT posting, %s::text, 'lot', lot, amount FROM given
  UNION ALL SELECT posting, %s::text, 'store', NULL, -amount FROM given
)
UPDATE points_account a SET available = a.available + t.amount
FROM (SELECT account, sum(amount)::bigint AS amount FROM given GROUP BY account) AS t
WHERE a.id = t.account"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A balance brought along from another system; the same key is the same balance."""

    customer_id: UUID
    amount: int
    key: str
    expires_at: datetime | None = None


@transaction.atomic
def post_openings(
    *,
    rows: Iterable[Opening],
    actor: Actor,
    now: datetime,
    unit: Unit = Unit.POINTS,
    why: str = "opening",
) -> int:
    """Bring many balances along in six statements; return how many were new.

    Customers must be active. For batches of some thousand rows; accounts that owe something are
    posted one by one, so that the debt is paid first.
    """
    wanted = {row.key: row for row in rows}
    held = accounts.hold(customer_ids=(row.customer_id for row in wanted.values()), unit=unit)
    # Under the lock: somebody else may have been posting the same keys a moment ago.
    for key in Posting.objects.filter(key__in=list(wanted)).values_list("key", flat=True):
        del wanted[key]
    owing = {customer_id for customer_id, account in held.items() if account.debt}
    reasons = [{"why": why, "params": {}}]
    documents = []
    for row in wanted.values():
        if row.customer_id in owing:
            _open_one(row, actor=actor, now=now, unit=unit, reasons=reasons)
        elif row.customer_id in held:
            account = held[row.customer_id]
            balance = account.available + row.amount
            held[row.customer_id] = account._replace(available=balance)
            documents.append(_document(row, account.id, balance))
    if documents:
        statements.run(
            _OPENINGS,
            (
                json.dumps(documents, default=str),
                unit.value,
                json.dumps(reasons),
                actor.id,
                now,
                now,
                unit.value,
                unit.value,
            ),
        )
    return len(documents) + sum(row.customer_id in owing for row in wanted.values())


def _open_one(
    row: Opening, *, actor: Actor, now: datetime, unit: Unit, reasons: Sequence[ledger.Reason]
) -> None:
    event = Event(
        customer_id=row.customer_id, key=row.key, reasons=reasons, actor=actor, now=now, unit=unit
    )
    ledger.open_balance(event, amount=row.amount, expires_at=row.expires_at)


def _document(row: Opening, account_id: UUID, balance: int) -> dict[str, Any]:
    if row.amount <= 0:
        raise ledger.NotAnAmount
    return {
        "posting": new_id(),
        "lot": new_id(),
        "account": account_id,
        "key": row.key,
        "amount": row.amount,
        "balance": balance,
        "expires": row.expires_at and row.expires_at.isoformat(),
    }


@transaction.atomic
def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move lots and debts of the absorbed customer to the kept one; return what moved.

    The caller holds both customers' rows. Lots keep their age and their expiry.
    """
    merge_id = new_id()
    moved: dict[str, Any] = {"merge": str(merge_id), "units": {}}
    accounts = _locked(kept_id, absorbed_id)
    for (customer_id, unit), source in accounts.items():
        if customer_id != absorbed_id:
            continue
        lots = list(Lot.objects.filter(account=source, remaining__gt=0))
        debt = source.debt
        if not lots and not debt:
            continue
        target = accounts.get((kept_id, unit)) or Account.objects.create(
            customer_id=kept_id, unit=unit
        )
        _transfer(source, target, lots, debt=debt, key=f"merge:{merge_id}", now=now)
        moved["units"][unit] = {"lots": [str(lot.id) for lot in lots], "debt": debt}
    return moved


@transaction.atomic
def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Undo a merge: what is left of the lots that moved goes back, and the debt that is left."""
    accounts = _locked(kept_id, absorbed_id)
    for unit, what in moved.get("units", {}).items():
        source, target = accounts[kept_id, unit], accounts[absorbed_id, unit]
        lots = list(Lot.objects.filter(account=source, id__in=what["lots"]))
        debt = min(what["debt"], source.debt)
        _transfer(source, target, lots, debt=debt, key=f"unmerge:{moved['merge']}", now=now)


def _locked(kept_id: UUID, absorbed_id: UUID) -> dict[tuple[UUID, str], Account]:
    both = Account.objects.filter(customer_id__in=[kept_id, absorbed_id])
    rows = both.select_for_update().order_by("customer_id", "unit")
    return {(row.customer_id, row.unit): row for row in rows}


def _transfer(
    source: Account, target: Account, lots: Sequence[Lot], *, debt: int, key: str, now: datetime
) -> None:
    """Post the move out of one account and into the other; each posting sums to zero."""
    available = sum(lot.remaining for lot in lots)
    for account, sign, side in ((source, -1, "out"), (target, 1, "in")):
        account.available += sign * available
        account.debt += sign * debt
        posting = Posting(
            id=new_id(),
            verb=Posting.Verb.TRANSFER,
            account=account,
            unit=account.unit,
            key=f"{key}:{account.unit}:{side}",
            amount=sign * (available - debt),
            balance=account.available - account.debt,
            reasons=[{"why": f"merged-{side}", "params": {}}],
            occurred_at=now,
        )
        posting.save(force_insert=True)
        legs: list[tuple[Leg.Side, UUID | None, int]] = [
            (Leg.Side.LOT, lot.id, sign * lot.remaining) for lot in lots
        ]
        legs += [(Leg.Side.DEBT, None, -sign * debt)]
        legs += [(Leg.Side.STORE, None, -sign * (available - debt))]
        Leg.objects.bulk_create(
            Leg(posting=posting, unit=account.unit, side=kind, lot_id=lot_id, amount=amount)
            for kind, lot_id, amount in legs
            if amount
        )
        Account.objects.filter(pk=account.pk).update(
            available=F("available") + sign * available, debt=F("debt") + sign * debt
        )
    Lot.objects.filter(pk__in=[lot.pk for lot in lots]).update(account=target)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Close the accounts of a customer who is erased: nobody is left to hold or owe anything.

    Postings hold nothing personal and stay, so the books still add up.
    """
    for account in Account.objects.filter(customer_id=customer_id).order_by("unit"):
        if account.available or account.debt:
            event = Event(
                customer_id=customer_id,
                key=f"erase:{customer_id}:{account.unit}",
                reasons=[{"why": "erased", "params": {}}],
                actor=SYSTEM,
                now=now,
                unit=Unit(account.unit),
            )
            ledger.close(event)


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return every posting of a customer, for the export of what is held about them."""
    rows = Posting.objects.filter(account__customer_id=customer_id).order_by("id")
    return [
        {
            "at": row.occurred_at.isoformat(),
            "unit": row.account.unit,
            "verb": row.verb,
            "amount": row.amount,
            "balance": row.balance,
        }
        for row in rows.select_related("account")
    ]
