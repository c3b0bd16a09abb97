"""Which prices at Stripe a plan has."""

import logging
from typing import Final

from regulars.billing import gateway, plans
from regulars.errors import Unavailable

_LOG: Final = logging.getLogger(__name__)


class NoPrice(Unavailable):
    """The plans are not at Stripe yet: `regulars billing sync`."""

    code = "no-price"


def of_store(plan: str, interval: str, currency: str) -> str:
    """Return the price of a store. Raises NoPrice, gateway.Refused or gateway.Away."""
    found = gateway.price(plans.lookup_key(plan, interval, currency))
    if found is None:
        raise NoPrice
    return found


def messages(plan: str, interval: str, currency: str, *, item: str = "") -> list[dict[str, str]]:
    """Return the item that bills messages beyond the allowance, changed or new.

    Nobody is kept from buying because its price is not at Stripe yet: the night adds the item.
    """
    price = gateway.price(plans.messages_key(plan, interval, currency))
    if price is None:
        _LOG.warning("Messages of %s have no price: `regulars billing sync`.", plan)
        return []
    return [{**({"id": item} if item else {}), "price": price}]
