"""Rules of the chain: policies, what earns points, what they buy, tiers, and the fields in use."""

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars import registry
from regulars.errors import RegularsError
from regulars.kit import plain
from regulars.registry import selectors, services
from regulars.registry.policies import POLICIES
from regulars.registry.selectors import Declared
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.rules.forms import PolicyForm, RuleForm

_SHOWN: Final = {
    "rate": gettext_lazy("What earns points (the first that fits applies)"),
    "bonus": gettext_lazy("Extra points (all that fit add up)"),
    "spend": gettext_lazy("What points buy"),
    "tier": gettext_lazy("Levels of membership"),
}
_SWITCHED: Final = frozenset({"rate", "bonus", "spend", "field"})


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def rules(request: HttpRequest) -> HttpResponse:
    """Show every rule; take changed policies."""
    values = {key: registry.policy(key) for key in POLICIES}
    form = PolicyForm(request.POST or None, values=values)
    if request.method == "POST" and form.is_valid():
        actor = permissions.acting(request)
        for key, value in form.changes(values).items():
            services.set_policy(actor=actor, key=key, value=value, now=timezone.now())
        toasts.show(request, _("Saved. It holds from the next purchase on."))
        return HttpResponseRedirect(reverse("rules"))
    context = {
        "place": "settings",
        "form": form,
        "vertical": registry.vertical().name.text(get_language() or "en"),
        "groups": [(title, _rows(noun)) for noun, title in _SHOWN.items()],
        "fields": _rows("field"),
    }
    return render(request, "rules/rules.html", context, status=422 if form.errors else 200)


def _rows(noun: str) -> list[dict[str, Any]]:
    language = get_language() or "en"
    rows = []
    for declared in selectors.declarations(noun):
        each = declared.noun
        label = each.label if noun in {"tier", "field"} else each.says
        rows.append(
            {
                "declared": declared,
                "noun": noun,
                "key": each.key,
                "text": label.text(language),
                "on": getattr(each, "on", ""),
                "sensitive": getattr(each, "sensitive", False),
                "switched": noun in _SWITCHED,
            }
        )
    return rows


def _find(noun: str, key: str) -> Declared:
    if noun not in selectors.NOUNS:
        raise Http404
    for declared in selectors.declarations(noun):
        if declared.noun.key == key:
            return declared
    raise Http404


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def edit(request: HttpRequest, noun: str, key: str) -> HttpResponse:
    """Change the numbers and the sentence of one rule."""
    if noun not in _SHOWN:
        raise Http404
    declared = _find(noun, key)
    form = RuleForm(request.POST or None, rule=declared.noun)
    if request.method == "POST" and form.is_valid():
        try:
            services.declare(
                actor=permissions.acting(request),
                noun=noun,
                key=key,
                body=plain.dump(form.changed_rule()),
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved. It holds from the next purchase on."))
            return HttpResponseRedirect(reverse("rules"))
    context = {"place": "settings", "form": form, "declared": declared, "noun": noun, "key": key}
    return render(request, "rules/edit.html", context, status=422 if form.errors else 200)


@require_POST
@permissions.needs("rules.manage")
def switch(request: HttpRequest, noun: str, key: str) -> HttpResponse:
    """Leave a declaration out, or take it in again."""
    if noun not in _SWITCHED:
        raise Http404
    declared, actor = _find(noun, key), permissions.acting(request)
    try:
        if declared.is_off:
            services.follow_vertical(actor=actor, noun=noun, key=key)
        else:
            services.declare(
                actor=actor, noun=noun, key=key, body={"off": True}, now=timezone.now()
            )
    except RegularsError as fault:
        toasts.show(request, str(fault), tone="bad")
    return HttpResponseRedirect(reverse("rules"))


@require_POST
@permissions.needs("rules.manage")
def follow(request: HttpRequest, noun: str, key: str) -> HttpResponse:
    """Give up the chain's own version of a declaration."""
    _find(noun, key)
    services.follow_vertical(actor=permissions.acting(request), noun=noun, key=key)
    toasts.show(request, _("It follows the industry's rules again."))
    return HttpResponseRedirect(reverse("rules"))
