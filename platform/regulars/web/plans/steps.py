"""The steps of a plan: days, way, words and questions; left out, and taken in again."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.kit import FollowUp
from regulars.kit.care import Step
from regulars.registry.services import DeclarationRefused
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.plans import faults, reading, saving
from regulars.web.plans.forms import StepForm, asked, own_key, questions


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def add(request: HttpRequest, key: str) -> HttpResponse:
    """Add a step to a plan."""
    try:
        step_key = own_key(request.POST.get("once", "")) if request.method == "POST" else ""
    except ValueError:
        step_key = ""
    return _step(request, saving.find(key).noun, None, step_key=step_key)


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def edit(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """Change a step of a plan."""
    plan: FollowUp = saving.find(key).noun
    return _step(request, plan, saving.step_of(plan, step), step_key=step)


def _step(
    request: HttpRequest, plan: FollowUp, step: Step | None, *, step_key: str
) -> HttpResponse:
    is_sent = request.method == "POST"
    data = request.POST if is_sent else None
    form = StepForm(data, step=step, purpose=plan.purpose)
    rows = questions(data, step=step)
    if is_sent and form.is_valid() and rows.is_valid():
        if not step_key:
            form.add_error(None, _("This form is too old. Open it anew."))
        elif _saved(request, plan, step, form, rows, step_key):
            toasts.show(request, _("Saved. It holds for what happens from now on."))
            return HttpResponseRedirect(reverse("plan", args=[plan.key]))
    context = {
        "place": "settings",
        "form": form,
        "rows": rows,
        "plan": plan,
        "title": plan.title.text(reading.language()),
        "step": step,
    }
    is_wrong = is_sent and bool(form.errors or rows.total_error_count())
    return render(request, "plans/step.html", context, status=422 if is_wrong else 200)


def _saved(
    request: HttpRequest, plan: FollowUp, step: Step | None, form: StepForm, rows: Any, key: str
) -> bool:
    """Save the plan with the step, or say at the fields what is wrong with it."""
    changed = form.changed_step(key=key, ask=asked(rows, step))
    try:
        saving.save(request, saving.with_step(plan, changed))
    except DeclarationRefused as refused:
        saving.refuse(form, refused, step=key)
        return False
    return True


@require_POST
@permissions.needs("rules.manage")
def turn(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """Leave a step out, or take it in again; what was answered in it can still be read."""
    plan: FollowUp = saving.find(key).noun
    found = saving.step_of(plan, step)
    try:
        saving.save(request, saving.with_step(plan, replace(found, retired=not found.retired)))
    except DeclarationRefused as refused:
        refused.settle()
        said = " ".join(str(each.text) for each in faults.of(refused))
        toasts.show(request, said, tone="bad")
    else:
        toasts.show(
            request,
            _("The step is taken in again.") if found.retired else _("The step is left out."),
        )
    return HttpResponseRedirect(reverse("plan", args=[key]))
