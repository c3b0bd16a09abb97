"""Words for an occasion, as guides read and copy them: plain, or filled for a customer (C4)."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.kit import Message
from regulars.kit.labels import LANGUAGES
from regulars.messages import placeholders
from regulars.messages.selectors import people, templates
from regulars.staff import permissions
from regulars.usecases import phrasing, trying_words
from regulars.web.customers import heading, listing
from regulars.web.texts import marking, words

_HITS: Final = 8
_BY_ITSELF: Final = "automatic-word"  # nobody copies what goes out by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text as a guide sees it; `plain` is what is copied, nothing where it has gaps."""

    key: str
    occasion: Any
    purpose: Any
    tone: str
    channels: list[Any]
    shown: SafeString
    plain: str
    missing: list[str]
    is_refused: bool
    is_unwanted: bool


@require_GET
@permissions.needs("customers.edit")
def plain(request: HttpRequest) -> HttpResponse:
    """Show the texts in use with their places named; a customer can be chosen."""
    found, wanted = _wanted(request)
    named = placeholders.named(get_language() or "en")
    language = get_language() or "en"
    texts = [_text(each, shown=marking.places(each.text.text(language), named)) for each in found]
    query = request.GET.get("q", "").strip()[:80]
    actor = permissions.acting(request)
    hits = customers.search(actor=actor, text=query, limit=_HITS).customers if query else []
    context = {**_shared(wanted), "shelf": texts, "text": query, "rows": listing.rows(actor, hits)}
    part = "#people" if request.headers.get("HX-Request") else ""
    return render(request, f"texts/words.html{part}", context)


@require_GET
@permissions.needs("customers.edit")
def filled(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the texts in use filled for a customer, to be copied with one tap."""
    actor = permissions.acting(request)
    customer = customers.get(actor=actor, customer_id=customer_id)
    found, wanted = _wanted(request)
    spoken = request.GET.get("language", "")
    known = phrasing.filled(
        actor=actor,
        customer_id=customer.pk,
        messages=found,
        about=trying_words.latest(customer.pk),
        now=timezone.now(),
        language=spoken if spoken in LANGUAGES else "",
    )
    named = placeholders.named(get_language() or "en")
    unwanted = _unwanted(actor, customer.pk)
    texts = [
        _text(
            message,
            shown=marking.places(each.text, named, only=each.missing),
            plain=each.text if each.is_complete and each.purpose not in unwanted else "",
            missing=[named.get(name, name) for name in each.missing],
            is_refused=each.refused,
            is_unwanted=each.purpose in unwanted,
        )
        for message, each in zip(found, known, strict=True)
    ]
    context = {
        **_shared(wanted),
        "shelf": sorted(texts, key=lambda each: not each.plain),
        "customer": customer,
        "name": heading.called(customer.name, customer.member_code),
        "spoken": known[0].language if known else "",
        "tongues": words.LANGUAGES.items(),
    }
    return render(request, "texts/words.html", context)


def _unwanted(actor: Actor, customer_id: UUID) -> set[str]:
    """Return the purposes of which the customer does not wish to hear, whatever the way."""
    found = people.of_many([customer_id], scope=actor.scope, purposes=words.PURPOSES)
    return {
        purpose
        for each in found.values()
        for purpose in words.PURPOSES
        if not any(each.wishes(purpose=purpose, channel=channel) for channel in words.CHANNELS)
    }


def _wanted(request: HttpRequest) -> tuple[list[Message], dict[str, str]]:
    wanted = {name: request.GET.get(name, "") for name in ("occasion", "purpose")}
    if wanted["occasion"] not in words.OCCASIONS:
        wanted["occasion"] = ""
    if wanted["purpose"] not in words.PURPOSES:
        wanted["purpose"] = ""
    found = templates.library(**wanted)
    return [each for each in found if each.occasion != _BY_ITSELF], wanted


def _shared(wanted: dict[str, str]) -> dict[str, Any]:
    used = {each.occasion for each in templates.library()} - {_BY_ITSELF}
    return {
        "place": "messages",
        "wanted": wanted,
        "occasions": [pair for pair in words.OCCASIONS.items() if pair[0] in used],
        "purposes": words.PURPOSES.items(),
    }


def _text(message: Message, *, shown: SafeString, **facts: Any) -> Text:
    return Text(
        key=message.key,
        occasion=words.OCCASIONS[message.occasion],
        purpose=words.PURPOSES[message.purpose],
        tone=words.TONES[message.purpose],
        channels=[words.CHANNELS[each] for each in message.channels],
        shown=shown,
        **{"plain": "", "missing": [], "is_refused": False, "is_unwanted": False, **facts},
    )
