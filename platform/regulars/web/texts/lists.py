"""The chain's own words: what is refused besides, what is allowed, and a box to try them in."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.kit import lint
from regulars.kit.care import PURPOSES
from regulars.messages import wording
from regulars.messages.services import templating
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.texts import marking, words
from regulars.web.texts.forms import ListsForm

_LONGEST: Final = 2000


@require_http_methods(["GET", "POST"])
@permissions.needs("rules.manage")
def lists(request: HttpRequest) -> HttpResponse:
    """Show the lists and limits; keep changed ones."""
    form = ListsForm(request.POST or None, initial=_initial(wording.policy()))
    if request.method == "POST" and form.is_valid():
        try:
            templating.set_words(
                actor=permissions.acting(request), now=timezone.now(), **form.cleaned_data
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved. It holds for the next message."))
            return HttpResponseRedirect(reverse("text_lists"))
    context = {
        "place": "settings",
        "form": form,
        "purposes": words.PURPOSES.items(),
        "purpose": "care",
    }
    return render(request, "texts/lists.html", context, status=422 if form.errors else 200)


@require_POST
@permissions.needs("rules.manage")
def try_out(request: HttpRequest) -> HttpResponse:
    """Judge some words by the lists as they stand on the page; nothing is kept."""
    form = ListsForm(request.POST)
    form.is_valid()
    text = request.POST.get("words", "").strip()[:_LONGEST].replace("\r\n", "\n")
    purpose: Any = request.POST.get("purpose")
    draft = lint.Draft(
        text=text,
        purpose=purpose if purpose in PURPOSES else "care",
        channel="call",
        known=wording.known(),
    )
    found = [
        each
        for each in lint.findings(draft, _policy(form.cleaned_data))
        if each.start < each.end  # of the words alone: name and signature are no matter here
    ]
    context = {
        "text": marking.marked(text, found),
        "reasons": marking.reasons(found, language=get_language() or "en"),
    }
    return render(request, "texts/tried.html", context)


def _initial(policy: lint.Policy) -> dict[str, Any]:
    return {
        "added": "\n".join(policy.added),
        "allowed": "\n".join(policy.allowed),
        "most_alike": policy.most_alike,
        "most_parts": policy.most_parts,
    }


def _policy(typed: Mapping[str, Any]) -> lint.Policy:
    """Return what was typed as far as it can be read, else what holds."""
    held = wording.policy()
    return lint.Policy(
        added=tuple(typed.get("added", held.added)),
        allowed=tuple(typed.get("allowed", held.allowed)),
        most_alike=typed.get("most_alike", held.most_alike),
        most_parts=typed.get("most_parts", held.most_parts),
    )
