"""What every page about one customer begins with."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.staff import permissions


def opened(request: HttpRequest, customer_id: UUID) -> tuple[Actor, Customer]:
    """Return who asks and the customer, if they may see them. Raises Forbidden, NotFound."""
    actor = permissions.acting(request)
    return actor, customers.get(actor=actor, customer_id=customer_id)


def address(customer_id: UUID) -> str:
    """Return where a customer's page is."""
    return reverse("customer", args=[customer_id])


def called(name: str, code: str | None = None) -> str:
    """Return what people call somebody of whom little may be known."""
    return name or code or _("No name yet")


def told(actor: Actor, customer: Customer) -> str:
    """Return what somebody is told of whose row it is that they may see.

    The name of a customer whom a franchise keeps to itself is not told (H4), in whatever store
    the row was written.
    """
    if customers.is_withheld(actor.scope, customer.home_store_id):
        return _("Customer of another store")
    return called(customer.name, customer.member_code)


def shown(customer: Customer) -> dict[str, Any]:
    """Return the part of the context that all pages of a customer share."""
    return {
        "place": "customers",
        "customer": customer,
        "name": called(customer.name, customer.member_code),
    }
