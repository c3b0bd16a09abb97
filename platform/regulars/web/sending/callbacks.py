"""What providers call: receipts, and what customers wrote. Nobody signs in; the provider proves it.

A provider that is not the chain's is answered like one whose proof is wrong, so that the answers
say nothing of what a chain uses. Everything here may come twice and in any order.
"""

import logging
from datetime import datetime
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from regulars.errors import TooMany
from regulars.messages.gateways import catalog, chosen, local
from regulars.messages.gateways.contract import (
    BadCallback,
    Forged,
    Gateway,
    NotDone,
    Received,
    Reply,
)
from regulars.messages.services import receiving, settling
from regulars.staff import selectors as staff
from regulars.tenancy import limits

LONGEST: Final = 1024 * 1024  # bytes of one call; a push of 500 receipts has some 200 kB
LONGEST_MAIL: Final = 4 * 1024 * 1024
_PER_MINUTE: Final = 6_000  # from one address: a batch that is being delivered
_FORGED: Final = 30  # of one address, in ten minutes
_FORGED_SECONDS: Final = 600
_LATER_SECONDS: Final = 300
_LOG = logging.getLogger(__name__)


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, slot: str, provider: str) -> HttpResponse:
    """Keep what a provider tells, and answer what it wants to hear."""
    if slot not in catalog.SLOTS or provider not in (*catalog.PROVIDERS, local.Gateway.name):
        raise Http404
    address, now = staff.network_of(request), timezone.now()
    try:
        limits.hit(what="callback", who=f"{slot}:{address}", most=_PER_MINUTE, seconds=60)
        longest = LONGEST_MAIL if slot == "email" else LONGEST
        body = request.read(longest + 1)
        if len(body) > longest:
            return _answer(413)
        gateway = _gateway(slot, provider)
        received = _received(request, body, now=now)
        receipts, messages = gateway.receipts(received), gateway.inbound(received)
        reply = gateway.reply(received)
    except Forged as error:
        return _forged(slot, provider, address, error)
    except BadCallback as error:
        _LOG.warning("A callback of %s for %s cannot be read: %s", provider, slot, error)
        return _answer(400)
    except NotDone as error:
        _LOG.warning("A callback of %s for %s must wait: %s", provider, slot, error.code)
        return _answer(503, retry_after=_LATER_SECONDS)
    except TooMany as error:
        return _answer(429, retry_after=error.retry_after)
    settling.take_receipts(provider=gateway.name, receipts=receipts, now=now)
    receiving.take_inbound(
        provider=gateway.name, channel=catalog.SLOTS[slot], messages=messages, now=now
    )
    return _told(reply)


def _gateway(slot: str, provider: str) -> Gateway:
    """Return what reads it. Raises Forged if the chain uses another provider there."""
    wanted = chosen.provider_of(slot)
    if wanted != (provider if provider in catalog.PROVIDERS else ""):
        raise Forged("The chain does not use this provider.")
    try:
        gateway = chosen.opened(slot)
    except chosen.NotChosen as error:
        raise Forged("The chain uses no provider.") from error
    if gateway.name != provider:
        raise Forged("The chain does not use this provider.")
    return gateway


def _received(request: HttpRequest, body: bytes, *, now: datetime) -> Received:
    return Received(
        method=request.method or "",
        url=request.build_absolute_uri(),
        headers={name.lower(): value for name, value in request.headers.items()},
        query={name: str(value) for name, value in request.GET.items()},
        body=body,
        at=now,
    )


def _forged(slot: str, provider: str, address: str, error: Forged) -> HttpResponse:
    _LOG.warning("A callback of %s for %s is not believed: %s", provider, slot, error)
    try:
        limits.hit(what="callback-forged", who=address, most=_FORGED, seconds=_FORGED_SECONDS)
    except TooMany as refusal:
        return _answer(429, retry_after=refusal.retry_after)
    return _answer(403)


def _told(reply: Reply) -> HttpResponse:
    return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)


def _answer(status: int, *, retry_after: int | None = None) -> HttpResponse:
    answer = HttpResponse(status=status, content_type="text/plain")
    if retry_after is not None:
        answer["Retry-After"] = str(retry_after)
    return answer
