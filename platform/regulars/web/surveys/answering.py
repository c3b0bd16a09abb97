"""The page behind the link in a message and the code on a receipt. It asks nobody to sign in.

Opening it changes nothing (programs that look for harm open every link). A tap on the first
question is an answer already; whatever is said after that is added to it.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from regulars.staff import selectors as staff
from regulars.surveys.services import LinkOver, NoSuchLink, NotAnswered, Opened, answer, opened
from regulars.tenancy import limits
from regulars.web import language
from regulars.web.surveys import asking

_SECONDS = 600
_MOST_WRONG = 60  # links that are none, from one address
_MOST_SENT = 120  # answers, from one address: a shop's own network may be behind many


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, take answers, and thank. Raises NoSuchLink, TooMany."""
    now = timezone.now()
    who = staff.network_of(request)
    try:
        found = opened(token, now=now)
    except NoSuchLink:
        limits.hit(what="survey-link", who=who, most=_MOST_WRONG, seconds=_SECONDS)
        raise
    spoken = language.of_visitor(request, known=found.language)
    with translation.override(spoken):
        if found.is_over:
            return _answer(request, "surveys/over.html", found, spoken, status=409)
        if request.method == "POST":
            limits.hit(what="survey-answers", who=who, most=_MOST_SENT, seconds=_SECONDS)
            given = asking.given(found.survey, request.POST)
            try:
                answer(token=token, given=given, now=now, language=spoken)
            except NotAnswered as fault:
                fault.settle()
                return _answer(request, "surveys/answer.html", found, spoken, status=422)
            except LinkOver as fault:  # the last moment passed between asking and answering
                fault.settle()
                return _answer(request, "surveys/over.html", found, spoken, status=409)
            is_done = "rest" in request.POST
            return HttpResponseRedirect(f"{request.path}?done=1" if is_done else request.path)
        return _answer(request, "surveys/answer.html", found, spoken)


def _answer(
    request: HttpRequest, template: str, found: Opened, spoken: str, *, status: int = 200
) -> HttpResponse:
    asked = asking.questions(found.survey, found.row.answers if found.row else {}, language=spoken)
    context = {
        "first": asked[0],
        "rest": asked[1:],
        "is_answered": found.is_answered,
        "is_done": "done" in request.GET and found.is_answered,
        "is_wrong": status == 422,
        "store": found.row.store if found.row else None,
    }
    response = render(request, template, context, status=status)
    response["Content-Language"] = spoken
    return response
