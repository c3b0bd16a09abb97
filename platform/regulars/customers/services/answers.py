"""What a customer told us: deep answers (P3) and vertical fields, with who, when and how."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers import questions
from regulars.customers.models import Customer
from regulars.customers.selectors.profile import PROVENANCE, consents_of, find_question
from regulars.customers.services.writing import ValuesRefused, dates_changed, locked, refuse
from regulars.errors import NotFound
from regulars.kit import fields
from regulars.tenancy import context

HOW: Final[dict[str, str | Promise]] = {
    "purchase": _("at a purchase"),
    "conversation": _("in conversation"),
    "call": _("on the phone"),
    "questionnaire": _("in a questionnaire"),
    "import": _("brought over from another system"),
    "api": _("told by another system"),
}


@transaction.atomic
def answer(
    *,
    actor: Actor,
    customer_id: UUID,
    values: Mapping[str, object],
    how: str,
    now: datetime,
    language: str = "",
) -> Customer:
    """Keep deep answers by question key, with who, when and how; an empty one is taken away.

    Answers that do not change keep their provenance. Raises ValuesRefused, which names a
    sensitive question without the customer's consent.
    """
    _check_how(how)
    customer = locked(actor=actor, customer_id=customer_id)
    cleaned, faults = questions.clean(
        values,
        language=language or context.current().language,
        consented=_consented(customer, values),
    )
    refuse(faults, prefix="profile")
    profile_ = dict(customer.profile)
    changed = []
    for key, value in cleaned.items():
        if value is None:
            if profile_.pop(key, None) is not None:
                changed.append(key)
        elif profile_.get(key, {}).get("value") != value:
            profile_[key] = {"value": value, **_provenance(actor, how, now)}
            changed.append(key)
    if changed:
        customer.profile = profile_
        _save(customer, actor=actor, action="customer.answered", keys=changed, now=now)
    return customer


@transaction.atomic
def set_extra(
    *,
    actor: Actor,
    customer_id: UUID,
    values: Mapping[str, object],
    how: str,
    now: datetime,
    language: str = "",
) -> Customer:
    """Set the vertical's fields that are given, cleaned by the kit; an empty one is taken away.

    Each keeps who learned it, when and how. Raises ValuesRefused at ``extra.<key>``.
    """
    _check_how(how)
    customer = locked(actor=actor, customer_id=customer_id)
    cleaned, faults = fields.clean(
        questions.extra_fields(),
        values,
        language=language or context.current().language,
        consented=_consented(customer, values),
        partial=True,
    )
    refuse(faults, prefix="extra")
    extra, provenance = dict(customer.extra), dict(customer.profile)
    changed = [key for key, value in cleaned.items() if extra.get(key) != value]
    for key in changed:
        if cleaned[key] is None:
            extra.pop(key, None)
            provenance.pop(f"{PROVENANCE}{key}", None)
        else:
            extra[key] = cleaned[key]
            provenance[f"{PROVENANCE}{key}"] = _provenance(actor, how, now)
    if changed:
        customer.extra, customer.profile = extra, provenance
        _save(customer, actor=actor, action="customer.fields-set", keys=changed, now=now)
        if any(each.kind == "date" and each.key in changed for each in questions.extra_fields()):
            dates_changed(customer)
    return customer


@transaction.atomic
def decline(*, actor: Actor, customer_id: UUID, key: str, how: str, now: datetime) -> Customer:
    """Remember that the customer would not answer, so that nobody asks again (P1).

    Raises NotFound for a question nobody asks here.
    """
    _check_how(how)
    question = find_question(key)
    if question is None:
        raise NotFound
    customer = locked(actor=actor, customer_id=customer_id)
    held = key if question.sort == "answer" else f"{PROVENANCE}{key}"
    declined = {"declined": True, **_provenance(actor, how, now)}
    customer.profile = {**customer.profile, held: declined}
    _save(customer, actor=actor, action="customer.declined", keys=[key], now=now)
    return customer


def _consented(customer: Customer, values: Mapping[str, object]) -> frozenset[str]:
    """Ask for consents only when something sensitive is given."""
    declared = (*questions.extra_fields(), *(each.field for each in questions.questions()))
    if not any(each.sensitive and each.key in values for each in declared):
        return frozenset()
    return consents_of(customer.pk).fields


def _provenance(actor: Actor, how: str, now: datetime) -> dict[str, Any]:
    return {"by": str(actor.id) if actor.id else None, "at": now.isoformat(), "how": how}


def _check_how(how: str) -> None:
    if how not in HOW:
        raise ValuesRefused(fields={"how": [_("Say how it was learned.")]})


def _save(customer: Customer, *, actor: Actor, action: str, keys: list[str], now: datetime) -> None:
    customer.changed_at = now
    customer.save(update_fields=["profile", "extra", "changed_at"])
    audit.record(
        actor=actor,
        action=action,
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"keys": sorted(keys)},
    )
