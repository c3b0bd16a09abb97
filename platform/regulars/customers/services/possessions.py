"""Things a customer has: rings with certificates, courses of treatments, rooms."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers import questions
from regulars.customers.models import Customer, Possession
from regulars.customers.selectors.profile import consents_of
from regulars.customers.services.writing import (
    ValuesRefused,
    dates_changed,
    locked,
    refuse,
    touch,
)
from regulars.errors import NotFound
from regulars.kit import fields
from regulars.kit.schema import Field
from regulars.tenancy import context

_LONGEST_TITLE: Final = 120


@transaction.atomic
def add_possession(
    *,
    actor: Actor,
    customer_id: UUID,
    kind: str,
    values: Mapping[str, object],
    now: datetime,
    title: str = "",
    acquired_on: date | None = None,
    line_id: UUID | None = None,
    language: str = "",
) -> Possession:
    """Add a thing of a kind the vertical declares; `line_id` is the line of the purchase it is of.

    Raises ValuesRefused: for an unknown kind, and at ``extra.<key>``.
    """
    customer = locked(actor=actor, customer_id=customer_id)
    kept = _cleaned(customer, kind, values, language=language, partial=False)
    possession = Possession(
        customer=customer,
        kind=kind,
        title=_title(title),
        extra={key: value for key, value in kept.items() if value is not None},
        line_id=line_id,
        acquired_on=acquired_on,
        created_at=now,
    )
    Possession.objects.bulk_create([possession])
    _finish(customer, possession, actor=actor, action="possession.added", now=now)
    return possession


@transaction.atomic
def update_possession(
    *,
    actor: Actor,
    customer_id: UUID,
    possession_id: UUID,
    values: Mapping[str, object],
    now: datetime,
    title: str | None = None,
    acquired_on: date | None = None,
    language: str = "",
) -> Possession:
    """Set the fields that are given; an empty value clears one. Raises ValuesRefused, NotFound."""
    customer = locked(actor=actor, customer_id=customer_id)
    possession = _find(customer, possession_id)
    kept = _cleaned(customer, possession.kind, values, language=language, partial=True)
    merged = {**possession.extra, **kept}
    possession.extra = {key: value for key, value in merged.items() if value is not None}
    if title is not None:
        possession.title = _title(title)
    if acquired_on is not None:
        possession.acquired_on = acquired_on
    possession.save(update_fields=["extra", "title", "acquired_on"])
    _finish(customer, possession, actor=actor, action="possession.changed", now=now)
    return possession


@transaction.atomic
def end_possession(
    *, actor: Actor, customer_id: UUID, possession_id: UUID, ended_on: date | None, now: datetime
) -> Possession:
    """Say since when they no longer have it (sold, used up, given away); None takes that back."""
    customer = locked(actor=actor, customer_id=customer_id)
    possession = _find(customer, possession_id)
    if ended_on and possession.acquired_on and ended_on < possession.acquired_on:
        raise ValuesRefused(fields={"ended_on": [_("This is before the day they got it.")]})
    possession.ended_on = ended_on
    possession.save(update_fields=["ended_on"])
    action = "possession.ended" if ended_on else "possession.resumed"
    _finish(customer, possession, actor=actor, action=action, now=now)
    return possession


def _find(customer: Customer, possession_id: UUID) -> Possession:
    found = Possession.objects.filter(pk=possession_id, customer=customer).first()
    if found is None:
        raise NotFound
    return found


def _cleaned(
    customer: Customer, kind: str, values: Mapping[str, object], *, language: str, partial: bool
) -> dict[str, fields.Value]:
    declared = _fields(kind)
    sensitive = any(each.sensitive and each.key in values for each in declared)
    kept, faults = fields.clean(
        declared,
        values,
        language=language or context.current().language,
        consented=consents_of(customer.pk).fields if sensitive else (),
        partial=partial,
    )
    refuse(faults, prefix="extra")
    return kept


def _fields(kind: str) -> tuple[Field, ...]:
    try:
        return questions.possession_fields(kind)
    except KeyError as error:
        raise ValuesRefused(fields={"kind": [_("There is no such kind of thing here.")]}) from error


def _title(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_TITLE]


def _finish(
    customer: Customer, possession: Possession, *, actor: Actor, action: str, now: datetime
) -> None:
    touch(customer, now=now)
    dates_changed(customer)
    audit.record(
        actor=actor,
        action=action,
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"possession": str(possession.pk), "kind": possession.kind},
    )
