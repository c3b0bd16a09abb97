"""Which language a page speaks: the person's choice, else the chain's, else the browser's."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST

_YEAR_SECONDS = 365 * 24 * 3600

type Handler = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """Activate the language and the chain's time zone for one request, and nothing longer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chain = getattr(request, "chain", None)
        code = of_request(request)
        zone = ZoneInfo(chain.time_zone) if chain else timezone.get_default_timezone()
        request.LANGUAGE_CODE = code
        with translation.override(code), timezone.override(zone):
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response.headers.setdefault("Content-Language", code)
        return response


def of_request(request: HttpRequest) -> str:
    """Return the language code this request is answered in."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if is_offered(chosen):
        return chosen
    chain = getattr(request, "chain", None)
    if chain is not None and is_offered(chain.language):
        return str(chain.language)
    return translation.get_language_from_request(request)


def of_visitor(request: HttpRequest, *, known: str = "") -> str:
    """Return the language of somebody from outside who opens one page of a chain.

    What they chose here, else what is `known` of them, else what their browser asks for, else the
    chain's: a guest from abroad should be able to read at once.
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    for code in (chosen, known.lower()):
        if is_offered(code):
            return code
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return of_request(request)


def is_offered(code: str) -> bool:
    """Say whether pages exist in this language."""
    return code in dict(settings.LANGUAGES)


def remember(response: HttpResponse, code: str) -> None:
    """Keep a person's choice in this browser; sign-in calls it with the choice kept in staff."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=_YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Take the language somebody picked and go back to where they were."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    code = request.POST.get("language", "")
    if is_offered(code):
        remember(response, code)
    return response
