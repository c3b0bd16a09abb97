"""Purchases, returns and points, made inside the active chain through the product's own stories."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from regulars.audit import ALL, Actor, ActorKind
from regulars.customers.models import Customer
from regulars.kit import Choice, Label, Rate, Vertical
from regulars.points.ledger import Event
from regulars.purchases.drafts import LineDraft, PurchaseDraft, ReturnDraft, ReturnLine
from regulars.purchases.models import Purchase
from regulars.tenancy.identifiers import new_id
from regulars.usecases import record_purchase, take_return
from regulars.usecases.record_purchase import Recorded
from regulars.usecases.take_return import Returned
from tests.factories import people

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
TILL = Actor(
    kind=ActorKind.KEY,
    name="till",
    scope=ALL,
    may=frozenset({"purchases.record", "purchases.return-without-original"}),
)
_numbers = count(1)


def label(text: str) -> Label:
    """Return a label that reads the same in every language."""
    return Label(zh_hans=text, zh_hant=text, en=text)


def vertical(**parts: Any) -> Vertical:
    """Return a small vertical: a point for each whole unit of money, unless told otherwise."""
    rates = (Rate(key="base", says=label("{points} points for {amount}")),)
    categories = tuple(Choice(key=key, label=label(key)) for key in ("food", "gold", "service"))
    return Vertical(
        **{
            "key": "test",
            "version": "1.0",
            "name": label("Test"),
            "summary": label("Test"),
            "categories": categories,
            "rates": rates,
            **parts,
        }
    )


def customer(*, name: str = "Carol", **facts: Any) -> Customer:
    """Make a customer who has a home store, so that sales take the usual path."""
    values = {"home_store": people.first_store(), "owner": people.owner(), **facts}
    made = Customer(id=new_id(), name=name, **values)
    made.save(force_insert=True)
    return made


def line(gross: int = 10_000, **facts: Any) -> LineDraft:
    """Return one line; the quantity may be a plain number."""
    facts["quantity"] = Decimal(str(facts.get("quantity", 1)))
    return LineDraft(gross_minor=gross, **facts)


def draft(*lines: LineDraft, customer: Customer | None = None, **facts: Any) -> PurchaseDraft:
    """Return a sale in the first store, with a number of its own."""
    values = {
        "store_id": people.first_store().id,
        "source": "till-1",
        "number": f"R{next(_numbers)}",
        "occurred_at": NOW,
        "lines": lines or (line(),),
        "customer_id": customer.id if customer else None,
        **facts,
    }
    return PurchaseDraft(**values)


def sale(
    *lines: LineDraft, customer: Customer | None = None, now: datetime = NOW, **facts: Any
) -> Recorded:
    """Record a sale."""
    return record_purchase.record(
        draft=draft(*lines, customer=customer, **facts), actor=TILL, now=now, language="en"
    )


def return_draft(sold: Recorded, *lines: tuple[int, Any], **facts: Any) -> ReturnDraft:
    """Return the return of a sale: all of it, or quantities by position."""
    values = {
        "store_id": people.first_store().id,
        "source": "till-1",
        "number": f"B{next(_numbers)}",
        "occurred_at": NOW,
        "original_id": sold.purchase_id,
        "lines": tuple(
            ReturnLine(position=position, quantity=Decimal(str(quantity)))
            for position, quantity in lines
        ),
        **facts,
    }
    return ReturnDraft(**values)


def returned(
    original: Recorded, *lines: tuple[int, Any], now: datetime = NOW, **facts: Any
) -> Returned:
    """Take a return."""
    return take_return.take_return(
        draft=return_draft(original, *lines, **facts), actor=TILL, now=now, language="en"
    )


def bought(purchase_id: UUID) -> Purchase:
    """Return the fact as it was written."""
    return Purchase.objects.get(pk=purchase_id)


def event(customer: Customer, key: str, *, now: datetime = NOW, **facts: Any) -> Event:
    """Return what a verb of the ledger is told."""
    values = {"reasons": [{"why": "adjusted", "params": {"note": key}}], "actor": TILL, **facts}
    return Event(customer_id=customer.id, key=key, now=now, **values)
