"""Kinds of complaint: head office changes the industry's, adds its own, switches them off (Q6)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.forms import BaseFormSet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.errors import RegularsError
from regulars.kit import Complaint, plain
from regulars.registry import selectors, services
from regulars.registry.selectors import Declared
from regulars.registry.services import DeclarationRefused
from regulars.staff import permissions
from regulars.web import toasts
from regulars.web.complaints import durations, kinds_faults, kinds_forms, kinds_preview
from regulars.web.complaints.kinds_forms import KindForm, RemedyForm
from regulars.web.plans import reading
from regulars.web.plans.forms import QuestionForm, own_key

NOUN: Final = "complaint"
MANAGE: Final = "rules.manage"


@dataclass(frozen=True, slots=True)
class Sent:
    """The three parts of the page as they were sent, or as they begin."""

    form: KindForm
    questions: "BaseFormSet[QuestionForm]"
    remedies: "BaseFormSet[RemedyForm]"

    @property
    def reads_well(self) -> bool:
        """Say whether all three can be read."""
        parts = (self.form, self.questions, self.remedies)
        return not [part for part in parts if not part.is_valid()]  # each says what is wrong

    @property
    def is_wrong(self) -> bool:
        """Say whether something is refused."""
        rows = (self.questions, self.remedies)
        return bool(self.form.errors) or any(each.total_error_count() for each in rows)

    def kind(self, key: str) -> Complaint:
        """Return what was typed as a kind of complaint."""
        before = self.form.kind
        made = [row.changed() for row in self.remedies]
        return self.form.changed_kind(
            key=key,
            asks=kinds_forms.asked(self.questions, before),
            remedies=[each for each in made if each is not None],
        )


@require_GET
@permissions.needs(MANAGE)
def kinds(request: HttpRequest) -> HttpResponse:
    """Show every kind of complaint with its times."""
    rows = [_row(each) for each in selectors.declarations(NOUN)]
    clashes = [(row.key, why) for row, why in selectors.conflicts() if row.noun == NOUN]
    context = {
        "place": "settings",
        "used": [row for row in rows if row["is_used"]],
        "off": [row for row in rows if not row["is_used"]],
        "clashes": clashes,
    }
    return render(request, "complaints/kinds.html", context)


@require_http_methods(["GET", "POST"])
@permissions.needs(MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    """Write a kind of the chain's own; the same form sent twice writes one."""
    sent = _sent(request, None)
    if request.method == "POST" and sent.reads_well:
        try:
            key = own_key(request.POST.get("once", ""))
        except ValueError:
            sent.form.add_error(None, _("This form is too old. Open it anew."))
        else:
            if _saved(request, sent, key):
                toasts.show(request, _("Saved. It can be chosen from now on."))
                return HttpResponseRedirect(reverse("complaint_kind", args=[key]))
    return _page(request, sent, None)


@require_http_methods(["GET", "POST"])
@permissions.needs(MANAGE)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change a kind; complaints that are under way keep what they were opened with."""
    declared = find(key)
    sent = _sent(request, declared.noun)
    if request.method == "POST" and sent.reads_well and _saved(request, sent, key):
        told = _("Saved. It holds for the next complaint; those under way go on as they began.")
        toasts.show(request, told)
        return HttpResponseRedirect(reverse("complaint_kind", args=[key]))
    return _page(request, sent, declared)


@require_POST
@permissions.needs(MANAGE)
def preview(request: HttpRequest) -> HttpResponse:
    """Answer with what colleagues would see, kept or not."""
    key = request.POST.get("key", "")
    declared = next((each for each in selectors.declarations(NOUN) if each.noun.key == key), None)
    sent = _sent(request, declared.noun if declared else None)
    kind = sent.kind(key or "own") if sent.reads_well else None
    shown = kinds_preview.shown(kind, now=timezone.now())
    return render(request, "complaints/kinds_preview.html", shown)


@require_POST
@permissions.needs(MANAGE)
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Offer a kind no more, or again; what head office changed in it stays."""
    declared = find(key)
    actor, now = permissions.acting(request), timezone.now()
    is_used, is_plain = not _is_off(declared), not declared.is_changed
    try:
        if declared.is_off:
            services.follow_vertical(actor=actor, noun=NOUN, key=key)
        else:
            kept = plain.dump(replace(declared.noun, retired=is_used))
            body = {"off": True} if is_used and is_plain else kept
            services.declare(actor=actor, noun=NOUN, key=key, body=body, now=now)
    except RegularsError as fault:
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
    else:
        told = _("Switched off.") if is_used else _("In use again.")
        toasts.show(request, told, undo=reverse("complaint_kind_switch", args=[key]))
    return HttpResponseRedirect(reverse("complaint_kinds"))


@require_POST
@permissions.needs(MANAGE)
def follow(request: HttpRequest, key: str) -> HttpResponse:
    """Give up the chain's own version of one of the industry's kinds."""
    if find(key).is_own:
        raise Http404
    services.follow_vertical(actor=permissions.acting(request), noun=NOUN, key=key)
    toasts.show(request, _("It follows the industry's rules again."))
    return HttpResponseRedirect(reverse("complaint_kind", args=[key]))


def find(key: str) -> Declared:
    """Return a kind of the chain by its key. Raises Http404."""
    for declared in selectors.declarations(NOUN):
        if declared.noun.key == key:
            return declared
    raise Http404


def _sent(request: HttpRequest, kind: Complaint | None) -> Sent:
    data = request.POST if request.method == "POST" else None
    return Sent(
        KindForm(data, kind=kind),
        kinds_forms.questions(data, kind),
        kinds_forms.remedies(data, kind),
    )


def _saved(request: HttpRequest, sent: Sent, key: str) -> bool:
    """Keep what was typed as the chain's own version, or say what is wrong with it."""
    try:
        services.declare(
            actor=permissions.acting(request),
            noun=NOUN,
            key=key,
            body=plain.dump(sent.kind(key)),
            now=timezone.now(),
        )
    except DeclarationRefused as refused:
        refused.settle()
        for field, sentence in kinds_faults.of(refused):
            sent.form.add_error(field if field in sent.form.fields else None, sentence)
        return False
    return True


def _page(request: HttpRequest, sent: Sent, declared: Declared | None) -> HttpResponse:
    kind = declared.noun if declared else None
    context: dict[str, Any] = {
        "place": "settings",
        "form": sent.form,
        "questions": sent.questions,
        "remedies": sent.remedies,
        "declared": declared,
        "row": _row(declared) if declared else None,
        **kinds_preview.shown(kind, now=timezone.now()),
    }
    status = 422 if request.method == "POST" and sent.is_wrong else 200
    return render(request, "complaints/kind.html", context, status=status)


def _is_off(declared: Declared) -> bool:
    return declared.is_off or bool(declared.noun.retired)


def _row(declared: Declared) -> dict[str, Any]:
    kind: Complaint = declared.noun
    asks = [each for each in kind.asks if not each.retired]
    return {
        "key": kind.key,
        "title": kind.title.text(reading.language()),
        "severity": kind.severity,
        "reply": durations.words(timedelta(minutes=kind.reply_within)),
        "resolve": durations.words(timedelta(minutes=kind.resolve_within)),
        "questions": len(asks),
        "remedies": len(kind.remedies) + len(kind.goodwill),
        "is_used": not _is_off(declared),
        "is_own": declared.is_own,
        "is_changed": declared.is_changed and not declared.is_own and not declared.is_off,
    }
