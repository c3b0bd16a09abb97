"""What is paid next and why, and what was: read from Stripe for somebody who looks at it (S3).

Nothing here is kept, and nothing depends on it: a page has something to show without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from regulars.billing import gateway
from regulars.billing.models import Subscription
from regulars.billing.seen import Seen

_NOTHING_COMES: Final = "invoice_upcoming_none"
_ASKED: Final = ("items", "proration_behavior", "proration_date", "billing_cycle_anchor")
"""What of a change makes a difference to its invoice."""
MOST: Final = 24
"""How many invoices are listed; the portal has them all."""


class Kind(StrEnum):
    """What a line is for."""

    PLAN = "plan"
    FREE = "free"
    MORE = "more"
    BACK = "back"
    MESSAGES = "messages"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an invoice to come: what it is for, and in `says` how Stripe words it."""

    kind: Kind
    plan: str
    interval: str
    quantity: int
    amount_minor: int
    starts_at: datetime
    ends_at: datetime
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An invoice to come, in minor units; `credit_minor` is what an earlier credit pays of it.

    A total below zero is not paid out: it is a credit for later invoices.
    """

    lines: tuple[Line, ...]
    currency: str
    discount_minor: int
    tax_minor: int
    total_minor: int
    due_minor: int
    at: datetime

    @property
    def credit_minor(self) -> int:
        """What is paid by a credit."""
        return max(0, self.total_minor) - self.due_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice that was written; `page` and `file` are addresses at Stripe, "" without one."""

    number: str
    status: str
    currency: str
    total_minor: int
    open_minor: int
    at: datetime
    page: str
    file: str


def upcoming(row: Subscription) -> Preview | None:
    """Return what the end of the period brings; None if nothing comes. Raises Away or Refused."""
    if row.status not in gateway.LIVE or row.cancels_at is not None:
        return None
    of = {"schedule": row.schedule} if row.schedule else {"subscription": row.subscription}
    return _asked(of)


def of_change(seen: Seen, update: Mapping[str, Any]) -> Preview | None:
    """Return the invoice that a change would bring, asked with the change's own parameters.

    Where it is paid at once that invoice, else the next one. Raises Away or Refused.
    """
    details = {name: update[name] for name in _ASKED if name in update}
    if details.get("proration_behavior") == "none":
        details.pop("proration_date", None)
    return _asked({"subscription": seen.id, "subscription_details": details})


def invoices(customer: str) -> list[Invoice]:
    """Return the last invoices of a customer, the latest first. Raises Away or Refused."""
    with gateway.mapped():
        client = gateway.client(is_hurried=True)
        found = client.invoices.list({"customer": customer, "limit": MOST}).data
        return [_invoice(each) for each in found]


def _asked(parameters: dict[str, Any]) -> Preview | None:
    try:
        with gateway.mapped():
            found = gateway.client(is_hurried=True).invoices.create_preview(parameters)
            return _preview(found)
    except gateway.Refused as error:
        if getattr(error.__cause__, "code", "") == _NOTHING_COMES:
            return None
        raise


def _preview(found: Any) -> Preview:
    return Preview(
        lines=tuple(_line(each) for each in found.lines.data),
        currency=found.currency.upper(),
        discount_minor=sum(each.amount for each in _of(found, "total_discount_amounts") or ()),
        tax_minor=sum(each.amount for each in _of(found, "total_taxes") or ()),
        total_minor=found.total,
        due_minor=found.amount_due,
        at=_moment(_of(found, "next_payment_attempt") or found.created),
    )


def _line(found: Any) -> Line:
    price = _of(found, "pricing", "price_details", "price")
    plan, interval, is_metered = _named(_id(price)) if price else ("", "", False)
    return Line(
        kind=_kind(found, plan, is_metered=is_metered),
        plan=plan,
        interval=interval,
        quantity=_of(found, "quantity") or 0,
        amount_minor=found.amount,
        starts_at=_moment(found.period.start),
        ends_at=_moment(found.period.end),
        says=_of(found, "description") or "",
    )


def _kind(found: Any, plan: str, *, is_metered: bool) -> Kind:
    if is_metered:
        return Kind.MESSAGES
    parents = ("subscription_item_details", "invoice_item_details")
    if any(_of(found, "parent", name, "proration") for name in parents):
        return Kind.BACK if found.amount < 0 else Kind.MORE
    if not plan:
        return Kind.OTHER
    return Kind.PLAN if found.amount else Kind.FREE


def _of(thing: Any, *path: str) -> Any:
    """Return what stands under a path; nothing where a part is absent, which the client forbids."""
    for name in path:
        thing = getattr(thing, name, None)
    return thing


def _id(thing: Any) -> str:
    return thing if isinstance(thing, str) else str(thing.id)


@lru_cache(maxsize=500)  # what a price is for never changes
def _named(price: str) -> tuple[str, str, bool]:
    found = gateway.client(is_hurried=True).prices.retrieve(price)
    plan = str(found.metadata.to_dict().get("plan", "")) if found.metadata is not None else ""
    is_metered = _of(found, "recurring", "usage_type") == "metered"
    return plan, _of(found, "recurring", "interval") or "", is_metered


def _invoice(found: Any) -> Invoice:
    return Invoice(
        number=_of(found, "number") or "",
        status=_of(found, "status") or "draft",
        currency=found.currency.upper(),
        total_minor=found.total,
        open_minor=found.amount_remaining,
        at=_moment(_of(found, "status_transitions", "finalized_at") or found.created),
        page=_address(_of(found, "hosted_invoice_url")),
        file=_address(_of(found, "invoice_pdf")),
    )


def _address(found: str | None) -> str:
    return found if found and found.startswith(("https://", "http://")) else ""


def _moment(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
