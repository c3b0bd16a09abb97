"""From the words of a till (codes, numbers, phones) to the ids that services take."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from regulars import audit
from regulars.customers import naming
from regulars.customers import selectors as customers
from regulars.customers.selectors import Card
from regulars.errors import Invalid, NotFound
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy import context


def store_id(word: str, *, actor: audit.Actor, field: str = "store") -> UUID:
    """Return the store's id by id or code; Invalid at `field` for one the key may not see."""
    found = _as_id(word)
    if found is None:
        found = Store.objects.filter(code=word).values_list("id", flat=True).first()
    if found is None or not actor.scope.covers(found):
        raise Invalid(fields={field: [_("No store of this key has this code or id.")]})
    return found


def guide_id(word: str | None, *, field: str = "guide") -> UUID | None:
    """Return the guide's id by id or number; Invalid at `field` for nobody."""
    if not word:
        return None
    found = _as_id(word)
    if found is None:
        found = Staff.objects.filter(number=word).values_list("id", flat=True).first()
    if found is None:
        raise Invalid(fields={field: [_("Nobody here has this number.")]})
    return found


def customer_id(
    reference: Mapping[str, Any] | None, *, actor: audit.Actor, field: str = "customer"
) -> UUID | None:
    """Return the customer's id, following merges; Invalid at `field` for nobody we know.

    Of several who share a phone, the one changed last is meant.
    """
    if reference is None:
        return None
    if "id" in reference:
        return UUID(str(reference["id"]))  # checked by the service, which locks the row anyway
    found = cards(reference, actor=actor, field=field, for_sale=True)
    if not found:
        raise Invalid(fields={field: [_("We know no such customer. Create them first.")]})
    return found[-1].id


def cards(
    reference: Mapping[str, Any],
    *,
    actor: audit.Actor,
    field: str = "customer",
    for_sale: bool = False,
) -> list[Card]:
    """Return the counter cards of everybody with exactly this number; see `recognise`."""
    if "id" in reference:
        try:
            return [customers.card(actor=actor, customer_id=UUID(str(reference["id"])))]
        except NotFound:
            return []
    if "external" in reference:
        source, number = reference["external"]
        return customers.recognise(actor=actor, identity=(source, number), for_sale=for_sale)
    if "card" in reference:
        return customers.recognise(actor=actor, card=reference["card"], for_sale=for_sale)
    if "member_code" in reference:
        code = reference["member_code"]
        return customers.recognise(actor=actor, member_code=code, for_sale=for_sale)
    try:
        phone = naming.clean_phone(reference["phone"], region=context.current().country)
    except naming.BadPhone as error:
        raise Invalid(fields={f"{field}.phone": [str(error)]}) from error
    return customers.recognise(actor=actor, phone=phone or "", for_sale=for_sale)


def _as_id(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
