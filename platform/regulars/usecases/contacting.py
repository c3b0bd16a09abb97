"""Contacting customers with what other domains know of them: tiers for the budget, points to tell.

`messages` knows neither: its drafts take the tier, its placeholders take what is `further`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from regulars.audit import Actor
from regulars.messages import services
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import batches
from regulars.messages.services.reserving import Draft, Outcome
from regulars.points import selectors as points
from regulars.points import tiers


def reserve(*, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Reserve a contact with the customer's tier. Raises ContactRefused."""
    (tiered,) = with_tiers([draft], now=now)
    return services.reserve(actor=actor, draft=tiered, now=now)


def reserve_many(*, actor: Actor, drafts: Sequence[Draft], now: datetime) -> list[Outcome]:
    """Reserve many with their customers' tiers; one outcome for each draft."""
    return services.reserve_many(actor=actor, drafts=with_tiers(drafts, now=now), now=now)


def fill(*, actor: Actor, batch_id: UUID, drafts: Sequence[Draft], now: datetime) -> list[Outcome]:
    """Reserve messages of a batch with their customers' tiers. Raises BatchClosed."""
    tiered = with_tiers(drafts, now=now)
    return batches.fill(actor=actor, batch_id=batch_id, drafts=tiered, now=now)


def log(*, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Write down a contact that has happened, judged by the customer's tier."""
    (tiered,) = with_tiers([draft], now=now)
    return services.log(actor=actor, draft=tiered, now=now).pk


def with_tiers(drafts: Sequence[Draft], *, now: datetime) -> list[Draft]:
    """Return the drafts with the levels their customers have now, in one statement."""
    held = tiers.of_many({each.customer_id for each in drafts}, now=now)
    return [
        replace(each, tier=held[each.customer_id].key) if each.customer_id in held else each
        for each in drafts
    ]


def with_points(subjects: Iterable[Subject], *, language: str, now: datetime) -> list[Subject]:
    """Return the subjects with points and tier among what they say, in two statements.

    What a subject says already goes. No points, no value: such a message stays at home.
    """
    known = list(subjects)
    ids = {each.customer_id for each in known}
    balances, held = points.balances_of_many(ids, now=now), tiers.of_many(ids, now=now)

    def told(customer_id: UUID) -> dict[str, str]:
        values = {}
        if balances.get(customer_id, 0) > 0:
            values["customer.points"] = str(balances[customer_id])
        if customer_id in held:
            values["customer.tier"] = held[customer_id].label.text(language)
        return values

    return [replace(each, further={**told(each.customer_id), **each.further}) for each in known]
