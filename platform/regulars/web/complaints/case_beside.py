"""What stands beside a complaint: the customer's file, what they have, and what they bought."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints.models import Case, Remedy
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.errors import NotFound
from regulars.purchases import selectors as purchases
from regulars.purchases.models import Purchase
from regulars.usecases import at_a_glance
from regulars.web import dates
from regulars.web.contacts import serving
from regulars.web.customers import file, heading

_PURCHASES: Final = 5
_RETURNS: Final = 20
_BY_PURCHASE: Final = ("refund", "exchange")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A purchase with its lines in words; `is_it` says that the complaint is about it."""

    row: Purchase
    goods: list[str]
    is_it: bool


def shown(actor: Actor, case: Case, *, may_work: bool) -> dict[str, Any]:
    """Return what is known of the customer; nothing where there is none, or not to be seen.

    Who works on a complaint sees its customer's file, though another guide looks after them, as
    far as the stores they work in go.
    """
    if case.customer_id is None or not allows(actor, "customers.view"):
        return {}
    reader = serving.of_the_store(actor) if may_work else actor
    try:
        customer = customers.get(actor=reader, customer_id=case.customer_id)
    except NotFound:
        return {}
    now, language = timezone.now(), get_language() or ""
    known = at_a_glance.of_many([customer.pk], now=now)[customer.pk]
    reaches = customers.reaches(actor.scope)(customer.owner_id, customer.home_store_id)
    return {
        "customer": customer,
        "customer_name": heading.called(customer.name, customer.member_code),
        "customer_url": heading.address(customer.pk) if reaches else "",
        "messages_url": serving.address(customer.pk) if reaches else "",
        **_reach(actor, customer, may_work=may_work),
        "glance": known,
        "tier": known.tier.label.text(language) if known.tier and known.tier.threshold > 0 else "",
        "warnings": list(customers.notes(customer.pk).filter(is_warning=True)),
        "facts": file.of(customer, language),
        "things": file.things(customers.possessions(customer.pk), language),
        "bought": _bought(case, customer.pk),
    }


def _reach(actor: Actor, customer: Customer, *, may_work: bool) -> dict[str, bool]:
    """Say what of a customer is shown without asking, and whether the rest can be asked for.

    An e-mail address stands on the customer's page, so it is open to whoever may open that.
    """
    phone = customers.may_read_phone(actor, customer.owner_id)
    email = customers.reaches(actor.scope)(customer.owner_id, customer.home_store_id)
    is_hidden = bool(customer.phone and not phone) or bool(customer.email and not email)
    may_reveal = is_hidden and may_work and allows(actor, "customers.reveal-phone")
    return {"phone_open": phone, "email_open": email, "may_reveal": may_reveal}


def _bought(case: Case, customer_id: UUID) -> list[Bought]:
    """Return the latest purchases; the one it is about first, however long ago it was."""
    rows = purchases.of_customer(customer_id, limit=_PURCHASES)
    if case.purchase_id is not None and case.purchase_id not in {each.pk for each in rows}:
        about = Purchase.objects.filter(pk=case.purchase_id, customer_id=customer_id)
        rows = [*purchases.with_lines(about), *rows]
    return [
        Bought(
            row=row,
            goods=[
                line.product_name or line.category or line.product_code for line in row.lines.all()
            ],
            is_it=row.pk == case.purchase_id,
        )
        for row in sorted(rows, key=lambda each: each.pk != case.purchase_id)
    ]


def returns(case: Case, remedies: tuple[Remedy, ...]) -> list[tuple[str, str]]:
    """Return the customer's returns and exchanges a remedy may have been done by."""
    wanted = [
        each for each in remedies
        if each.state == Remedy.State.APPROVED and each.kind in _BY_PURCHASE
    ]  # fmt: skip
    if not wanted or case.customer_id is None:
        return []
    rows = Purchase.objects.filter(customer_id=case.customer_id)
    rows = rows.filter(Q(kind=Purchase.Kind.RETURN) | Q(pair_id__isnull=False))
    taken = {each.purchase_id for each in remedies}
    today = timezone.localdate()
    return [
        (str(pk), f"{_what(kind, pair_id)} · {number} · {_day(on, today)}")
        for pk, kind, pair_id, number, on in rows.order_by("-id").values_list(
            "pk", "kind", "pair_id", "number", "business_day"
        )[:_RETURNS]
        if pk not in taken
    ]


def _what(kind: str, pair_id: UUID | None) -> str:
    if pair_id is not None:
        return _("Exchange")
    return _("Return") if kind == Purchase.Kind.RETURN else _("Purchase")


def _day(on: date, today: date) -> str:
    return dates.near_day(on, today=today, language=get_language() or "")
