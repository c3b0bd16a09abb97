"""From an error of the tree to the page that says what to do."""

import sys
from collections.abc import Callable, Mapping
from typing import Final

import redis
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.template import loader
from django.utils.translation import gettext_lazy as _

from regulars.api import problems
from regulars.audit.decisions import PasswordNeeded
from regulars.errors import RegularsError, Unavailable

_TEMPLATES: Final[Mapping[int, str]] = {
    403: "403",
    404: "404",
    409: "409",
    429: "429",
    500: "500",
    503: "unavailable",
}

# The server of the database or of the cache was restarted, is full, or cannot be reached.
_AWAY: Final = (OperationalError, InterfaceError, redis.RedisError)
type Handler = Callable[[HttpRequest], HttpResponseBase]


class FaultMiddleware:
    """Answer an error that a page let through with ``errors/<status>.html`` and its sentence."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Leave everything that is not ours to Django."""
        return page(request, fault) if isinstance(fault, RegularsError) else None


def page(request: HttpRequest, fault: RegularsError) -> HttpResponse:
    """Return the page of an error, with its status."""
    fault.settle()
    if fault.status == 401:
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))
    if isinstance(fault, PasswordNeeded):
        template = "account/password_needed.html"
    else:
        template = f"errors/{_TEMPLATES.get(fault.status, '400')}.html"
    context = {"sentence": str(fault), "code": fault.code}
    response = render(request, template, context, status=fault.status)
    if fault.retry_after is not None:
        response["Retry-After"] = str(fault.retry_after)
    return response


class PartAway(Unavailable):
    """A part of the service does not answer"""

    code = "part-away"
    sentence = _("A part of the service is restarting. Send the same again in a second.")


class OurFault(RegularsError):
    """Something broke on our side"""

    code = "our-fault"
    sentence = _("Something broke on our side. Please tell us if it happens again.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what nobody foresaw: 503 while the database or the cache is away, otherwise 500.

    Uses neither of them. Programs get a problem. Django has written the trace to the log.
    """
    fault = PartAway(retry_after=1) if isinstance(sys.exception(), _AWAY) else OurFault()
    if request.path.startswith("/api/"):
        body = problems.body_of(
            request, status=fault.status, code=fault.code, detail=str(fault.sentence)
        )
        response: HttpResponse = JsonResponse(
            body, status=fault.status, content_type=problems.MEDIA_TYPE
        )
    else:
        template = loader.get_template(f"errors/{_TEMPLATES[fault.status]}.html")
        context = {"sentence": str(fault)} if fault.status == Unavailable.status else {}
        response = HttpResponse(template.render(context), status=fault.status)
    if fault.retry_after is not None:
        response["Retry-After"] = str(fault.retry_after)
    return response
