"""What somebody we do not know may ask of us: to be told what is kept, and to be forgotten (P5).

They name the number of their complaint; a customer's rights lie in the customer's file.
"""

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from regulars.complaints.models import Case
from regulars.complaints.services import holding
from regulars.errors import RegularsError
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.complaints import counting
from regulars.web.forms import Form


class RightsForm(Form):
    """The number they name, and how they asked; to erase, the number once more."""

    number = forms.CharField(
        label=gettext_lazy("Number of the complaint"),
        help_text=gettext_lazy("They were told it; it looks like 2611-482107-3."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    asked = forms.CharField(label=gettext_lazy("How did they ask for it?"), max_length=200)


@require_http_methods(["GET", "POST"])
@permissions.needs(holding.ERASE)
def rights(request: HttpRequest) -> HttpResponse:
    """Find a complaint by its number; hand out what is kept of it, or erase that."""
    actor = permissions.acting(request)
    is_sent = request.method == "POST"
    form = RightsForm(request.POST if is_sent else None, initial={"number": _number(request)})
    found: Case | None = None
    try:
        if _number(request):
            found = holding.unknown(actor=actor, number=_number(request))
        if is_sent and form.is_valid():
            if "erase" in request.POST:
                return _erased(request, form)
            return _told(request, form)
    except RegularsError as fault:
        if fault.status == 403:
            raise
        fault.settle()
        if not is_sent:
            form = RightsForm(request.GET)
            form.is_valid()
            form.errors.pop("asked", None)
        form.add_error("number", str(fault))
    context = {"place": "settings", "form": form, "found": found}
    return render(request, "complaints/rights.html", context, status=422 if form.errors else 200)


def _number(request: HttpRequest) -> str:
    given: Any = request.POST if request.method == "POST" else request.GET
    return str(given.get("number", ""))[:20]


def _told(request: HttpRequest, form: RightsForm) -> HttpResponse:
    told = holding.disclose_unknown(
        actor=permissions.acting(request),
        number=form.cleaned_data["number"],
        asked=form.cleaned_data["asked"],
    )
    number = told["complaints"][0]["number"]
    return HttpResponse(
        json.dumps(told, ensure_ascii=False, indent=2),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="complaint-{number}.json"'},
    )


def _erased(request: HttpRequest, form: RightsForm) -> HttpResponse:
    holding.erase_unknown(
        actor=permissions.acting(request),
        number=form.cleaned_data["number"],
        reason=form.cleaned_data["asked"],
        now=timezone.now(),
    )
    counting.forget(request)
    toasts.show(request, _("Everything personal is erased."))
    return HttpResponseRedirect(reverse("complaint_rights"))
