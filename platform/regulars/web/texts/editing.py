"""Writing a text, changing one, switching it off, following the industry again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.kit.labels import Language
from regulars.messages import placeholders, wording
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Kept
from regulars.messages.services import templating
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.texts import approvals, checking, words
from regulars.web.texts.checking import Check
from regulars.web.texts.forms import TextForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One language beside the others: its fields, and what the lint says of them."""

    language: Language
    text: BoundField
    subject: BoundField
    check: Check


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Write a text of the chain's own."""
    occasion = request.GET.get("occasion", "")
    initial = {"occasion": occasion, "purpose": "care", "channels": ["sms", "wechat", "wecom"]}
    form = TextForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        key = _new_key(request, form)
        if _saved(request, form, key):
            toasts.show(request, _("Saved. Guides find it from now on."))
            return HttpResponseRedirect(reverse("text_edit", args=[key]))
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change a text; what the lint refuses is not kept, and stays in the fields."""
    kept = find(key)
    form = TextForm(request.POST or None, base=kept.message, is_own=kept.is_own)
    if request.method == "POST" and form.is_valid() and _saved(request, form, key):
        toasts.show(request, _("Saved. It holds for the next message."))
        return HttpResponseRedirect(reverse("text_edit", args=[key]))
    return _page(request, form, kept)


@require_POST
@permissions.needs("rules.manage")
def follow(request: HttpRequest, key: str) -> HttpResponse:
    """Give up the chain's own version of one of the industry's texts."""
    if find(key).is_own:
        raise Http404
    templating.restore(actor=permissions.acting(request), key=key)
    toasts.show(request, _("It follows the industry's words again."))
    return HttpResponseRedirect(reverse("text_edit", args=[key]))


@require_POST
@permissions.needs("rules.manage")
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Use a text no more, or again."""
    kept = find(key)
    actor = permissions.acting(request)
    try:
        templating.switch(actor=actor, key=key, on=not kept.is_used, now=timezone.now())
    except RegularsError as fault:
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
    else:
        told = _("Switched off.") if kept.is_used else _("In use again.")
        toasts.show(request, told, undo=reverse("text_switch", args=[key]))
    return HttpResponseRedirect(reverse("text_edit", args=[key]))


@require_POST
@permissions.needs("rules.manage")
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Remove a text of the chain's own."""
    try:
        templating.remove(actor=permissions.acting(request), key=key)
    except templating.StillSent as fault:
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
        return HttpResponseRedirect(reverse("text_edit", args=[key]))
    toasts.show(request, _("Removed."))
    return HttpResponseRedirect(reverse("texts"))


def _new_key(request: HttpRequest, form: TextForm) -> str:
    """Return the name of a new text: the same form sent twice writes one text."""
    occasion = form.cleaned_data["occasion"]
    try:
        tag = UUID(request.POST.get("once", "")).hex[:8]
    except ValueError:
        return templating.new_key(occasion)
    key = templating.new_key(occasion, tag)
    taken = next((each.message for each in templates.shelf() if each.message.key == key), None)
    return key if taken in (None, form.message(key)) else templating.new_key(occasion)


def find(key: str) -> Kept:
    """Return a text of the library, in use or not; a page that is not found without one."""
    found = next((each for each in templates.shelf() if each.message.key == key), None)
    if found is None:
        raise Http404
    return found


def _saved(request: HttpRequest, form: TextForm, key: str) -> bool:
    """Keep what was typed, or put the refusal into the form."""
    actor = permissions.acting(request)
    try:
        templating.save(actor=actor, key=key, body=form.body(key), now=timezone.now())
    except templating.TemplateRefused as fault:
        fault.settle()
        for language, places in _refused(fault).items():
            for place in places:
                form.add_error(f"{place}_{words.FIELDS[language]}", str(fault))
        return False
    except RegularsError as fault:
        form.refuse(fault)
        return False
    return True


def _refused(fault: templating.TemplateRefused) -> dict[Language, set[str]]:
    """Return where the words are that cannot be kept: in the text or the subject of a language."""
    found: dict[Language, set[str]] = {}
    for (language, _channel), findings in fault.findings.items():
        for each in findings:
            if each.severity == "refuse":
                found.setdefault(language, set()).add(each.place)
    return found


def _page(request: HttpRequest, form: TextForm, kept: Kept | None) -> HttpResponse:
    key = kept.message.key if kept else ""
    message = form.message(key or "unnamed")
    checks = checking.checks(message)
    columns = [
        Column(
            language=language,
            text=form[f"text_{field}"],
            subject=form[f"subject_{field}"],
            check=checks[language],
        )
        for language, field in words.FIELDS.items()
    ]
    named = placeholders.named(get_language() or "en")
    context: dict[str, Any] = {
        "place": "settings",
        "form": form,
        "kept": kept,
        "columns": columns,
        "occasion": words.OCCASIONS[message.occasion],
        "purpose": words.PURPOSES[message.purpose],
        "tone": words.TONES[message.purpose],
        "places": [(name, label) for name, label in named.items() if name in placeholders.NAMES],
        "own_places": [each for each in named.items() if each[0] not in placeholders.NAMES],
        "most_alike": wording.policy().most_alike,
        "plans": templates.plans_that_send(key) if kept else [],
        "standings": approvals.standings(kept.message) if kept and kept.is_used else [],
    }
    return render(request, "texts/edit.html", context, status=422 if form.errors else 200)
