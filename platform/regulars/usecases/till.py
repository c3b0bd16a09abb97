"""What must be known before a sale is written, read in one statement for every number of lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from regulars import registry
from regulars.kit import Tier
from regulars.points import tiers
from regulars.points.ledger import read_json
from regulars.purchases.models import Purchase
from regulars.purchases.settling import DoesNotAddUp
from regulars.tenancy import context, statements

LATE: Final = timedelta(days=35)
"""How long tills of a closed store may send what they did before."""

# A merged customer's purchases are the survivor's. Balances count no lot that has expired.
_READ: Final = """
SELECT s.time_zone, s.code, s.closed_on, g.id IS NOT NULL,
  c.id, c.state, c.owner_id, c.home_store_id, c.extra,
  coalesce(st.purchases, 0), coalesce(a.available - a.debt, 0),
  (SELECT coalesce(sum(l.remaining), 0)::bigint FROM points_lot l
    WHERE l.account_id = a.id AND l.remaining > 0 AND l.expires_at <= given.now),
  (SELECT json_agg(json_build_array(e.month, e.day, e.lunar, e.next_on))
     FROM customers_lifeevent e WHERE e.customer_id = c.id AND e.kind = 'birthday'),
  (SELECT json_agg(json_build_array(w.months, (
     SELECT coalesce(sum(paid_minor), 0) FROM (
       SELECT p.paid_minor FROM purchases_purchase p
        WHERE p.customer_id = c.id AND p.business_day > w.since LIMIT {most}) AS recent)))
   FROM unnest(given.months, given.since) AS w(months, since)),
  (SELECT json_build_array(p.id, encode(n.digest, 'hex'), p.kind, p.customer_id, p.business_day,
     o.amount, o.reasons)
   FROM purchases_number n JOIN purchases_purchase p ON p.id = n.purchase_id
   LEFT JOIN points_posting o ON o.key = 'purchase:' || p.id
   WHERE n.source = given.source AND n.number = given.number)
FROM (VALUES (%s::uuid, %s::uuid, %s::uuid, %s::timestamptz, %s::int[], %s::date[], %s::text,
  %s::text)) AS given(store, guide, customer, now, months, since, source, number)
