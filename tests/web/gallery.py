"""A site of one page with every part on it, served without a database, for the browser tests."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms as django_forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.test import override_settings
from django.urls import path
from django.utils import timezone

from regulars.complaints.selectors import Waiting
from regulars.web import forms, language, periods, toasts
from tests.factories import serving

NAME = (
    "阿卜杜拉·穆罕默德·伊本·赛义德·阿尔纳哈扬与他的全部头衔以及更多更多更多更多更多更多更多的名字"
)
_WAITING = Waiting(total=3, mine=2, late=1, unowned=0)
posted: list[str] = []  # every POST that arrived, by path


class NewCustomer(forms.Form):
    """A form with one field of each kind."""

    name = django_forms.CharField(label="Name")
    phone = forms.PhoneField(label="Phone", help_text="To know them again.")
    amount = forms.MoneyField(label="Amount")
    title = django_forms.ChoiceField(
        label="Title", choices=[("a", "Ms"), ("b", "Mr")], widget=django_forms.RadioSelect
    )
    greets = django_forms.BooleanField(label="Wants greetings", required=False)
    note = django_forms.CharField(label="Note", widget=django_forms.Textarea, required=False)


def chain_middleware(answer: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Stand in for tenancy and staff: one chain, one person, no database."""

    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            posted.append(request.path)
        request.chain = SimpleNamespace(  # type: ignore[attr-defined]
            name="Aurum", language="en", currency="CNY", time_zone="Asia/Shanghai", accent="",
            access="full", standing="", standing_until=None,
        )  # fmt: skip
        request.user = SimpleNamespace(  # type: ignore[assignment]
            pk="p1",
            name="Alice",
            role="owner",
            is_authenticated=True,
            get_role_display=lambda: "Owner",
        )
        return answer(request)

    return handle


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every part."""
    if "toast" in request.GET:
        toasts.show(request, "Saved.", undo="/taken")
    values = [3, 5, 4, 8, 7, 9]
    context = {
        "place": "customers",
        "name": NAME,
        "now": timezone.now(),
        "form": NewCustomer(),
        "values": values,
        "period": periods.PeriodForm(request.GET, today=date(2026, 11, 21)),
        "chart": {
            "kind": "curve",
            "labels": [str(n) for n in range(6)],
            "series": [
                {"name": "Now", "values": [v * 100_000 for v in values]},
                {"name": "Before", "values": [v * 90_000 for v in values], "muted": True},
            ],
        },
        "tabs": [{"label": "Contacts", "url": "#", "current": True, "count": 3}],
        "steps": ["File", "Columns", "Preview"],
    }
    return render(request, "gallery.html", context)


def taken(request: HttpRequest) -> HttpResponse:
    """Take a form and redirect, as every page does after a success."""
    return HttpResponseRedirect("/gallery")


def slow(request: HttpRequest) -> HttpResponse:
    """Take a form after a while."""
    time.sleep(0.8)
    return HttpResponseRedirect("/gallery")


def swapped(request: HttpRequest) -> HttpResponse:
    """Answer htmx."""
    time.sleep(0.4)
    return HttpResponse("<p>Swapped.</p>")


def broken(request: HttpRequest) -> HttpResponse:
    """Fail."""
    return HttpResponse("<p>trace</p>", status=500)


def other(request: HttpRequest) -> HttpResponse:
    """Stand in for the other places of the rail."""
    return HttpResponse("other")


def waiting(request: HttpRequest) -> HttpResponse:
    """Answer how many complaints wait, as the rail of every page asks."""
    return render(request, "complaints/count.html", {"waiting": _WAITING})


_PLACES = ("today", "counter", "customers", "complaints", "campaigns", "insights", "settings")
urlpatterns = [
    path("gallery", gallery),
    path("taken", taken),
    path("slow", slow),
    path("swapped", swapped),
    path("broken", broken),
    path("language", language.choose, name="choose_language"),
    path("logout", taken, name="account_logout"),
    path("search", other, name="search"),
    path("waiting", waiting, name="complaints_count"),
    *(path(f"places/{name}", other, name=name) for name in _PLACES),
]


@contextmanager
def served() -> Iterator[str]:
    """Serve the page on a free port of this machine and return its address."""
    templates = [{**settings.TEMPLATES[0]}]
    templates[0]["DIRS"] = [*templates[0]["DIRS"], Path(__file__).parent / "templates"]
    with (
        override_settings(
            ROOT_URLCONF="tests.web.gallery",
            ALLOWED_HOSTS=["127.0.0.1"],
            TEMPLATES=templates,
            MIDDLEWARE=[
                "tests.web.gallery.chain_middleware",
                "django.middleware.csp.ContentSecurityPolicyMiddleware",
                "regulars.web.language.LanguageMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware",
            ],
        ),
        serving.port() as number,
    ):
        yield f"http://127.0.0.1:{number}"
