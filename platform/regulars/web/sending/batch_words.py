"""What a batch shows of itself: how far it is, whom it is for, whom it passes over and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from regulars import moments, registry
from regulars.billing import resting
from regulars.customers.models import LifeEvent
from regulars.kit import Message, labels
from regulars.messages import placeholders
from regulars.messages.gateways import faults
from regulars.messages.models import Batch, Contact
from regulars.messages.selectors import templates
from regulars.messages.selectors.batches import Progress
from regulars.stores.models import Region, Store
from regulars.usecases import batching
from regulars.usecases.batching import Audience

type Text = str | Promise
WHY: Final[Mapping[str, Text]] = {
    "wish": gettext_lazy("do not wish it, or never agreed to offers"),
    "budget": gettext_lazy("were contacted often enough already"),
    "distance": gettext_lazy("were or will be contacted close to it"),
    "quiet": gettext_lazy("have quiet hours until it would be too late"),
    "address": gettext_lazy("have no number or address for this"),
    "suppressed": gettext_lazy("are on the list of addresses not to be used"),
    "words": gettext_lazy("miss something the words speak of, such as a name or a purchase"),
    "template": gettext_lazy("read a language for which the provider has not approved the words"),
    "alike": gettext_lazy("would be further ones to read the very same greeting"),
    "complaint": gettext_lazy("have an open complaint: care and selling rest"),
    "nobody": gettext_lazy("were merged or erased meanwhile"),
}
TONES: Final[Mapping[str, str]] = {
    Batch.State.FILLING: "info",
    Batch.State.SENDING: "accent",
    Batch.State.STOPPED: "warning",
    Batch.State.DONE: "good",
}
_FAULTS: Final[Mapping[str, Text]] = {
    **faults.SENTENCES,
    **resting.SENTENCES,
    batching.GIVEN_UP: gettext_lazy(
        "It could not be put together: whoever asked has left, or the segment is no more."
    ),
}
_SHORT: Final = 60
_NOT_REASONS: Final = frozenset({"asked", "reserved", "looked-at"})
_ORDER: Final = (
    Contact.State.DELIVERED,
    Contact.State.ACCEPTED,
    Contact.State.SENDING,
    Contact.State.RESERVED,
    Contact.State.UNKNOWN,
    Contact.State.FAILED,
    Contact.State.REFUSED,
    Contact.State.CANCELLED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some customers of the audience do not get it."""

    key: str
    words: str
    count: int
    url: str


def phase(batch: Batch) -> str:
    """Return where a batch is: a state, or "ready" when it is put together and waits for a word."""
    if batch.state == Batch.State.FILLING and batch.filled_at is not None:
        return "ready"
    return batch.state


def phase_label(batch: Batch) -> str:
    """Return the word for it."""
    return _("ready to go") if phase(batch) == "ready" else str(batch.get_state_display())


def reasons(batch: Batch) -> list[Reason]:
    """Return why customers were passed over, the commonest first."""
    url = reverse("batch_passed", args=[batch.pk])
    found = [
        Reason(key=key, words=str(WHY.get(key, key)), count=count, url=f"{url}?why={key}")
        for key, count in batch.counts.items()
        if key not in _NOT_REASONS
    ]
    return sorted(found, key=lambda each: -each.count)


def states(found: Progress) -> list[tuple[str, int]]:
    """Return how many messages are in each state, in the order of a message's life."""
    return [
        (str(Contact.State(state).label), found.states[state])
        for state in _ORDER
        if found.states.get(state)
    ]


def fault(batch: Batch) -> str:
    """Return what keeps a batch waiting, or ended it, as a sentence."""
    return str(_FAULTS.get(batch.fault, batch.fault))


def words_of(batch: Batch) -> str:
    """Return the beginning of its text; the key of one that is in use no more."""
    message = templates.find(batch.template)
    return batch.template if message is None else spoken(message)


def spoken(message: Message) -> str:
    """Return the beginning of a text in the reader's language, its places in words."""
    language = get_language() or ""
    named = placeholders.named(language)
    text = labels.fill(
        message.text.text(language), {key: f"〔{label}〕" for key, label in named.items()}
    )
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def audience(batch: Batch) -> list[str]:
    """Return whom it is for, a few words for each thing that narrows it."""
    plan: dict[str, Any] = batch.audience or {}
    wanted, language = Audience.of(plan.get("who", {})), get_language() or ""
    vertical = registry.vertical()
    said = []
    if wanted.store_id is not None:
        said.append(Store.objects.get(pk=wanted.store_id).name)
    if wanted.region_id is not None:
        said.append(Region.objects.get(pk=wanted.region_id).name)
    said += [each.label.text(language) for each in vertical.tiers if each.key == wanted.tier]
    said += [each.title.text(language) for each in vertical.segments if each.key == wanted.segment]
    if wanted.occasion:
        kind = str(LifeEvent.Kind(wanted.occasion).label)
        said.append(_("%(kind)s within %(n)d days") % {"kind": kind, "n": wanted.days})
    return said or [_("All customers")]


def times(batch: Batch) -> dict[str, Any]:
    """Return when it goes, and until when."""
    plan: dict[str, Any] = batch.audience or {}
    return {key: moments.read(plan[key]) if plan.get(key) else None for key in ("at", "not_after")}
