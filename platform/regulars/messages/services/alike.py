"""Care that reads the same for too many (C3): counted over a batch, by what its texts share.

The counts stand in the batch's own row, which whoever fills it has locked: a slice costs the same
however many came before it, but for the wordings that differ.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from regulars.customers import addressing
from regulars.customers.models import Customer
from regulars.messages import keys, wording
from regulars.messages.models import Batch, Contact, Purpose
from regulars.messages.services.reserving import Draft, Outcome
from regulars.tenancy import context

_KEPT: Final = "wording"  # in `Contact.facts`


def sort_out(batch: Batch, drafts: Sequence[Draft]) -> tuple[list[Draft], frozenset[int]]:
    """Return the drafts with the fingerprint of their wording, and the places of those too many.

    The customer's own name makes no difference, the name of who signs does: a guide's greeting
    counts for that guide. Service and selling are no greetings. Two statements, for care only.
    Two fills of one batch wait for each other: call it with the batch locked.
    """
    if batch.purpose != Purpose.CARE:
        return list(drafts), frozenset()
    told = _told(drafts)
    seen = Counter(batch.alike or {})
    kept = [keys.hashed(each.key) for each in told]
    before = set(
        Contact.objects.filter(key__in=[key for key in kept if key]).values_list("key", flat=True)
    )
    most = wording.policy().most_alike
    too_many = set()
    for place, draft in enumerate(told):
        if kept[place] not in before:  # filled in twice is one message
            seen[draft.facts[_KEPT]] += 1
            if seen[draft.facts[_KEPT]] > most:
                too_many.add(place)
    return told, frozenset(too_many)


def remember(batch: Batch, told: Sequence[Draft], outcomes: Iterable[Outcome]) -> None:
    """Count the wordings of what was reserved; the caller saves the batch."""
    if batch.purpose != Purpose.CARE:
        return
    seen = Counter(batch.alike or {})
    for draft, outcome in zip(told, outcomes, strict=True):
        if outcome.refusal is None and not outcome.repeated:
            seen[draft.facts[_KEPT]] += 1
    batch.alike = dict(seen)


def _told(drafts: Sequence[Draft]) -> list[Draft]:
    rows = Customer.objects.filter(pk__in=[each.customer_id for each in drafts])
    people = {pk: (name, gender) for pk, name, gender in rows.values_list("pk", "name", "gender")}
    told = []
    for draft in drafts:
        name, gender = people.get(draft.customer_id, ("", ""))
        language = draft.language or context.current().language
        names = (name, addressing.salutation(name, gender, language))
        facts = {**draft.facts, _KEPT: wording.fingerprint(draft.text, names)}
        told.append(replace(draft, facts=facts))
    return told
