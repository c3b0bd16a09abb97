"""The list of addresses that must not be used again."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import allows, require
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.errors import Forbidden
from regulars.messages import suppression
from regulars.messages.models import Suppression
from regulars.messages.selectors import people

PERMISSION: Final = "customers.edit"
OF_ANYBODY: Final = "rules.manage"


class NotTheirAddress(Forbidden):
    """The address is of no customer, of several, or of one outside the actor's scope."""

    code = "address-not-of-your-customer"
    sentence = _(
        "You can change this only for the address of one of your own customers. Ask your head "
        "office to do it for others."
    )


def suppress(*, channel: str, address: str, reason: str, now: datetime) -> None:
    """Use an address no more on a channel; idempotent. One that bounced stays bounced."""
    if address and channel in suppression.CHANNELS:
        row, is_new = Suppression.objects.get_or_create(
            channel=channel,
            digest=suppression.digest(address),
            defaults={"reason": reason, "at": now},
        )
        if not is_new and reason == suppression.BOUNCED != row.reason:
            Suppression.objects.filter(pk=row.pk).update(reason=reason, at=now)


@transaction.atomic
def put_on(*, actor: Actor, channel: str, address: str, now: datetime) -> None:
    """Put an address on the list because its owner told somebody of the shop.

    Raises Forbidden, NotTheirAddress.
    """
    _reach(actor, channel, address)
    suppress(channel=channel, address=address, reason=suppression.BY_HAND, now=now)
    audit.record(actor=actor, action="address.suppressed", data={"channel": channel})


@transaction.atomic
def allow_again(*, actor: Actor, channel: str, address: str) -> bool:
    """Take an address off the list, because its owner asked for it; say whether it was on it.

    Raises Forbidden, NotTheirAddress.
    """
    _reach(actor, channel, address)
    rows = Suppression.objects.filter(channel=channel, digest=suppression.digest(address))
    gone, _rows = rows.delete()
    if gone:
        audit.record(actor=actor, action="address.allowed", data={"channel": channel})
    return bool(gone)


def _reach(actor: Actor, channel: str, address: str) -> None:
    """Refuse an address that is not of one customer of the actor's scope (P1).

    Head office may change any: the list outlives customers, and some addresses are of several.
    """
    require(actor, PERMISSION)
    if allows(actor, OF_ANYBODY):
        return
    customer_id = people.who(channel, address)
    theirs = Customer.objects.filter(visibility.within(actor.scope))
    if customer_id is None or not theirs.filter(pk=customer_id).exists():
        raise NotTheirAddress
