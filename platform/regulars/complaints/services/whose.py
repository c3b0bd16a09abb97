"""Whose a complaint is, held so that nobody is merged or erased while it is written down."""

from typing import Final

from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.errors import NotFound
from regulars.tenancy import statements

_HOLD: Final = """
SELECT id FROM customers_customer WHERE id = %s AND state = 'active' FOR KEY SHARE"""
_TURNS: Final = 3  # more merges at once than anybody makes


def held(customer: Customer) -> Customer:
    """Hold a customer, or who they became part of, until the transaction ends; return whom.

    An erasure empties what it finds: what is written down beside it, of somebody who was looked up
    before, would stay for good. Raises NotFound for who was erased meanwhile.
    """
    for _turn in range(_TURNS):
        found = visibility.survivor_of(customer.pk).first() or customer.pk
        if statements.one(_HOLD, (found,)):
            return customer if found == customer.pk else Customer.objects.get(pk=found)
    raise NotFound
