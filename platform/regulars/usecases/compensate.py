"""What makes good is carried out: points through the ledger, money by the return it was booked as.

The complaint, its cost and the posting are one transaction, and the posting's key is the remedy's:
killed in between nothing has happened, and done again nothing happens twice.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import remedies
from regulars.complaints.services.remedies import AlreadyDecided, RemedyRefused
from regulars.points import ledger
from regulars.purchases.models import Purchase
from regulars.stores import hours
from regulars.usecases import earning, till

_BY_PURCHASE: Final = frozenset({"refund", "exchange"})


def key_of(remedy_id: UUID) -> str:
    """Return the ledger's key of a remedy in points."""
    return f"remedy:{remedy_id}"


@transaction.atomic
def carry_out(
    *, actor: Actor, remedy_id: UUID, now: datetime, purchase_id: UUID | None = None
) -> Remedy:
    """Carry out an approved remedy, and book its cost once.

    Points are awarded here and run out as the chain's rules say. A refund or exchange was recorded
    at the till; `purchase_id` is that return or exchange, of this customer and of no other remedy.
    Raises Forbidden, NotFound, RemedyRefused, AlreadyDecided.
    """
    customer_id = (
        Remedy.objects.filter(pk=remedy_id).values_list("case__customer_id", flat=True).first()
    )
    if customer_id is not None:
        till.lock(customer_id)  # before the complaint, as in a merge
    case, remedy = remedies.held(actor, remedy_id, Remedy.State.APPROVED)
    if case.customer_id != customer_id:
        raise AlreadyDecided  # attached or merged in this very moment: the caller looks again
    if (remedy.kind in _BY_PURCHASE) != (purchase_id is not None):
        sentence = _("Choose the return or exchange it was done by.")
        raise RemedyRefused(fields={"purchase": [sentence]})
    if purchase_id is not None:
        _check(case, remedy, purchase_id)
    posting_id = _award(actor, case, remedy, now=now) if remedy.kind == "points" else None
    return remedies.carry_out(
        actor=actor, remedy_id=remedy.pk, now=now, purchase_id=purchase_id, posting_id=posting_id
    )


def _award(actor: Actor, case: Case, remedy: Remedy, *, now: datetime) -> UUID:
    if case.customer_id is None:
        sentence = _("Say whose complaint it is first: points need an account.")
        raise RemedyRefused(fields={"points": [sentence]})
    reason = {"why": "complaint", "points": remedy.points, "params": {"number": case.number}}
    event = ledger.Event(
        customer_id=case.customer_id,
        key=key_of(remedy.pk),
        reasons=(reason,),
        actor=actor,
        now=now,
        store_id=case.store_id,
    )
    expires_at = earning.expires_at(hours.business_day(case.store, now))
    return ledger.award(event, amount=remedy.points, expires_at=expires_at).posting_id


def _check(case: Case, remedy: Remedy, purchase_id: UUID) -> None:
    """Raise RemedyRefused unless it is a return or exchange of the customer's, linked only here."""
    customer_id, found, is_taken = case.customer_id, None, False
    if customer_id is not None:  # whose lock keeps two remedies apart
        found = Purchase.objects.filter(pk=purchase_id, customer_id=customer_id).first()
        theirs = Remedy.objects.filter(case__customer_id=customer_id)
        is_taken = theirs.filter(purchase_id=purchase_id).exists()
    if found is None or not _is_of(found, remedy.kind):
        sentence = _("This is no return or exchange of this customer.")
        raise RemedyRefused(fields={"purchase": [sentence]})
    if is_taken:
        sentence = _("This return or exchange belongs to another remedy already.")
        raise RemedyRefused(fields={"purchase": [sentence]})


def _is_of(purchase: Purchase, kind: str) -> bool:
    if Purchase.objects.filter(original=purchase, kind=Purchase.Kind.VOID).exists():
        return False
    if kind == "exchange":
        return purchase.pair_id is not None
    return purchase.kind == Purchase.Kind.RETURN
