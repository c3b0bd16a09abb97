"""The rule by which customers of silent guides move: seen beforehand, then switched on (C7)."""

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from regulars import registry
from regulars.registry import services
from regulars.registry.policies import POLICIES
from regulars.staff import permissions
from regulars.usecases import move_silent
from regulars.web import toasts
from regulars.web.forms import Form


class MonthsForm(Form):
    """After how many months of silence."""

    months = forms.IntegerField(
        label=gettext_lazy("Months without contact or sale"),
        min_value=POLICIES[move_silent.POLICY].minimum,
        max_value=POLICIES[move_silent.POLICY].maximum,
    )


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def ownership(request: HttpRequest) -> HttpResponse:
    """Switch the rule on or off; whom it would move is counted only when somebody asks for it."""
    if request.method != "POST":
        held = registry.policy(move_silent.POLICY)
        return _shown(request, MonthsForm(initial={"months": held or 12}), None)
    if "preview" not in request.POST:
        return _set(request)
    form = MonthsForm(request.POST)
    return _shown(request, form, form.cleaned_data["months"] if form.is_valid() else None)


def _set(request: HttpRequest) -> HttpResponse:
    actor, now = permissions.acting(request), timezone.now()
    if not request.POST.get("months"):
        services.set_policy(actor=actor, key=move_silent.POLICY, value=None, now=now)
        toasts.show(request, _("Switched off. Nobody moves."))
        return HttpResponseRedirect(reverse("ownership"))
    form = MonthsForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, None)
    months = form.cleaned_data["months"]
    services.set_policy(actor=actor, key=move_silent.POLICY, value=months, now=now)
    toasts.show(request, _("Switched on. It begins tonight."))
    return HttpResponseRedirect(reverse("ownership"))


def _shown(request: HttpRequest, form: MonthsForm, asked: int | None) -> HttpResponse:
    rows = move_silent.preview(months=asked, now=timezone.now()) if asked else []
    context = {
        "place": "settings",
        "form": form,
        "months": registry.policy(move_silent.POLICY),
        "asked": asked,
        "rows": rows,
        "total": sum(row.customers for row in rows),
        "served": sum(row.served for row in rows),
        "freed": sum(row.freed for row in rows),
    }
    return render(request, "handing/ownership.html", context, status=422 if form.errors else 200)
