"""Goods come back and others go, in one transaction: either both halves are recorded or neither.

The value of what came back pays for the new goods by the means "exchange"; what is left is
settled by payments, given back where the new goods cost less.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from regulars import registry
from regulars.audit import Actor
from regulars.customers.models import Customer
from regulars.purchases import selectors, settling
from regulars.purchases.drafts import EXCHANGE, ExchangeDraft, PaymentDraft, ReturnDraft
from regulars.purchases.models import Purchase
from regulars.purchases.settling import DoesNotAddUp
from regulars.tenancy.identifiers import new_id
from regulars.usecases import earning, record_purchase, take_return, till
from regulars.usecases.record_purchase import Recorded
from regulars.usecases.take_return import Returned

_UNKNOWN: Final = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """Both halves; `difference_minor` was paid by the customer, or to them when negative."""

    returned: Returned
    sale: Recorded
    difference_minor: int


@transaction.atomic
def exchange(
    *,
    draft: ExchangeDraft,
    actor: Actor,
    now: datetime,
    language: str | None = None,
    means: str = _UNKNOWN,
) -> Exchanged:
    """Record an exchange. Raises what a return and a sale raise.

    The new goods are the original customer's: points of two people are not moved in one go.
    Without `payments` the whole difference is settled by `means`.
    """
    _check(draft)
    original = _original(draft.returned)
    sale = draft.sale
    if original is not None and original.customer_id is not None:
        _check_same(sale.customer_id, original.customer_id)
        sale = replace(sale, customer_id=original.customer_id)
        till.lock(original.customer_id)
    spoken = earning.language(language)
    settled = settling.settle(sale, vertical=registry.vertical(), language=spoken)
    difference = [0]
    return_id, sale_id = new_id(), new_id()

    def settle(given_back: int) -> tuple[PaymentDraft, ...]:
        difference[0] = settled.paid_minor - given_back
        _check_difference(draft.payments, difference[0])
        return _means(
            exchanged=min(given_back, settled.paid_minor),
            rest=max(-difference[0], 0),
            payments=[replace(each, amount_minor=-each.amount_minor) for each in draft.payments],
            means=means,
        )

    returned = take_return.take_return(
        draft=draft.returned,
        actor=actor,
        now=now,
        language=spoken,
        settle=settle,
        return_id=return_id,
        pair_id=sale_id,
    )
    difference[0] = settled.paid_minor + returned.paid_minor
    payments = _means(
        exchanged=min(-returned.paid_minor, settled.paid_minor),
        rest=max(difference[0], 0),
        payments=draft.payments,
        means=means,
    )
    recorded = record_purchase.record(
        draft=replace(sale, payments=payments),
        actor=actor,
        now=now,
        language=spoken,
        pair_id=return_id,
        purchase_id=sale_id,
    )
    return Exchanged(returned=returned, sale=recorded, difference_minor=difference[0])


def _check(draft: ExchangeDraft) -> None:
    faults: settling.Faults = {}
    if draft.sale.payments or draft.returned.payments:
        faults["payments"] = [_("Payments of an exchange settle the difference, not its halves.")]
    if draft.returned.without_original:
        faults["returned"] = [_("Only goods of a known purchase can be exchanged.")]
    if (draft.sale.source, draft.sale.number) == (draft.returned.source, draft.returned.number):
        faults["sale.number"] = [_("The two halves need a number each.")]
    if faults:
        raise DoesNotAddUp(fields=faults)


def _check_same(asked: UUID | None, known: UUID) -> None:
    """Refuse new goods for somebody else; a merged file is the same person."""
    if asked in (None, known):
        return
    if not Customer.objects.filter(pk=asked, merged_into_id=known).exists():
        sentence = _("The new goods must be for the customer who brings the old ones back.")
        raise DoesNotAddUp(fields={"sale.customer_id": [sentence]})


def _check_difference(payments: Sequence[PaymentDraft], difference: int) -> None:
    total = sum(payment.amount_minor for payment in payments)
    if payments and total != difference:
        sentence = _("The payments add up to %(total)s, but the difference is %(difference)s.")
        values = {"total": total, "difference": difference}
        raise DoesNotAddUp(fields={"payments": [sentence % values]})


def _original(draft: ReturnDraft) -> Purchase | None:
    """Look the original up without its lock, to know whose lock comes first."""
    if draft.original_id is not None:
        return Purchase.objects.filter(pk=draft.original_id).first()
    source, number = draft.original or ("", "")
    known = selectors.numbered(source=source.strip(), number=number.strip())
    return known.purchase if known else None


def _means(
    *, exchanged: int, rest: int, payments: Sequence[PaymentDraft], means: str
) -> tuple[PaymentDraft, ...]:
    """Return how one half is paid: by the other half, and by what settles the difference."""
    paid = [PaymentDraft(means=EXCHANGE, amount_minor=exchanged)] if exchanged else []
    if rest:
        paid += payments or [PaymentDraft(means=means, amount_minor=rest)]
    return tuple(paid)
