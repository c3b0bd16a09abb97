"""What customers write to us, and their asking for no more (P5)."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import SYSTEM
from regulars.customers import services as customers
from regulars.errors import NotFound
from regulars.messages import keys, suppression
from regulars.messages.gateways.contract import Inbound
from regulars.messages.models import Contact, Purpose
from regulars.messages.selectors import people
from regulars.messages.services import suppressing
from regulars.outbox import services as outbox
from regulars.tenancy import context

# The whole of a message, without marks and case. Half a sentence is for a person to read.
STOP_WORDS: Final = frozenset(
    {"td", "t", "n", "退订", "退訂", "拒收", "stop", "stopall", "unsubscribe", "cancel", "quit"}
)
_LONGEST_ADDRESS: Final = 120
_LONGEST_ID: Final = 80
_SALT: Final = "regulars.unsubscribe"
_REFUSED: Final = ("care", "selling", "survey")


class NoSuchLink(NotFound):
    """The link to unsubscribe was cut short or is not ours."""

    code = "no-such-link"
    sentence = _("This link is not complete. Please open it from the message once more.")


def asks_to_stop(text: str) -> bool:
    """Say whether a message is one of the words that ask for no more of them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum()) in STOP_WORDS


def take_inbound(
    *, provider: str, channel: str, messages: Iterable[Inbound], now: datetime
) -> list[Contact]:
    """Keep what came in, each message once; return those that are new.

    Who is known by phone, e-mail address or the channel's number is found; others are kept as
    nobody's. Whoever asks for no more gets no more care and no offers on this channel.
    """
    taken = (_take(provider, channel, each, now=now) for each in messages)
    return [row for row in taken if row is not None]


@transaction.atomic
def _take(provider: str, channel: str, message: Inbound, *, now: datetime) -> Contact | None:
    customer_id = people.who(channel, message.sender)
    is_stop = asks_to_stop(message.text)
    key = keys.hashed(f"in:{provider}:{message.provider_id}")
    with outbox.in_order(f"inbound:{key}"):  # providers repeat themselves, sometimes at once
        if Contact.objects.filter(key=key).exists():
            return None
    row = Contact(
        customer_id=customer_id,
        direction=Contact.Direction.IN,
        purpose=Purpose.SERVICE,
        channel=channel,
        state=Contact.State.ANSWERED if is_stop else Contact.State.RECEIVED,
        at=message.at,
        key=key,
        address=message.sender[:_LONGEST_ADDRESS],
        text=message.text.replace("\0", ""),
        facts={
            "media": [[each.kind, each.reference] for each in message.media],
            **({"by": "system"} if is_stop else {}),
        },
        provider=provider,
        provider_id=message.provider_id[:_LONGEST_ID],
        settled_at=now if is_stop else None,
    )
    row.save(force_insert=True)
    if is_stop:
        _stop(customer_id, channel, message.sender, reason=suppression.REPLIED, now=now)
    else:
        outbox.enqueue(
            handler="messages.received",
            payload={"contact_id": str(row.pk)},
            key=f"messages.received:{row.pk}",
        )
    return row


def unsubscribe_token(contact_id: UUID) -> str:
    """Return what a link to unsubscribe carries; it holds in this chain only."""
    return _signer().sign(contact_id.hex)


def behind(token: str) -> Contact:
    """Return the message whose link was opened; changes nothing. Raises NoSuchLink."""
    try:
        contact_id = UUID(hex=_signer().unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NoSuchLink from error
    row = Contact.objects.filter(pk=contact_id, direction=Contact.Direction.OUT).first()
    if row is None:
        raise NoSuchLink
    return row


@transaction.atomic
def unsubscribe(*, token: str, now: datetime) -> Contact:
    """Send no more like the message whose link was opened; idempotent. Raises NoSuchLink."""
    row = behind(token)
    reason = suppression.UNSUBSCRIBED
    _stop(row.customer_id, row.channel, row.address, reason=reason, now=now)
    return row


def _signer() -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}:{context.current().id}")


def _stop(
    customer_id: UUID | None, channel: str, address: str, *, reason: str, now: datetime
) -> None:
    """Suppress the address and write the customer's refusal down, once."""
    suppressing.suppress(channel=channel, address=address, reason=reason, now=now)
    ids = [customer_id] if customer_id else []
    for person in people.of_many(ids, scope=SYSTEM.scope, purposes=_REFUSED).values():
        asked = people.asked_as(channel)
        for purpose in _REFUSED:
            if person.standing.given(purpose, asked) is not False:
                customers.consent(
                    actor=SYSTEM,
                    customer_id=person.id,
                    purpose=purpose,
                    channel=asked,
                    given=False,
                    how="web" if reason == suppression.UNSUBSCRIBED else "api",
                    now=now,
                )
