"""Follow-up plans of the chain: what there is, what is switched off, and plans of one's own."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.insights.selectors import care_load
from regulars.kit import FollowUp
from regulars.registry import selectors, services
from regulars.registry.services import DeclarationRefused
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.plans import reading, saving
from regulars.web.plans.forms import PlanForm, StepForm, own_key

_FIRST_STEP = "first"


@require_GET
@permissions.needs("rules.manage")
def page(request: HttpRequest) -> HttpResponse:
    """Show every plan of the chain on its time line."""
    base = saving.base()
    plans = [reading.readable(each, base) for each in selectors.declarations(saving.NOUN)]
    clashes = [(row.key, why) for row, why in selectors.conflicts() if row.noun == saving.NOUN]
    context = {
        "place": "settings",
        "vertical": base.name.text(reading.language()),
        "running": [each for each in plans if not each.is_off],
        "off": [each for each in plans if each.is_off and not each.is_given_up],
        "clashes": clashes,
    }
    return render(request, "plans/plans.html", context)


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Make a plan of the chain's own, with its first step."""
    is_sent = request.method == "POST"
    base = saving.base()
    form = PlanForm(request.POST if is_sent else None, vertical=base, plan=None, is_own=True)
    purpose = request.POST.get("purpose", "care")
    first = StepForm(
        request.POST if is_sent else None, step=None, purpose=purpose, prefix=_FIRST_STEP
    )
    load = None
    if is_sent and form.is_valid() and first.is_valid():
        key = _once(request)
        if key:
            plan = form.changed_plan(key=key, steps=[first.changed_step(key="own-1")])
            if "preview" in request.POST:
                load = _load(plan)
            elif _saved(request, form, plan, first=first):
                toasts.show(request, _("Saved. The plan begins with what happens from now on."))
                return HttpResponseRedirect(reverse("plan", args=[key]))
        else:
            form.add_error(None, _("This form is too old. Open it anew."))
    context = {"place": "settings", "form": form, "first": first, "load": load}
    return _answer(request, "plans/new.html", context, form, first, is_sent=is_sent)


def _once(request: HttpRequest) -> str:
    try:
        return own_key(request.POST.get("once", ""))
    except ValueError:
        return ""


def _saved(
    request: HttpRequest, form: PlanForm, plan: FollowUp, *, first: StepForm | None = None
) -> bool:
    """Save a plan, or say at the fields what is wrong with it."""
    try:
        saving.save(request, plan)
    except DeclarationRefused as refused:
        if first is None:
            saving.refuse(form, refused)
        else:
            saving.refuse_new(form, first, refused, step="own-1")
        return False
    return True


def _answer(
    request: HttpRequest, template: str, context: dict[str, Any], *forms: Any, is_sent: bool
) -> HttpResponse:
    """Render a page of forms; faults are answered with 422."""
    is_wrong = is_sent and any(form.errors for form in forms)
    return render(request, template, context, status=422 if is_wrong else 200)


def _load(plan: FollowUp) -> care_load.Load:
    return care_load.of(plan=plan, now=timezone.now())


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show a plan; change its name and what ends it, or say what it would make in a week."""
    declared = saving.find(key)
    plan: FollowUp = declared.noun
    base = saving.base()
    is_sent = request.method == "POST"
    form = PlanForm(
        request.POST if is_sent else None, vertical=base, plan=plan, is_own=declared.is_own
    )
    load = None
    if is_sent and form.is_valid():
        changed = form.changed_plan()
        if "preview" in request.POST:
            load = _load(changed)
        elif _saved(request, form, changed):
            toasts.show(request, _("Saved. It holds for what happens from now on."))
            return HttpResponseRedirect(reverse("plan", args=[key]))
    context = {
        "place": "settings",
        "form": form,
        "plan": reading.readable(declared, base),
        "load": load,
    }
    return _answer(request, "plans/plan.html", context, form, is_sent=is_sent)


@require_POST
@permissions.needs("rules.manage")
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Turn a plan off, or on again; what was changed in it stays changed."""
    declared = saving.find(key)
    actor, now = permissions.acting(request), timezone.now()
    was_off = reading.is_off(declared)
    try:
        if declared.is_off:
            services.follow_vertical(actor=actor, noun=saving.NOUN, key=key)
        elif declared.is_changed or was_off:
            saving.save(request, replace(declared.noun, retired=not was_off))
        else:
            body = {"off": True}
            services.declare(actor=actor, noun=saving.NOUN, key=key, body=body, now=now)
    except RegularsError as fault:
        toasts.show(request, str(fault), tone="bad")
    else:
        toasts.show(
            request,
            _("The plan is on. It begins with what happens from now on.")
            if was_off
            else _("The plan is off. Tasks that are open already stay."),
        )
    return HttpResponseRedirect(reverse("plans"))


@require_POST
@permissions.needs("rules.manage")
def follow(request: HttpRequest, key: str) -> HttpResponse:
    """Give up the chain's version of a plan, so that the industry's holds and follows upgrades."""
    declared = saving.find(key)
    if declared.is_own:
        toasts.show(request, _("This plan is your own: no industry declares it."), tone="bad")
        return HttpResponseRedirect(reverse("plan", args=[key]))
    services.follow_vertical(actor=permissions.acting(request), noun=saving.NOUN, key=key)
    toasts.show(request, _("It follows the industry's plan again."))
    return HttpResponseRedirect(reverse("plan", args=[key]))
