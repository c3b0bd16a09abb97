"""Batches: the list, and one of them from being put together to its results."""

from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from regulars.errors import RegularsError
from regulars.messages.refusals import NotLikeThis
from regulars.messages.selectors import batches as selectors
from regulars.messages.selectors.batches import Progress
from regulars.messages.services import batches, settling
from regulars.staff import permissions
from regulars.staff.models import Staff
from regulars.web import toasts
from regulars.web.sending import batch_words

PERMISSION: Final = "rules.manage"
_PAGE: Final = 30
_RUNNING: Final = frozenset({"filling", "sending"})


@require_GET
@permissions.needs(PERMISSION)
def listed(request: HttpRequest) -> HttpResponse:
    """List batches, the newest first; two statements."""
    after = uuid(request.GET.get("after", ""))
    found = selectors.page(actor=permissions.acting(request), after=after, limit=_PAGE)
    shown = found[:_PAGE]
    people = dict(
        Staff.objects.filter(pk__in={row.actor_id for row in shown}).values_list("pk", "name")
    )
    next_url = ""
    if len(found) > _PAGE:
        next_url = f"{reverse('batches')}?{urlencode({'after': str(shown[-1].pk)})}"
    context = {
        "place": "messages",
        "rows": [
            {
                "batch": row,
                "label": batch_words.phase_label(row),
                "tone": batch_words.TONES[row.state],
                "reserved": row.counts.get("reserved", 0),
                "who": people.get(row.actor_id) if row.actor_id else None,
            }
            for row in shown
        ],
        "is_first": not shown and after is None,
        "next_url": next_url,
    }
    return render(request, "sending/batches.html", context)


@require_GET
@never_cache
@permissions.needs(PERMISSION)
def one(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch: being put together, ready, being sent, or over."""
    found, scope = found_by(batch_id), permissions.acting(request).scope
    batch = found.batch
    context = _progress(found) | {
        "audience": batch_words.audience(batch),
        "times": batch_words.times(batch),
        "words": batch_words.words_of(batch),
        "label": batch_words.phase_label(batch),
        "tone": batch_words.TONES[batch.state],
        "fault": batch_words.fault(batch),
        "reasons": batch_words.reasons(batch),
        "states": batch_words.states(found),
        "samples": selectors.samples(batch_id, scope=scope),
        "unknown": selectors.unknown(batch_id, scope=scope) if found.states.get("unknown") else [],
        "may_export": permissions.allows(permissions.acting(request), PERMISSION),
    }
    return render(request, "sending/batch.html", context)


@require_GET
@never_cache
@permissions.needs(PERMISSION)
def progress(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Say how far it is; once it is somewhere else, lead to its page."""
    found = found_by(batch_id)
    url = reverse("batch", args=[batch_id])
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(url)
    if request.GET.get("phase") != batch_words.phase(found.batch):
        return HttpResponse(headers={"HX-Redirect": url})
    return render(request, "sending/batch.html#bar", _progress(found))


def _progress(found: Progress) -> dict[str, Any]:
    batch, phase = found.batch, batch_words.phase(found.batch)
    total = int((batch.audience or {}).get("of", 0)) if phase == "filling" else found.total
    done = int(batch.counts.get("looked-at", 0)) if phase == "filling" else found.done
    query = urlencode({"phase": phase})
    return {
        "place": "messages",
        "batch": batch,
        "phase": phase,
        "is_running": phase in _RUNNING,
        "reserved": batch.counts.get("reserved", 0),
        "total": total,
        "done": min(done, total),
        "bar_url": f"{reverse('batch_progress', args=[batch.pk])}?{query}",
    }


@require_POST
@permissions.needs(PERMISSION)
def begin(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Let a batch go."""
    try:
        batches.begin(actor=permissions.acting(request), batch_id=batch_id, now=timezone.now())
    except RegularsError as fault:
        if fault.status == 404:
            raise
        fault.settle()
        toasts.show(request, str(fault), tone="bad")
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


@require_POST
@permissions.needs(PERMISSION)
def stop(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Send nothing more of a batch."""
    batches.stop(actor=permissions.acting(request), batch_id=batch_id, now=timezone.now())
    toasts.show(request, _("Stopped. Nothing more goes out."))
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


@require_POST
@permissions.needs(PERMISSION)
def resolve(request: HttpRequest, batch_id: UUID, message_id: UUID) -> HttpResponse:
    """Let a person say what became of a message of which nobody knows."""
    found_by(batch_id)
    try:
        settling.resolve(
            actor=permissions.acting(request),
            contact_id=message_id,
            arrived=request.POST.get("arrived") == "yes",
            now=timezone.now(),
        )
    except NotLikeThis as fault:
        toasts.show(request, str(fault), tone="bad")
    return HttpResponseRedirect(reverse("batch", args=[batch_id]))


def found_by(batch_id: UUID) -> Progress:
    """Return a batch with its progress; the page that there is none otherwise."""
    found = selectors.progress(batch_id)
    if found is None:
        raise Http404
    return found


def uuid(text: str) -> UUID | None:
    """Read a key in an address; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
