"""Coming back: whoever asked for no more may tell a person of the shop that they want it again."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from regulars.audit import Actor
from regulars.customers import services as customers
from regulars.messages.selectors import people
from regulars.messages.services import suppressing


@transaction.atomic
def come_back(
    *,
    actor: Actor,
    channel: str,
    address: str,
    purposes: Collection[str],
    how: str,
    now: datetime,
) -> bool:
    """Take an address off the list, and write the yes down for each purpose; say if it was on it.

    `how` is one of `customers.consents.HOW`. The yes is written for the one customer of the actor's
    scope who has the address; nobody is created. Raises Forbidden, NotTheirAddress, ValuesRefused.
    """
    was_on = suppressing.allow_again(actor=actor, channel=channel, address=address)
    customer_id = people.who(channel, address)
    ids = [customer_id] if customer_id else []
    for person in people.of_many(ids, scope=actor.scope, purposes=purposes).values():
        for purpose in purposes:
            customers.consent(
                actor=actor,
                customer_id=person.id,
                purpose=purpose,
                channel=people.asked_as(channel),
                given=True,
                how=how,
                now=now,
            )
    return was_on
