"""What became of a contact, in the words of the shop: one sentence for each state and reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.messages.gateways import faults
from regulars.messages.models import Channel, Contact
from regulars.messages.refusals import COMPLAINT

type Text = str | Promise

_State = Contact.State
ICONS: Final[Mapping[str, str]] = {
    "sms": "message",
    "email": "mail",
    "wechat": "brand-wechat",
    "wecom": "messages",
    "webhook": "plug-connected",
    "call": "phone",
    "visit": "building-store",
    "post": "mailbox",
}
_TALKED: Final = frozenset({Channel.CALL, Channel.VISIT})
_BY_STATE: Final[Mapping[str, Text]] = {
    _State.RESERVED: gettext_lazy("waiting to be sent"),
    _State.SENDING: gettext_lazy("being sent"),
    _State.ACCEPTED: gettext_lazy("sent"),
    _State.DELIVERED: gettext_lazy("delivered"),
    _State.FAILED: gettext_lazy("not delivered"),
    _State.UNKNOWN: gettext_lazy("not known whether it arrived"),
    _State.REFUSED: gettext_lazy("not sent"),
    _State.CANCELLED: gettext_lazy("not sent"),
    _State.LOGGED: gettext_lazy("written down"),
    _State.RECEIVED: gettext_lazy("waiting for an answer"),
    _State.ANSWERED: gettext_lazy("answered"),
}
_SPOKEN: Final[Mapping[str, Text]] = {
    _State.RESERVED: gettext_lazy("begun, nothing written down yet"),
    _State.DELIVERED: gettext_lazy("spoken to"),
    _State.FAILED: gettext_lazy("not reached"),
    _State.CANCELLED: gettext_lazy("given up"),
}
# Why we did not send it, by what `Contact.fault` begins with.
_WHY: Final[Mapping[str, Text]] = {
    "budget": gettext_lazy("The customer had been contacted often enough by then."),
    "distance": gettext_lazy("There had been another contact close to it."),
    "quiet": gettext_lazy("It was too late or too early for the customer; it goes later."),
    "wish": gettext_lazy("The customer does not wish it."),
    "suppressed": gettext_lazy("Messages to this address came back, or are not wanted."),
    "address": gettext_lazy("There was no number or address any more."),
    "complaint": gettext_lazy(
        "The customer had complained meanwhile; care rests until it is closed."
    ),
    "nobody": gettext_lazy("The record was merged or erased meanwhile."),
    "erased": gettext_lazy("The record was erased meanwhile."),
    "no-gateway": gettext_lazy("No provider is set up for this channel."),
    "too-late": gettext_lazy("It could only have gone too late."),
    "stopped": gettext_lazy("The batch was stopped."),
    "never-arrived": gettext_lazy("The provider never took it."),
    "gave-up": gettext_lazy("It was tried again and again in vain."),
    "crash": gettext_lazy("We were interrupted while it was being sent."),
}
_TONES: Final[Mapping[str, str]] = {
    _State.ACCEPTED: "good",
    _State.DELIVERED: "good",
    _State.LOGGED: "good",
    _State.ANSWERED: "good",
    _State.FAILED: "bad",
    _State.REFUSED: "bad",
    _State.UNKNOWN: "warning",
    _State.RECEIVED: "warning",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A contact for reading: `title` says what it was, `state` how far it is, `why` the reason.

    `in_spite_of` is the number of a complaint that was open when it was made all the same.
    """

    icon: str
    title: str
    state: str
    why: str = ""
    tone: str = "quiet"
    is_flagged: bool = False
    is_automatic: bool = False
    in_spite_of: str = ""
    media: tuple[str, ...] = ()

    @property
    def details(self) -> tuple[str, ...]:
        """Return state and reason, as sentences one under the other."""
        flag = _("More than the contact budget allows.") if self.is_flagged else ""
        spite = _("While complaint %(number)s was open.") % {"number": self.in_spite_of}
        more = spite if self.in_spite_of else ""
        return tuple(filter(None, (self.state, self.why, flag, more, *self.media)))


AUTOMATIC: Final = "word"  # what `Contact.source` says of a word nobody wrote


def told(contact: Contact) -> Told:
    """Return a contact in words; asks the database nothing."""
    channel = Channel(contact.channel)
    is_in = contact.direction == Contact.Direction.IN
    states = {**_BY_STATE, **_SPOKEN} if channel in _TALKED else _BY_STATE
    return Told(
        icon=ICONS[channel],
        title=_title(channel, is_in=is_in),
        state=str(states[contact.state]),
        why=reason(contact.fault) if contact.state not in (_State.ACCEPTED, *_GOOD) else "",
        tone=_TONES.get(contact.state, "quiet"),
        is_flagged=contact.flagged,
        is_automatic=contact.source == AUTOMATIC,
        in_spite_of=str(contact.facts.get(COMPLAINT, "")),
        media=tuple(media(contact)),
    )


_GOOD: Final = (_State.DELIVERED, _State.ANSWERED, _State.RECEIVED)


def reason(fault: str) -> str:
    """Return a fault as a sentence; of a provider's own words nothing is shown."""
    code = fault.partition(":")[0].strip()
    if code == "not-reached":
        return ""
    return str(_WHY.get(code) or faults.SENTENCES.get(code, ""))


def media(contact: Contact) -> list[str]:
    """Return what came with a message, by kind and reference: unknown files are never opened."""
    kept = contact.facts.get("media") or []
    return [
        _("%(kind)s (%(reference)s)")
        % {"kind": _KINDS.get(str(kind), gettext_lazy("File")), "reference": str(reference)[:40]}
        for kind, reference in kept
    ]


_KINDS: Final[Mapping[str, Text]] = {
    "image": gettext_lazy("Picture"),
    "voice": gettext_lazy("Voice message"),
    "video": gettext_lazy("Video"),
    "shortvideo": gettext_lazy("Video"),
    "location": gettext_lazy("Place"),
    "file": gettext_lazy("File"),
}


def _title(channel: Channel, *, is_in: bool) -> str:
    if channel in _TALKED:
        return str(channel.label)
    template = _("%(channel)s from the customer") if is_in else _("%(channel)s to the customer")
    return template % {"channel": channel.label}
