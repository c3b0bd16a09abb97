"""From checked bodies to the drafts that use cases take."""

from collections.abc import Mapping
from typing import Any

from regulars import audit
from regulars.api import resolving
from regulars.purchases.drafts import (
    ExchangeDraft,
    LineDraft,
    PaymentDraft,
    PurchaseDraft,
    ReturnDraft,
    ReturnLine,
)


def purchase(body: Mapping[str, Any], *, actor: audit.Actor, within: str = "") -> PurchaseDraft:
    """Return the draft of a sale; raises Invalid for words nobody answers to."""
    meant = resolving.meant(body, actor=actor, within=within)
    return PurchaseDraft(
        store_id=meant.store_id,
        source=body["source"],
        number=body["number"],
        occurred_at=body["occurred_at"],
        lines=_lines(body["lines"]),
        customer_id=meant.customer_id,
        guide_id=meant.guide_id,
        discount_minor=body.get("discount_minor"),
        rounding_minor=body["rounding_minor"],
        paid_minor=body.get("paid_minor"),
        payments=_payments(body),
        extra=body.get("extra", {}),
    )


def goods_back(body: Mapping[str, Any], *, actor: audit.Actor, within: str = "") -> ReturnDraft:
    """Return the draft of a return."""
    original = body.get("original", {})
    meant = resolving.meant(body, actor=actor, within=within)
    return ReturnDraft(
        store_id=meant.store_id,
        source=body["source"],
        number=body["number"],
        occurred_at=body["occurred_at"],
        original_id=original.get("id"),
        original=(original["source"], original["number"]) if "number" in original else None,
        lines=tuple(ReturnLine(**line) for line in body.get("lines", [])),
        guide_id=meant.guide_id,
        payments=_payments(body),
        reason=body.get("reason", ""),
        without_original=_lines(body.get("without_original", [])),
        customer_id=meant.customer_id,
    )


def exchange(body: Mapping[str, Any], *, actor: audit.Actor) -> ExchangeDraft:
    """Return the draft of an exchange."""
    return ExchangeDraft(
        returned=goods_back(body["returned"], actor=actor, within="returned."),
        sale=purchase(body["sale"], actor=actor, within="sale."),
        payments=_payments(body),
    )


def _lines(lines: list[Mapping[str, Any]]) -> tuple[LineDraft, ...]:
    return tuple(LineDraft(**line) for line in lines)


def _payments(body: Mapping[str, Any]) -> tuple[PaymentDraft, ...]:
    return tuple(PaymentDraft(**payment) for payment in body.get("payments", []))
