"""Names beside figures: of the customers and stores in rows, as far as somebody may see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.staff.models import Staff
from regulars.web import phones


@dataclass(frozen=True, kw_only=True)
class Named:
    """How a customer is called in a row; `is_open` when their page may be opened.

    `phone` is written for reading: masked unless the customer is on one's own list.
    """

    text: str
    member_code: str = ""
    phone: str = ""
    is_open: bool = False


def customers(actor: Actor, ids: Iterable[UUID | None]) -> dict[UUID, Named]:
    """Return the names of customers in one statement; those of others' are not told."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    reaches = visibility.reaches(actor.scope)
    rows = Customer.objects.filter(pk__in=wanted).values_list(
        "pk", "name", "member_code", "phone", "owner_id", "home_store_id", "state"
    )
    found = {}
    for key, name, code, phone, owner_id, store_id, state in rows:
        if state == Customer.State.ERASED:
            found[key] = Named(text=_("Erased customer"))
        elif reaches(owner_id, store_id):
            write = phones.revealed if visibility.may_read_phone(actor, owner_id) else phones.masked
            found[key] = Named(
                text=name or code or _("Customer without a name"),
                member_code=code or "",
                phone=write(phone) if phone else "",
                is_open=True,
            )
        else:
            found[key] = Named(text=_("Customer of another store"))
    return found


def guides(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of guides. One statement."""
    wanted = {each for each in ids if each is not None}
    return dict(Staff.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