LEFT JOIN stores_store s ON s.id = given.store
LEFT JOIN staff_staff g ON g.id = given.guide
LEFT JOIN customers_customer asked ON asked.id = given.customer
LEFT JOIN customers_customer c ON c.id = coalesce(asked.merged_into_id, asked.id)
LEFT JOIN purchases_standing st ON st.customer_id = c.id
LEFT JOIN points_account a ON a.customer_id = c.id AND a.unit = 'points'""".replace(
    "{most}", str(tiers.MOST_PURCHASES)
)

_LOCK: Final = """
SELECT id FROM customers_customer
 WHERE id = (SELECT coalesce(merged_into_id, id) FROM customers_customer WHERE id = %s)
 FOR NO KEY UPDATE"""
# Facts cannot be locked; the number of a purchase can. The customer's row comes first.
_LOCK_FOR_RETURN: Final = """
WITH locked AS MATERIALIZED (
  SELECT id FROM customers_customer WHERE id = %s::uuid FOR NO KEY UPDATE
)
SELECT purchase_id FROM purchases_number
 WHERE source = %s AND number = %s AND (SELECT count(*) FROM locked) >= 0 FOR NO KEY UPDATE"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The customer, followed through a merge, as the till and the rules need them."""

    id: UUID
    owner_id: UUID | None
    home_store_id: UUID | None
    extra: Mapping[str, Any]
    purchases: int
    birthdays: tuple[tuple[int, int, bool, date | None], ...]  # month, day, lunar, next by the sun

    def has_birthday(self, day: date) -> bool:
        """Say whether a day is their birthday."""
        return any(
            next_on == day if lunar else (month, on) == (day.month, day.day)
            for month, on, lunar, next_on in self.birthdays
        )

    def has_birthday_month(self, day: date) -> bool:
        """Say whether their birthday falls into the month of a day."""
        return any(
            (next_on is not None and next_on.month == day.month) if lunar else month == day.month
            for month, _on, lunar, next_on in self.birthdays
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was recorded under the number before, and what it earned; `points` None: no posting."""

    purchase_id: UUID
    digest: str | None
    kind: str
    customer_id: UUID | None
    business_day: date
    points: int | None
    reasons: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The store's clock, the buyer and their balance before the sale."""

    business_day: date
    hour: int
    store_code: str
    buyer: Buyer | None
    balance: int | None
    is_swept: bool  # no lot has expired that the nightly run has not seen yet
    spent: Mapping[int, int]  # by window in months, this sale not counted unless it is `known`
    known: Known | None = None
    closed_on: date | None = None

    def refuse_if_closed(self, *, now: datetime) -> None:
        """Raise DoesNotAddUp for what is dated after the store closed, or comes far too late.

        The day on which it closes counts: who closes it in the evening has sold in the morning, and
        a till that was offline then sends it within `LATE`.
        """
        if self.closed_on is None:
            return
        if self.business_day > self.closed_on:
            text = _("This store has been closed since %(day)s. Record it in another store.")
        elif now.astimezone(context.current().zone).date() > self.closed_on + LATE:
            text = _("This store has been closed since %(day)s, and it is too late for its sales.")
        else:
            return
        raise DoesNotAddUp(fields={"occurred_at": [text % {"day": self.closed_on.isoformat()}]})

    def tier(self, *, more_minor: int = 0) -> Tier | None:
        """Return the buyer's tier, as it stands or once this sale is counted."""
        if self.buyer is None:
            return None
        return tiers.reached(
            registry.vertical().tiers,
            {months: paid + more_minor for months, paid in self.spent.items()},
            currency_exponent=tiers.currency_exponent(context.current().currency),
        )


def read(
    *,
    store_id: UUID,
    guide_id: UUID | None,
    customer_id: UUID | None,
    occurred_at: datetime,
    now: datetime,
    numbered: tuple[str, str] | None = None,
) -> Scene:
    """Read the scene; raises DoesNotAddUp naming a store, guide or customer nobody knows.

    `numbered`, a source and a number, also asks what they stand for already.
    """
    months = tiers.windows(registry.vertical())
    # The store's own day is not known yet; a day more or less moves no tier of months.
    day = occurred_at.astimezone(context.current().zone).date()
    # As text: psycopg takes longer over two lists than the server over the whole statement.
    windows = (_array(months), _array(tiers.since(day, each) for each in months))
    given = (store_id, guide_id, customer_id, now, *windows, *(numbered or (None, None)))
    row = statements.one(_READ, given)
    assert row is not None  # noqa: S101  (one row of VALUES is one row)
    zone, code, closed_on, guide_known, found_id, state, *rest = row
    faults = {}
    if zone is None:
        faults["store_id"] = [_("There is no such store.")]
    if guide_id is not None and not guide_known:
        faults["guide_id"] = [_("Nobody of this number works here.")]
    if customer_id is not None and state != "active":
        faults["customer_id"] = [_("There is no such customer.")]
    if faults:
        raise DoesNotAddUp(fields=faults)
    owner_id, home_store_id, extra, purchases, books, expired, birthdays, spent, known = rest
    local = occurred_at.astimezone(ZoneInfo(zone))
    buyer = None
    if found_id is not None:
        buyer = Buyer(
            id=found_id,
            owner_id=owner_id,
            home_store_id=home_store_id,
            extra=read_json(extra),
            purchases=purchases,
            birthdays=tuple(_birthday(each) for each in read_json(birthdays) or ()),
        )
    return Scene(
        business_day=local.date(),
        hour=local.hour,
        store_code=code,
        closed_on=closed_on,
        buyer=buyer,
        balance=None if buyer is None else books - expired,
        is_swept=not expired,
        spent=dict(read_json(spent) or ()),
        known=_known(read_json(known)) if known else None,
    )


def lock(customer_id: UUID) -> None:
    """Take the customer's lock early, when the rules ask for what other sales may change."""
    statements.one(_LOCK, (customer_id,))


def lock_for_return(original: Purchase) -> bool:
    """Let one return of a purchase at a time look at what is left; False if it was voided."""
    parameters = (original.customer_id, original.source, original.number)
    row = statements.one(_LOCK_FOR_RETURN, parameters)
    return row is not None and row[0] == original.id


def _birthday(row: list[Any]) -> tuple[int, int, bool, date | None]:
    month, day, lunar, next_on = row
    return month, day, lunar, date.fromisoformat(next_on) if next_on else None


def _array(items: Iterable[object]) -> str:
    return f"{{{','.join(map(str, items))}}}"


def _known(row: list[Any]) -> Known:
    purchase_id, digest, kind, customer_id, business_day, points, reasons = row
    return Known(
        purchase_id=UUID(purchase_id),
        digest=digest,
        kind=kind,
        customer_id=customer_id and UUID(customer_id),
        business_day=date.fromisoformat(business_day),
        points=points,
        reasons=tuple(reasons or ()),
    )
