"""From an error of the tree to the page that says what to do."""

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url

from regulars.audit.decisions import PasswordNeeded
from regulars.errors import RegularsError

_TEMPLATES: Final[Mapping[int, str]] = {
    403: "403",
    404: "404",
    409: "409",
    429: "429",
    500: "500",
    503: "unavailable",
}

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
