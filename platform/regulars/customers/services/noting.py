"""Notes colleagues leave on a customer."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.audit import services as audit
from regulars.customers.models import Note
from regulars.customers.services.writing import ValuesRefused, locked, touch
from regulars.errors import NotFound

LONGEST: Final = 2000


@transaction.atomic
def note(
    *, actor: Actor, customer_id: UUID, text: str, now: datetime, is_warning: bool = False
) -> Note:
    """Leave a note; a warning tops the customer's card in every shop. Raises ValuesRefused."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise ValuesRefused(fields={"text": [_("Write what colleagues should know.")]})
    if len(text) > LONGEST:
        raise ValuesRefused(fields={"text": [_("A note has at most 2,000 characters.")]})
    customer = locked(actor=actor, customer_id=customer_id)
    author_id = actor.id if actor.kind == ActorKind.STAFF else None
    row = Note(customer=customer, author_id=author_id, text=text, is_warning=is_warning, at=now)
    Note.objects.bulk_create([row])
    _finish(actor, row, action="note.written", store_id=customer.home_store_id)
    touch(customer, now=now)
    return row


@transaction.atomic
def set_warning(
    *, actor: Actor, customer_id: UUID, note_id: UUID, is_warning: bool, now: datetime
) -> Note:
    """Put a note on the customer's card, or take it off. Raises NotFound."""
    customer = locked(actor=actor, customer_id=customer_id)
    row = Note.objects.filter(pk=note_id, customer=customer).first()
    if row is None:
        raise NotFound
    row.is_warning = is_warning
    row.save(update_fields=["is_warning"])
    _finish(actor, row, action="note.warning-changed", store_id=customer.home_store_id)
    touch(customer, now=now)
    return row


@transaction.atomic
def remove_note(*, actor: Actor, customer_id: UUID, note_id: UUID, now: datetime) -> None:
    """Take back one's own note; a manager any. Raises NotFound."""
    customer = locked(actor=actor, customer_id=customer_id)
    rows = Note.objects.filter(pk=note_id, customer=customer)
    if actor.scope.own_customers_of is not None:
        rows = rows.filter(author=actor.id)
    row = rows.first()
    if row is None:
        raise NotFound
    _finish(actor, row, action="note.removed", store_id=customer.home_store_id)
    row.delete()
    touch(customer, now=now)


def _finish(actor: Actor, row: Note, *, action: str, store_id: UUID | None) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_kind="customer",
        object_id=row.customer_id,
        store_id=store_id,
        data={"note": str(row.pk), "warning": row.is_warning},
    )
