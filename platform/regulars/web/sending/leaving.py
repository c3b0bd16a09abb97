"""The page behind the link in every letter: asking for no more. It knows nobody and says so.

Opening it changes nothing (programs that look for harm open every link); pressing the button or
the mail program's own one (RFC 8058: POST, without cookies or a page before it) does.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from regulars.messages.services import receiving
from regulars.staff import selectors as staff
from regulars.tenancy import limits
from regulars.web import language

_MOST = 60
_SECONDS = 600


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would stop, and stop it when asked to. Raises NoSuchLink, TooMany.

    Only links that are none are counted: whoever holds one of ours gets out, also when a mail
    program's servers open those of many readers from one address.
    """
    try:
        contact = receiving.behind(token)
    except receiving.NoSuchLink:
        limits.hit(what="leave", who=staff.network_of(request), most=_MOST, seconds=_SECONDS)
        raise
    is_done = request.method == "POST"
    if is_done:
        receiving.unsubscribe(token=token, now=timezone.now())
    spoken = _language(request, contact.language.lower())
    with translation.override(spoken):
        context = {"channel": contact.get_channel_display(), "is_done": is_done}
        response = render(request, "sending/leave.html", context)
    response["Content-Language"] = spoken
    return response


def _language(request: HttpRequest, of_letter: str) -> str:
    """Return what the reader chose on this page, else the language of the letter."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if not language.is_offered(chosen) and language.is_offered(of_letter):
        return of_letter
    return language.of_request(request)
