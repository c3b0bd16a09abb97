"""From the words of a till (codes, numbers, phones) to the ids that services take."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from regulars import audit
from regulars.customers import selectors as customers
from regulars.errors import Invalid
from regulars.staff.models import Staff
from regulars.stores.models import Store


def store_id(word: str, *, actor: audit.Actor, field: str = "store") -> UUID:
    """Return the store's id by id or code; Invalid at `field` for one the key may not see."""
    found = _as_id(word)
    if found is None or not actor.scope.covers(found):
        row = Store.objects.filter(code=word).values_list("id", flat=True).first()
        found = row if row is not None and actor.scope.covers(row) else None
    if found is None:
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
    reference: Mapping[str, Any] | None, *, field: str = "customer"
) -> UUID | None:
    """Return the customer's id, following merges; Invalid at `field` for nobody we know."""
    if reference is None:
        return None
    found = customers.resolve(**_look_up(reference))
    if found is None:
        raise Invalid(fields={field: [_("We know no such customer. Create them first.")]})
    return found


def _look_up(reference: Mapping[str, Any]) -> dict[str, Any]:
    if "external" in reference:
        source, number = reference["external"]
        return {"source": source, "number": number}
    if "card" in reference:
        return {"source": "card", "number": reference["card"]}
    if "id" in reference:
        return {"customer_id": reference["id"]}
    return dict(reference)


def _as_id(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
