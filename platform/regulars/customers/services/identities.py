"""Cards, further phones and numbers of other systems."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers import naming
from regulars.customers.models import Identity
from regulars.customers.selectors import recognising
from regulars.customers.services.writing import ValuesRefused, locked, touch
from regulars.errors import Conflict, NotFound
from regulars.tenancy import context

_LONGEST_SOURCE: Final = 40
_LONGEST_NUMBER: Final = 80


class NumberTaken(Conflict):
    """The card or number is another customer's."""

    code = "number-taken"
    sentence = _("This card or number belongs to another customer.")


@transaction.atomic
def add_identity(
    *, actor: Actor, customer_id: UUID, source: str, number: str, now: datetime
) -> Identity:
    """Note a card (`card`), a further phone (`phone`) or a number of another system.

    Noting the same again changes nothing. Raises NumberTaken, ValuesRefused.
    """
    customer = locked(actor=actor, customer_id=customer_id)
    found = attach(customer_id=customer.pk, numbers=[(source, number)])[0]
    touch(customer, now=now)
    audit.record(
        actor=actor,
        action="customer.number-added",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"source": found.source},
    )
    return found


@transaction.atomic
def remove_identity(*, actor: Actor, customer_id: UUID, identity_id: UUID, now: datetime) -> None:
    """Forget a card that was lost, or a number that was wrong. Raises NotFound."""
    customer = locked(actor=actor, customer_id=customer_id)
    rows = Identity.objects.filter(pk=identity_id, customer=customer)
    source = rows.values_list("source", flat=True).first()
    if source is None:
        raise NotFound
    rows.delete()
    touch(customer, now=now)
    audit.record(
        actor=actor,
        action="customer.number-removed",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"source": source},
    )


def attach(*, customer_id: UUID, numbers: Iterable[tuple[str, str]]) -> list[Identity]:
    """Attach numbers inside a caller's transaction; raises NumberTaken for somebody else's."""
    wanted = [_cleaned(source, number) for source, number in numbers]
    if not wanted:
        return []
    rows = [
        Identity(customer_id=customer_id, source=source, number=number) for source, number in wanted
    ]
    Identity.objects.bulk_create(rows, ignore_conflicts=True)
    found = Identity.objects.filter(
        source__in={source for source, _number in wanted},
        number__in=[number for _source, number in wanted],
    )
    by_number = {(row.source, row.number): row for row in found}
    if any(by_number[pair].customer_id != customer_id for pair in wanted):
        raise NumberTaken(fields={"identities": [NumberTaken.sentence]})
    return [by_number[pair] for pair in wanted]


def _cleaned(source: str, number: str) -> tuple[str, str]:
    source = source.strip()
    if source == recognising.PHONE:
        number = naming.clean_phone(number, region=context.current().country) or ""
    elif source == recognising.CARD:
        number = naming.clean_code(number)
    number = number.strip()
    if not source or not number:
        raise ValuesRefused(fields={"identities": [_("A number needs the name of its system.")]})
    if len(source) > _LONGEST_SOURCE or len(number) > _LONGEST_NUMBER:
        raise ValuesRefused(fields={"identities": [_("This is too long.")]})
    return source, number
