"""The one writer of points and stored value.

Every verb is one posting: it locks the customer's row and then the account's, looks whether the
key was posted before (then it answers the same and writes nothing), works the change out in
`books`, and writes posting, legs, lots and balance in one statement. Four statements, whatever
the number of lots. The till's story joins `writing.AWARD` to its own statement instead.

Legs sum to zero in each unit; a deferred trigger refuses otherwise. The store's side carries no
balance, so tills of one store never wait for each other.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.errors import Conflict, Invalid, NotFound
from regulars.points import books, writing
from regulars.points.books import AfterReturn, Books, Change, Lot, Portion
from regulars.points.models import Posting, Unit
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id

Verb = Posting.Verb
type Reason = Mapping[str, Any]
_DUE_AT_ONCE: Final = 2_000


class NotEnough(Conflict):
    """The customer holds less than the verb would take; nothing was written."""

    code = "not-enough-points"
    sentence = _("There are only %(held)s points, and %(asked)s are needed.")


class KeyTaken(Conflict):
    """The key belongs to another posting; one event has one key."""

    code = "posting-key-taken"
    sentence = _("This was posted before as something else.")


class NotAnAmount(Invalid):
    """Only whole amounts above zero are posted."""

    code = "points-not-an-amount"
    sentence = _("The number of points must be above zero.")


class NoSuchCustomer(NotFound):
    """No account can be kept for a customer nobody knows."""

    code = "customer-not-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a verb did: the change of the balance, and what the books show after it.

    `repeated` says that the key had been posted before and nothing was written now.
    """

    posting_id: UUID
    amount: int
    balance: int
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every verb is told: whose, the permanent key, why, who and when."""

    customer_id: UUID
    key: str
    reasons: Sequence[Reason]
    actor: Actor
    now: datetime
    unit: Unit = Unit.POINTS
    store_id: UUID | None = None
    purchase_id: UUID | None = None


def award(event: Event, *, amount: int, expires_at: datetime | None) -> Posted:
    """Add points as one lot; a debt is paid of it first."""
    _above_zero(amount)
    return _post(event, Verb.AWARD, lambda account: _earned(account, amount, expires_at))


def open_balance(event: Event, *, amount: int, expires_at: datetime | None) -> Posted:
    """Bring a balance along from another system, as one lot."""
    _above_zero(amount)
    return _post(event, Verb.OPENING, lambda account: _earned(account, amount, expires_at))


def spend(event: Event, *, amount: int, partial: bool = False) -> Posted:
    """Use points, the soonest-expiring first. Raises NotEnough unless `partial` is asked for.

    With `partial` as many are used as there are, and none at all is NotEnough still.
    """
    _above_zero(amount)

    def work(account: Books) -> Change:
        held = account.spendable(event.now)
        used = min(amount, held) if partial else amount
        if used > held or used <= 0:
            raise NotEnough(held=max(held, 0), asked=amount)
        return books.spend(account, amount=used, now=event.now)

    return _post(event, Verb.SPEND, work)


def take_back(
    event: Event, *, amount: int, policy: AfterReturn = "debt", own: Sequence[UUID] = ()
) -> Posted:
    """Take back earned points of a return: from `own` lots, then soonest-expiring, then a debt.

    Under `clamp` only what is there is taken; the posting stands even when that is nothing, so
    that a repeat later takes nothing either.
    """
    _above_zero(amount)
    return _post(
        event,
        Verb.TAKE_BACK,
        lambda account: books.take(account, amount=amount, now=event.now, own=own, policy=policy),
    )


def give_back(event: Event, *, portions: Sequence[tuple[UUID, int]], grace: datetime) -> Posted:
    """Give spent points back to the lots they came from, as (lot, amount).

    Those of a lot that has expired meanwhile live until `grace`.
    """
    _above_zero(sum(amount for _lot, amount in portions))

    def work(account: Books) -> Change:
        return books.restore(
            account,
            portions=_located(portions, account.account_id),
            now=event.now,
            grace=grace,
            new_id=new_id,
        )

    return _post(event, Verb.GIVE_BACK, work)


def adjust(event: Event, *, amount: int, expires_at: datetime | None = None) -> Posted:
    """Correct a balance by hand: up as a new lot, down from the lots. Raises NotEnough."""
    if amount == 0:
        raise NotAnAmount

    def work(account: Books) -> Change:
        if amount > 0:
            return _earned(account, amount, expires_at)
        held = account.spendable(event.now)
        if -amount > held:
            raise NotEnough(held=max(held, 0), asked=-amount)
        return books.spend(account, amount=-amount, now=event.now)

    return _post(event, Verb.ADJUST, work)


def close(event: Event) -> Posted:
    """Let go of everything, held or owed: the customer is no longer anybody."""

    def work(account: Books) -> Change:
        return Change(lots={lot.id: -lot.remaining for lot in account.lots}, debt=-account.debt)

    return _post(event, Verb.ADJUST, work)


def expire(*, now: datetime) -> int:
    """Run out every lot whose time has come; return how many accounts lost points.

    Set by set, each its own transaction; repeating finds nothing left to do.
    """
    done = 0
    while True:
        with transaction.atomic():
            due = [row[0] for row in statements.every(writing.LOCK_DUE, (now, _DUE_AT_ONCE))]
            if not due:
                return done
            row = statements.one(writing.EXPIRE, (due, now, now.isoformat(), now))
        done += row[0] if row else 0


@transaction.atomic
def _post(event: Event, verb: Posting.Verb, work: Callable[[Books], Change]) -> Posted:
    account, posted = _opened(event)
    if posted is not None:
        if (posted["verb"], posted["account_id"]) != (verb, str(account.account_id)):
            raise KeyTaken
        return Posted(
            posting_id=UUID(posted["id"]),
            amount=posted["amount"],
            balance=posted["balance"],
            repeated=True,
        )
    return write(event, verb, account, work(account))


def _opened(event: Event) -> tuple[Books, Mapping[str, Any] | None]:
    """Lock the account, and return it with the posting of this key, if there is one."""
    row = statements.one(writing.OPEN, (event.customer_id, event.unit.value))
    if row is None:
        raise NoSuchCustomer
    _state, account_id, available, debt = row
    if account_id is None:
        raise Conflict  # merged in this very moment: the caller looks again
    known = statements.one(writing.STATE, (event.key, account_id))
    posted, lots = read_json(known[0]) if known else None, read_json(known[1]) if known else []
    return (
        Books(account_id, available, debt, tuple(_lot(each) for each in lots)),
        cast("Mapping[str, Any] | None", posted),
    )


def write(event: Event, verb: Posting.Verb, account: Books, change: Change) -> Posted:
    """Write a change of a locked account. Only the ledger's own modules call this."""
    posting_id = new_id()
    legs: list[dict[str, Any]] = [
        {"side": "lot", "lot": lot, "amount": amount} for lot, amount in change.lots.items()
    ]
    legs += [
        {"side": "lot", "lot": lot.id, "amount": lot.remaining}
        for lot in change.made
        if lot.remaining
    ]
    legs.append({"side": "debt", "amount": -change.debt})
    legs.append({"side": "store", "store": event.store_id, "amount": -change.amount})
    document = {
        "posting": posting_id,
        "account": account.account_id,
        "unit": event.unit,
        "verb": verb,
        "key": event.key,
        "store": event.store_id,
        "purchase": event.purchase_id,
        "actor": event.actor.id,
        "at": event.now.isoformat(),
        "reasons": list(event.reasons),
        "available": change.available,
        "debt": change.debt,
        "amount": change.amount,
        "used": [{"lot": lot, "amount": amount} for lot, amount in change.lots.items()],
        "made": [
            {
                "id": lot.id,
                "amount": lot.amount,
                "remaining": lot.remaining,
                "expires": lot.expires_at and lot.expires_at.isoformat(),
            }
            for lot in change.made
        ],
        "legs": [leg for leg in legs if leg["amount"]],
    }
    row = statements.one(writing.WRITE, (json.dumps(document, default=str),))
    if row is None or row[1] != len(change.lots):
        raise RuntimeError("The account changed under its own lock.")
    return Posted(posting_id=posting_id, amount=change.amount, balance=row[0])


def _earned(account: Books, amount: int, expires_at: datetime | None) -> Change:
    return books.earn(account, amount=amount, expires_at=expires_at, new_id=new_id)


def _located(portions: Sequence[tuple[UUID, int]], account_id: UUID) -> list[Portion]:
    """Find out when the lots expire and whether they are still with this account."""
    found = {
        row[0]: row[1:]
        for row in statements.every(
            "SELECT id, account_id, expires_at FROM points_lot WHERE id = ANY(%s)",
            ([lot for lot, _amount in portions],),
        )
    }
    return [
        Portion(lot, amount, found[lot][1], found[lot][0] == account_id) for lot, amount in portions
    ]


def _above_zero(amount: int) -> None:
    if amount <= 0:
        raise NotAnAmount


def read_json(value: object) -> Any:
    """Read JSON whether or not the connection has read it already."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def _lot(row: Mapping[str, Any]) -> Lot:
    expires = row["expires_at"]
    return Lot(
        id=UUID(row["id"]),
        amount=row["amount"],
        remaining=row["remaining"],
        expired=row["expired"],
        expires_at=datetime.fromisoformat(expires) if expires else None,
    )
