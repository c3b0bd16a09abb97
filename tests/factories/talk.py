"""What customers write to a chain, made inside it as providers report it."""

from datetime import datetime
from itertools import count
from uuid import UUID

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.messages import services
from regulars.messages.gateways.contract import Inbound, Media
from regulars.messages.models import Contact
from regulars.messages.services import Draft, receiving
from tests.factories.customers import NOW

_numbers = count(1)


def comes_in(
    sender: str,
    text: str = "几点开门？",
    *,
    at: datetime = NOW,
    channel: str = "sms",
    media: tuple[Media, ...] = (),
) -> Contact:
    """Take a message of somebody in, and return it as it is kept."""
    message = Inbound(
        sender=sender, to="us", text=text, at=at, provider_id=f"in-{next(_numbers)}", media=media
    )
    (row,) = receiving.take_inbound(provider="p", channel=channel, messages=[message], now=at)
    return row


def writes(customer: Customer, text: str = "几点开门？", *, at: datetime = NOW) -> Contact:
    """Take a text message of a customer in."""
    return comes_in(customer.phone or "", text, at=at)


def with_one(customer: Customer, *, tag: str) -> dict[str, str]:
    """Return a call that their guide began, and what somebody wrote whom nobody knows."""
    call = services.reserve(
        actor=SYSTEM,
        draft=Draft(
            customer_id=customer.pk, purpose="service", channel="call", staff_id=customer.owner_id
        ),
        now=NOW,
    )
    stranger = comes_in(f"nobody@{tag}.example", "Hello?", channel="email")
    return {"call": str(call), "stranger": str(stranger.pk)}


def settled(contact_id: UUID) -> Contact:
    """Return a contact as it stands now."""
    return Contact.objects.get(pk=contact_id)
