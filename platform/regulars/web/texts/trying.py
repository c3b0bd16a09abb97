"""The words of a page tried on real customers, before they are kept."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from regulars.customers import selectors as customers
from regulars.kit import Message
from regulars.kit.parts import is_at_home
from regulars.messages import placeholders
from regulars.messages.gateways import lengths
from regulars.messages.gateways.contract import Outgoing
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.usecases import trying_words
from regulars.web.customers import heading, listing
from regulars.web.texts import checking, marking, words

_HITS = 6


@require_GET
@permissions.needs("rules.manage")
def people(request: HttpRequest) -> HttpResponse:
    """Find a customer to try the words on."""
    actor = permissions.acting(request)
    text = request.GET.get("q", "").strip()[:80]
    found = customers.search(actor=actor, text=text, limit=_HITS).customers if text else []
    context = {"text": text, "rows": listing.rows(actor, found)}
    return render(request, "texts/people.html", context)


@require_POST
@permissions.needs("rules.manage")
def preview(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the words of the page as a customer would read them, and what would stay empty."""
    actor = permissions.acting(request)
    customer = customers.get(actor=actor, customer_id=customer_id)
    message = checking.typed(request)
    channel = _channel(message)
    language = get_language() or "en"
    filled = trying_words.preview(
        message, actor=actor, customer_id=customer_id, channel=channel, now=timezone.now()
    )
    named = placeholders.named(language)
    others = [each for each in filled.findings if each.code != "empty-placeholder"]
    context = {
        "customer": customer,
        "name": heading.called(customer.name, customer.member_code),
        "language": words.LANGUAGES[filled.language],
        "text": marking.places(filled.text, named, only=filled.missing),
        "subject": marking.places(filled.subject, named, only=filled.missing),
        "missing": [named.get(each, each) for each in sorted(filled.missing)],
        "reasons": marking.reasons(others, language=language),
        "may_be_sent": bool(filled.text) and filled.may_be_sent,
        "parts": _parts(filled.text, customer.phone or "") if channel == "sms" else 0,
    }
    return render(request, "texts/preview.html", context)


@require_POST
@permissions.needs("rules.manage")
def trial(request: HttpRequest) -> HttpResponse:
    """Say for how many of a hundred customers the words would do, and how alike they would be."""
    message = checking.typed(request)
    language = get_language() or "en"
    found = trying_words.trial(
        message,
        actor=permissions.acting(request),
        channel=_channel(message),
        now=timezone.now(),
    )
    named = placeholders.named(language)
    context = {
        "trial": found,
        "is_written": bool(message.text.texts()),
        "is_care": message.purpose == "care",
        "empty": [(named.get(name, name), number) for name, number in found.empty.items()],
    }
    return render(request, "texts/trial.html", context)


def _channel(message: Message) -> str:
    """Return the way whose rules are the strictest; calls are judged by their own."""
    if "sms" in message.channels:
        return "sms"
    return message.channels[0] if message.channels else "wechat"


def _parts(text: str, phone: str) -> int:
    """Return how many text messages it would be charged as, the chain's name as its signature."""
    to = phone or "+8613800000000"
    language = "zh-hans" if is_at_home(to) else "en"
    outgoing = Outgoing(
        key="", to=to, channel="sms", text=text, signature=current().name, language=language
    )
    return lengths.parts(outgoing)
