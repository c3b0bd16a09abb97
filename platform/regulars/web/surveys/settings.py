"""Which surveys the chain asks: the industry's and its own, on or off, when and how often."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.kit import Survey, plain
from regulars.registry import selectors, services
from regulars.registry.selectors import Declared
from regulars.registry.services import DeclarationRefused
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.surveys import declared, links
from regulars.tenancy import hosts
from regulars.web import qr, toasts
from regulars.web.plans import faults
from regulars.web.plans.forms import own_key
from regulars.web.surveys import words
from regulars.web.surveys.forms import SurveyForm


@dataclass(frozen=True, slots=True)
class Shown:
    """A survey as the page shows it."""

    key: str
    title: str
    starts: str
    icon: str
    survey: Survey
    questions: tuple[tuple[str, str], ...]
    is_off: bool
    is_changed: bool
    is_own: bool


@require_GET
@permissions.needs("rules.manage")
def page(request: HttpRequest) -> HttpResponse:
    """Show every survey of the chain."""
    surveys = [_shown(each) for each in selectors.declarations(declared.NOUN)]
    clashes = [(row.key, why) for row, why in selectors.conflicts() if row.noun == declared.NOUN]
    context = {
        "place": "settings",
        "on": [each for each in surveys if not each.is_off],
        "off": [each for each in surveys if each.is_off],
        "clashes": clashes,
    }
    return render(request, "surveys/settings.html", context)


def _shown(each: Declared) -> Shown:
    survey: Survey = each.noun
    language = words.language()
    return Shown(
        key=survey.key,
        title=survey.title.text(language),
        starts=str(words.STARTS.get(survey.starts, survey.starts)),
        icon=words.ICONS.get(survey.starts, "message-chatbot"),
        survey=survey,
        questions=tuple(
            (field.label.text(language), str(words.FIGURES.get(field.about, "")))
            for field in declared.questions(survey)
        ),
        is_off=_is_off(each),
        is_changed=each.is_changed,
        is_own=each.is_own,
    )


def _is_off(each: Declared) -> bool:
    return each.is_off or bool(each.noun.retired)


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Make a survey of the chain's own."""
    form = SurveyForm(request.POST if request.method == "POST" else None, survey=None)
    if request.method == "POST" and form.is_valid():
        key = _once(request)
        if not key:
            form.add_error(None, _("This form is too old. Open it anew."))
        elif _saved(request, form, form.changed(key=key)):
            toasts.show(request, _("Saved. It asks about what happens from now on."))
            return HttpResponseRedirect(reverse("survey_settings"))
    return _answer(request, form, {"is_new": True})


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change when a survey asks, how often, and in which words. Raises Http404."""
    found = _find(key)
    form = SurveyForm(request.POST if request.method == "POST" else None, survey=found.noun)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _saved(request, form, form.changed()):
        toasts.show(request, _("Saved. It holds for what happens from now on."))
        return HttpResponseRedirect(reverse("survey_settings"))
    return _answer(request, form, {"survey": _shown(found)})


def _answer(request: HttpRequest, form: SurveyForm, context: dict[str, Any]) -> HttpResponse:
    given = {"place": "settings", "form": form, **context}
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "surveys/edit.html", given, status=status)


def _once(request: HttpRequest) -> str:
    try:
        return own_key(request.POST.get("once", ""))
    except ValueError:
        return ""


def _saved(request: HttpRequest, form: SurveyForm, survey: Survey) -> bool:
    try:
        _declare(request, survey)
    except DeclarationRefused as refused:
        refused.settle()
        for told in faults.of(refused):
            form.add_error(None, str(told.text))
        return False
    return True


def _declare(request: HttpRequest, survey: Survey) -> None:
    services.declare(
        actor=permissions.acting(request),
        noun=declared.NOUN,
        key=survey.key,
        body=plain.dump(survey),
        now=timezone.now(),
    )


@require_POST
@permissions.needs("rules.manage")
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Turn a survey off, or on again; what was changed in it stays changed."""
    found = _find(key)
    was_off = _is_off(found)
    try:
        if found.is_off:
            services.follow_vertical(actor=permissions.acting(request), noun=declared.NOUN, key=key)
        else:
            _declare(request, replace(found.noun, retired=not was_off))
    except RegularsError as fault:
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
    else:
        toasts.show(
            request,
            _("It asks about what happens from now on.")
            if was_off
            else _("It asks nobody any more. What was answered stays."),
        )
    return HttpResponseRedirect(reverse("survey_settings"))


@require_POST
@permissions.needs("rules.manage")
def follow(request: HttpRequest, key: str) -> HttpResponse:
    """Give up the chain's version, so that the industry's holds and follows upgrades."""
    if _find(key).is_own:
        toasts.show(request, _("This survey is your own: no industry declares it."), tone="bad")
    else:
        services.follow_vertical(actor=permissions.acting(request), noun=declared.NOUN, key=key)
        toasts.show(request, _("It follows the industry's survey again."))
    return HttpResponseRedirect(reverse("survey_settings"))


def _find(key: str) -> Declared:
    for each in selectors.declarations(declared.NOUN):
        if each.noun.key == key:
            return each
    raise Http404


@require_GET
@permissions.needs("stores.edit")
def tablets(request: HttpRequest) -> HttpResponse:
    """Show the link of each store's tablet, to open on it."""
    shops = stores.open_stores(permissions.acting(request).scope)
    shown = []
    for shop in shops:
        token = links.token("tablet", shop.pk, epoch=shop.device_epoch)
        address = hosts.address(reverse("survey_tablet", args=[token]))
        shown.append({"store": shop, "address": address, "code": qr.drawn(address)})
    return render(request, "surveys/tablets.html", {"place": "settings", "tablets": shown})
