"""The ways there are to reach one customer, and what speaks against each of them now."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from regulars.audit import Actor
from regulars.errors import NotFound
from regulars.messages.gateways import catalog, chosen
from regulars.messages.models import Channel
from regulars.messages.refusals import Refusal
from regulars.messages.selectors import asking, people
from regulars.messages.selectors.asking import Question
from regulars.points import tiers

# In the order they are offered. By hand: on the guide's own phone.
SENT: Final = (Channel.SMS, Channel.WECHAT, Channel.WECOM, Channel.EMAIL, Channel.WEBHOOK)
ON_OWN_PHONE: Final = (Channel.WECHAT, Channel.WECOM)
# They take free text as an answer only.
_TEMPLATES_ONLY: Final = frozenset({"wechat"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to reach a customer now; `refusal` says why not, and from when on.

    `by_hand`: a call, or words that go from the guide's own phone. `approved_only`: the provider
    sends approved texts only.
    """

    channel: Channel
    by_hand: bool
    refusal: Refusal | None = None
    approved_only: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether it may be used now."""
        return self.refusal is None


def ways(
    *, actor: Actor, customer_id: UUID, purpose: str, now: datetime, answers: str = ""
) -> list[Way]:
    """Return how a customer can be reached, and what speaks against each way; seven statements.

    Ways without a number or address are left out, but for a call. Only reserving is binding.
    `answers` is the channel they wrote on within the last two days.
    """
    person = person_of(actor, customer_id, purpose=purpose)
    offered = _offered(person, answers=answers)
    held = tiers.of_many([customer_id], now=now)
    tier = held[customer_id].key if customer_id in held else ""
    questions = [
        Question(customer_id=customer_id, purpose=purpose, channel=way.channel, at=now, tier=tier)
        for way in offered
    ]
    refusals = asking.possible(actor=actor, questions=questions)
    return [
        replace(way, refusal=_no_phone(way, person) or refusal)
        for way, refusal in zip(offered, refusals, strict=True)
    ]


def _no_phone(way: Way, person: people.Person) -> Refusal | None:
    is_call = way.channel == Channel.CALL
    return Refusal(why="address") if is_call and not person.phone else None


def _offered(person: people.Person, *, answers: str) -> list[Way]:
    found = [Way(channel=Channel.CALL, by_hand=True)]
    open_channels = chosen.channels()
    for channel in SENT:
        # The chain's own system knows every customer by our key: offered where there is one.
        is_there = channel != Channel.WEBHOOK or chosen.provider_of(channel)
        if channel in open_channels and is_there and person.address(channel):
            provider = provider_at(channel, person.address(channel))
            found.append(
                Way(
                    channel=channel,
                    by_hand=False,
                    approved_only=takes_approved_only(provider, answers=answers == channel),
                )
            )
    found += [Way(channel=channel, by_hand=True) for channel in ON_OWN_PHONE]
    return found


def provider_at(channel: Channel, address: str) -> str:
    """Return the provider by which an address is reached on a channel; empty for none."""
    slot: Any = channel.value
    return chosen.provider_of(chosen.slot_of(slot, address))


def takes_approved_only(provider: str, *, answers: bool) -> bool:
    """Say whether a provider sends approved texts only, be it an answer or not."""
    declared = catalog.PROVIDERS.get(provider)
    if declared is None:
        return False
    return declared.approves or (provider in _TEMPLATES_ONLY and not answers)


def person_of(actor: Actor, customer_id: UUID, *, purpose: str) -> people.Person:
    """Return whom we would contact. Raises NotFound for somebody outside the scope."""
    found = people.of_many([customer_id], scope=actor.scope, purposes=[purpose])
    if customer_id not in found:
        raise NotFound
    return found[customer_id]
