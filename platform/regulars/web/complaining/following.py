"""The private page of one complaint: read, answer, say whether it is right, open it again (Q1, Q3).

Whoever has the link is the customer; the number alone opens nothing. They see what is public of it
and one name of ours, whoever else had a hand in it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from regulars.complaints import pictures, selectors
from regulars.complaints.selectors import Public
from regulars.errors import NotFound, RegularsError
from regulars.staff import selectors as staff
from regulars.tenancy import hosts, limits
from regulars.usecases import complain_alone
from regulars.web import language
from regulars.web.complaining import keeping, once, words
from regulars.web.complaining.forms import WordsForm

_MOST_GUESSES: Final = 60
_MOST_SENT: Final = 60
_SECONDS: Final = 600
_PICTURE_SECONDS: Final = 3_600  # a browser keeps one


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One step as the page shows it."""

    title: str
    text: str
    at: datetime
    is_mine: bool
    icon: str
    pictures: tuple[str, ...]


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def followed(request: HttpRequest, token: str) -> HttpResponse:
    """Show how a complaint stands, and take what its customer says. Raises TooMany."""
    try:
        case = selectors.by_token(token, before=_before(request))
    except NotFound:
        return _no_such_link(request)
    code = language.of_visitor(request, known=case.language)
    with translation.override(code):
        response = _answered(request, token, case)
    if request.GET.get("sent") == "new":  # it arrived: the next form is another complaint
        once.forget(response, path=reverse("complain_start"))
    response["Content-Language"] = code
    return response


@login_not_required
@require_GET
def picture(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Give a picture that a public step of this complaint names. Raises TooMany."""
    try:
        selectors.check_picture(token, name)
        content = pictures.content(name)
    except NotFound:
        return _no_such_link(request)
    response = HttpResponse(content, content_type=pictures.CONTENT_TYPE)
    response["Cache-Control"] = f"private, max-age={_PICTURE_SECONDS}"
    response["Content-Disposition"] = 'inline; filename="picture.jpg"'
    return response


def _answered(request: HttpRequest, token: str, case: Public) -> HttpResponse:
    held = keeping.of_form(request, case.case_id)
    form = WordsForm(request, room=case.room, held=held)
    if case.is_closed:
        form.fields["text"].label = _("What is still wrong?")
    if request.method == "GET":
        return _page(request, token, case, form)
    is_whole = form.is_valid()
    try:
        who = staff.network_of(request)
        limits.hit(what="complain-try", who=who, most=_MOST_SENT, seconds=_SECONDS)
        if not is_whole:
            return _page(request, token, case, form, status=422)
        _take(request, case, form)
    except RegularsError as fault:
        form.refuse(fault)
        response = _page(request, token, case, form, status=fault.status)
        if fault.retry_after:
            response["Retry-After"] = str(fault.retry_after)
        return response
    return HttpResponseRedirect(f"{reverse('followed_complaint', args=[token])}?sent=word")


def _take(request: HttpRequest, case: Public, form: WordsForm) -> None:
    text, now = form.cleaned_data["text"], timezone.now()
    satisfied = request.POST.get("satisfied")
    if satisfied in ("yes", "no"):
        complain_alone.answered(
            case_id=case.case_id, satisfied=satisfied == "yes", text=text, now=now
        )
        return
    complain_alone.written(case_id=case.case_id, text=text, uploads=form.files_sent, now=now)


def _page(
    request: HttpRequest, token: str, case: Public, form: WordsForm, *, status: int = 200
) -> HttpResponse:
    tongue = get_language() or ""
    path = reverse("followed_complaint", args=[token], urlconf=settings.CHAIN_URLCONF)
    shown: dict[str, Any] = {
        "case": case,
        "form": form,
        "token": token,
        "title": case.about.text(tongue) if case.about else case.title,
        "advice": [] if case.is_closed else [each.text(tongue) for each in case.advice],
        "stands": words.STATES[case.state],
        "stages": [str(each) for each in words.STAGES],
        "stage": words.STAGE_OF[case.state],
        "steps": [
            Shown(
                title=words.step(each.kind, is_mine=each.is_mine),
                text=each.text,
                at=each.at,
                is_mine=each.is_mine,
                icon=words.ICONS.get(each.kind, words.ICON),
                pictures=each.pictures,
            )
            for each in case.steps
        ],
        "earlier": case.steps[0].id if case.has_earlier else None,
        "is_earlier": _before(request) is not None,
        "link": hosts.address(path),
        "sent": request.GET.get("sent", ""),
        "status": status,
        **keeping.again(request, form, case.case_id),
    }
    return render(request, "complaining/followed.html", shown, status=status)


def _before(request: HttpRequest) -> UUID | None:
    """Return the step before which the page ends; what is none narrows nothing."""
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None


def _no_such_link(request: HttpRequest) -> HttpResponse:
    """Answer whatever is no link of ours alike; only those are counted."""
    limits.hit(
        what="complain-link", who=staff.network_of(request), most=_MOST_GUESSES, seconds=_SECONDS
    )
    with translation.override(language.of_visitor(request)):
        return render(request, "complaining/gone.html", {"is_link": True}, status=404)
