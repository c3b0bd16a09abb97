"""From host name to chain on every request, and back to nothing after it."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, cast

from django.conf import settings
from django.contrib.sessions.backends import signed_cookies
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from regulars.errors import Unavailable
from regulars.tenancy import context, directory, hosts, releases
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain

_LOG = logging.getLogger(__name__)
_FOR_PROGRAMS: Final = {
    "errors/no_chain.html": _("There is no workspace here"),
    "errors/suspended.html": _("Its owner can open it again. Nothing has been deleted."),
    "errors/preparing.html": Unavailable.sentence,
    "errors/maintenance.html": Unavailable.sentence,
}
type Handler = Callable[[HttpRequest], HttpResponseBase]


def chain_of(request: HttpRequest) -> ChainInfo | None:
    """Return the chain whose host was asked for; None on the public site."""
    return cast("ChainInfo | None", getattr(request, "chain", None))


class ChainMiddleware:
    """Resolve the host, set the search path once, and reset it whatever happens."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        context.reset()
        try:
            return self._answer(request)
        finally:
            context.reset()

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        host = request.get_host().rsplit(":", 1)[0].lower()
        label = host.removesuffix(f".{settings.BASE_DOMAIN}")
        if label == host:  # the bare domain, or an address used by health checks
            request.chain = None  # type: ignore[attr-defined]
            context.activate_public()
            return self.get_response(request)
        chain = directory.find(label)
        if chain is None:
            return self._closed(request, "errors/no_chain.html", status=404)
        request.chain = chain  # type: ignore[attr-defined]
        if chain.subdomain != label:
            moved = request.build_absolute_uri().replace(f"//{label}.", f"//{chain.subdomain}.", 1)
            return HttpResponsePermanentRedirect(moved)
        refusal = self._refusal(request, chain)
        if refusal is not None:
            return refusal
        request.urlconf = settings.CHAIN_URLCONF
        context.activate(chain)
        response = self.get_response(request)
        if response.streaming:
            stream = cast(StreamingHttpResponse, response)
            stream.streaming_content = context.streamed(chain, iter(stream))
        return response

    def _refusal(self, request: HttpRequest, chain: ChainInfo) -> HttpResponse | None:
        if chain.state == Chain.State.SUSPENDED:
            of_customers = request.path.startswith(hosts.FOR_CUSTOMERS)
            page = "errors/customers_away.html" if of_customers else "errors/suspended.html"
            return self._closed(request, page, status=403)
        if chain.state in {Chain.State.DELETING, Chain.State.DELETED}:
            return self._closed(request, "errors/no_chain.html", status=404)
        if chain.state != Chain.State.ACTIVE:
            return self._closed(request, "errors/preparing.html", status=503)
        if chain.schema_version < releases.needed():
            return self._closed(request, "errors/maintenance.html", status=503)
        return None

    @staticmethod
    def _closed(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
        """Answer without touching any chain: a page, or a problem for programs."""
        request.chain = None  # type: ignore[attr-defined]
        context.activate_public()
        with translation.override(translation.get_language_from_request(request)):
            if request.path.startswith("/api/"):
                response = _problem(template, status=status)
            else:
                response = render(request, template, status=status)
        if status == 503:
            response["Retry-After"] = "10"
        return response


def _problem(template: str, *, status: int) -> HttpResponse:
    """Return what a till is told: no page of the chain could explain more (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(_FOR_PROGRAMS[template]),
        "code": template.removeprefix("errors/").removesuffix(".html").replace("_", "-"),
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


class ChainSessionMiddleware(SessionMiddleware):
    """Sessions live in the chain's schema; the public site has none and sets no cookie."""

    def process_request(self, request: HttpRequest) -> None:
        """Open the chain's session store, or an empty one that is never saved."""
        if chain_of(request) is None:
            request.session = signed_cookies.SessionStore()
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save what changed, for chains only."""
        if chain_of(request) is None:
            return response
        return super().process_response(request, response)


class OriginMiddleware:
    """Refuse unsafe requests that a browser says come from a sibling sub-domain.

    Sub-domains are one *site* to a browser, so SameSite cookies do not keep chains apart.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        unsafe = request.method not in {"GET", "HEAD", "OPTIONS", "TRACE"}
        if unsafe and request.headers.get("Sec-Fetch-Site") in {"same-site", "cross-site"}:
            return HttpResponse(status=403)
        return self.get_response(request)
