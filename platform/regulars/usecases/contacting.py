"""Contacting customers with what other domains know of them: tiers, points, open complaints.

`messages` knows none of it: its drafts take the tier, its placeholders take what is `further`.
While a complaint is open, care and selling rest (Q3): everything that is to be contacted comes
through here and is asked after, in one statement however many they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from regulars.audit import Actor
from regulars.complaints import selectors as complaints
from regulars.complaints.selectors import Standing
from regulars.messages import services
from regulars.messages.models import Purpose
from regulars.messages.refusals import COMPLAINT, Complains, Refusal
from regulars.messages.selectors.facts import Subject
from regulars.messages.services import batches
from regulars.messages.services.reserving import Draft, Outcome
from regulars.points import selectors as points
from regulars.points import tiers


def reserve(*, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Reserve a contact with the customer's tier. Raises ContactRefused, Complains among them."""
    standing = resting([draft]).get(draft.customer_id)
    if standing is not None:
        raise complains(standing)
    (tiered,) = with_tiers([draft], now=now)
    return services.reserve(actor=actor, draft=tiered, now=now)


def reserve_many(*, actor: Actor, drafts: Sequence[Draft], now: datetime) -> list[Outcome]:
    """Reserve many with their customers' tiers; one outcome for each draft."""
    rest = resting(drafts)
    wanted = [each for each in drafts if not _rests(each, rest)]
    made = services.reserve_many(actor=actor, drafts=with_tiers(wanted, now=now), now=now)
    return _in_order(drafts, rest, made)


def fill(
    *,
    actor: Actor,
    batch_id: UUID,
    drafts: Sequence[Draft],
    now: datetime,
    passed: Mapping[UUID, str] | None = None,
    looked_at: int = 0,
) -> list[Outcome]:
    """Reserve messages of a batch with their customers' tiers; the rest as in `batches.fill`.

    Who has an open complaint is passed over, but for service.
    """
    rest = resting(drafts)
    wanted = [each for each in drafts if not _rests(each, rest)]
    left_out = {each.customer_id: COMPLAINT for each in drafts if _rests(each, rest)}
    made = batches.fill(
        actor=actor,
        batch_id=batch_id,
        drafts=with_tiers(wanted, now=now),
        now=now,
        passed={**(passed or {}), **left_out},
        looked_at=looked_at,
    )
    return _in_order(drafts, rest, made)


def log(*, actor: Actor, draft: Draft, now: datetime) -> UUID:
    """Write down a contact that has happened, judged by the customer's tier.

    Care in spite of an open complaint is kept, and says so in its `facts` (`COMPLAINT`).
    """
    standing = resting([draft]).get(draft.customer_id)
    if standing is not None:
        draft = replace(draft, facts={**draft.facts, COMPLAINT: standing.number})
    (tiered,) = with_tiers([draft], now=now)
    return services.log(actor=actor, draft=tiered, now=now).pk


def resting(drafts: Sequence[Draft]) -> dict[UUID, Standing]:
    """Return the open complaint of whoever would be cared for or sold to in spite of it."""
    asked = {each.customer_id for each in drafts if each.purpose != Purpose.SERVICE}
    return {pk: found[0] for pk, found in complaints.open_of(asked).items()}


def complains(standing: Standing) -> Complains:
    """Return the refusal that names the complaint and who looks after it."""
    sentence = Complains.sentence if standing.owner else Complains.nobodys
    return Complains(sentence, number=standing.number, owner=standing.owner)


def _rests(draft: Draft, rest: Mapping[UUID, Standing]) -> bool:
    return draft.purpose != Purpose.SERVICE and draft.customer_id in rest


def _in_order(
    drafts: Sequence[Draft], rest: Mapping[UUID, Standing], made: Iterable[Outcome]
) -> list[Outcome]:
    """Return an outcome for each draft, in their order."""
    others = iter(made)
    return [
        Outcome(refusal=Refusal(why=COMPLAINT)) if _rests(each, rest) else next(others)
        for each in drafts
    ]


def with_tiers(drafts: Sequence[Draft], *, now: datetime) -> list[Draft]:
    """Return the drafts with the levels their customers have now, in one statement."""
    held = tiers.of_many({each.customer_id for each in drafts}, now=now)
    return [
        replace(each, tier=held[each.customer_id].key) if each.customer_id in held else each
        for each in drafts
    ]


def with_points(subjects: Iterable[Subject], *, language: str, now: datetime) -> list[Subject]:
    """Return the subjects with points and tier among what they say, in four statements.

    Points that run out are those of the next `points.selectors.SOON`; those of a purchase are what
    it earned. What a subject says already goes. No points, no value: such a message stays at home.
    """
    known = list(subjects)
    ids = {each.customer_id for each in known}
    balances, held = points.balances_of_many(ids, now=now), tiers.of_many(ids, now=now)
    expiring = points.expiring_of_many(ids, now=now)
    bought = {each.purchase_id for each in known if each.purchase_id}
    earned = points.earned_by_many(bought) if bought else {}

    def told(subject: Subject) -> dict[str, str]:
        values, customer_id = {}, subject.customer_id
        if balances.get(customer_id, 0) > 0:
            values["customer.points"] = str(balances[customer_id])
        if customer_id in expiring:
            values["customer.points-expiring"] = str(expiring[customer_id].points)
        buyer_id, gained = earned.get(subject.purchase_id or customer_id, (None, 0))
        if buyer_id == customer_id:
            values["purchase.points"] = str(gained)
        if customer_id in held:
            values["customer.tier"] = held[customer_id].label.text(language)
        return values

    return [replace(each, further={**told(each), **each.further}) for each in known]
