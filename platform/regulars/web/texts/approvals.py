"""A text at the providers that send approved texts only: handing it in, asking, writing it down."""

from dataclasses import dataclass
from typing import Any, Final, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.errors import RegularsError
from regulars.kit import Message
from regulars.kit.labels import Language
from regulars.messages import placeholders
from regulars.messages.gateways import catalog, chosen, faults
from regulars.messages.gateways.contract import Approving, NotDone, Uncertain
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Approved
from regulars.messages.services import approving
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.texts import words

STATES: Final = {
    "pending": (gettext_lazy("waits for the provider"), "info"),
    "approved": (gettext_lazy("approved"), "good"),
    "rejected": (gettext_lazy("rejected"), "bad"),
    "unknown": (gettext_lazy("unknown to the provider"), "warning"),
}
# WeChat hands texts out of its own library; there is nothing to submit and nobody to ask.
_OF_WECHAT: Final = "wechat"
_LONGEST_ID: Final = 80
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One language of a text at one provider.

    `is_old`: the words have changed since they were handed in, so they are not sent. `places` are
    (placeholder, what it is called, the provider's name for it).
    """

    provider: str
    label: Any
    slot: str
    language: Language
    spoken: Any
    approved: Approved | None
    state: Any
    tone: str
    is_old: bool
    is_submitted_here: bool
    signature: str
    places: list[tuple[str, str, str]]


def standings(message: Message) -> list[Standing]:
    """Return how a text stands at each provider of the chain that knows texts by an id."""
    known = templates.at_providers(message.key)
    return [
        _standing(message, slot, provider, language, known.get((provider, language)))
        for slot, provider in _providers(message).items()
        for language in message.text.texts()
    ]


def _providers(message: Message) -> dict[str, str]:
    """Return the provider by slot; one that serves two slots stands once, at home."""
    found: dict[str, str] = {}
    for slot, channel in catalog.SLOTS.items():
        key = chosen.provider_of(slot)
        declared = catalog.PROVIDERS.get(key)
        needs_id = declared is not None and (declared.approves or key == _OF_WECHAT)
        if needs_id and channel in message.channels and key not in found.values():
            found[slot] = key
    return found


def _standing(
    message: Message, slot: str, provider: str, language: Language, approved: Approved | None
) -> Standing:
    text = message.text.text(language)
    named = placeholders.named(get_language() or "en")
    theirs = {place: name for name, place in approved.variables} if approved else {}
    state, tone = STATES.get(approved.state, STATES["unknown"]) if approved else ("", "quiet")
    return Standing(
        provider=provider,
        label=catalog.PROVIDERS[provider].label,
        slot=slot,
        language=language,
        spoken=words.LANGUAGES[language],
        approved=approved,
        state=state,
        tone=tone,
        is_old=approved is not None and approved.text != text,
        is_submitted_here=catalog.PROVIDERS[provider].approves,
        signature=approved.signature if approved else "",
        places=[
            (place, named.get(place, place), theirs.get(place, f"p{number}"))
            for number, place in enumerate(approving.places_of(text), start=1)
        ],
    )


@require_POST
@permissions.needs("rules.manage")
def act(request: HttpRequest, key: str) -> HttpResponse:
    """Hand a text in, ask how far the provider is, write down its id, or forget it."""
    message = templates.find(key)
    if message is None:
        raise Http404
    sent = request.POST
    asked = next(
        (
            each
            for each in standings(message)
            if (each.provider, each.language) == (sent.get("provider"), sent.get("language"))
        ),
        None,
    )
    if asked is None:
        toasts.show(request, _("Choose one of your providers."), tone="warning")
    else:
        _done(request, message, asked)
    return HttpResponseRedirect(reverse("text_edit", args=[key]) + "#providers")


def _done(request: HttpRequest, message: Message, asked: Standing) -> None:
    try:
        told, tone = _told(request, message, asked)
    except NotDone as fault:
        told = str(faults.SENTENCES.get(fault.code, faults.SENTENCES["refused"]))
        if fault.detail:
            told = f"{told} ({fault.detail[:_LONGEST]})"
        if isinstance(fault, Uncertain):
            told = _(
                "%(provider)s did not answer. Look there whether the text has arrived before you "
                "hand it in again."
            ) % {"provider": asked.label}
        tone = "bad"
    except RegularsError as fault:
        fault.settle()
        told, tone = str(fault), "bad"
    toasts.show(request, told, tone=tone)


def _told(request: HttpRequest, message: Message, asked: Standing) -> tuple[str, str]:
    sent, now = request.POST, timezone.now()
    place: dict[str, Any] = {
        "actor": permissions.acting(request),
        "provider": asked.provider,
        "key": message.key,
        "language": asked.language,
        "now": now,
    }
    match sent.get("do"):
        case "submit" if asked.is_submitted_here:
            remark = sent.get("remark", "").strip()[:_LONGEST] or _remark(message)
            approving.submit(
                **place,
                gateway=_opened(asked.slot),
                remark=remark,
                signature=sent.get("signature", "").strip()[:_LONGEST],
                abroad=asked.slot == "sms-abroad",
            )
            return _("Handed in. We ask every half an hour how far it is."), "good"
        case "track" if asked.is_submitted_here:
            answer = approving.track(**place, gateway=_opened(asked.slot))
            state, tone = STATES.get(answer.state, STATES["unknown"])
            return _("%(provider)s says: %(state)s") % {
                "provider": asked.label,
                "state": state,
            }, tone
        case "adopt" if given := sent.get("id", "").strip():
            names = {each: sent.get(f"name.{each}", "").strip() for each, *_rest in asked.places}
            approving.adopt(
                **place,
                id=given[:_LONGEST_ID],
                names={each: name[:_LONGEST] for each, name in names.items()},
                signature=sent.get("signature", "").strip()[:_LONGEST],
                approved=not asked.is_submitted_here,
            )
            return _("Written down."), "good"
        case "forget":
            approving.keep(**place, approved=None)
            return _("Forgotten here. At the provider nothing was changed."), "good"
    return _("Write down the number or id that the provider gave the text."), "warning"


def _opened(slot: str) -> Approving:
    return cast(Approving, chosen.opened(slot))


def _remark(message: Message) -> str:
    """Return what is said of a text about which nothing else was said."""
    return f"{words.OCCASIONS[message.occasion]} · {words.PURPOSES[message.purpose]}"
