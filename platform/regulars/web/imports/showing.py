"""The page of one import: what it shows depends on how far it is."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from regulars.audit.decisions import allows
from regulars.imports import problems, selectors
from regulars.imports.models import Import
from regulars.staff import permissions
from regulars.staff.models import Staff
from regulars.web.imports import columns, words

_State = Import.State
_REJECTED: Final = 10
_NAMED: Final = 20


@require_GET
@never_cache
@permissions.needs("imports.run")
def one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show an import: its columns, its progress, what would happen, or what happened."""
    row = selectors.get(actor=permissions.acting(request), import_id=import_id)
    if selectors.is_busy(row):
        return render(request, "imports/running.html", running(row))
    if row.state == _State.UPLOADED:
        return columns.page(request, row)
    if row.state == _State.CHECKED:
        return render(request, "imports/preview.html", preview(request, row))
    return render(request, "imports/over.html", over(row))


@require_GET
@never_cache
@permissions.needs("imports.run")
def progress(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Say how far it is; when it rests, lead to its page."""
    row = selectors.get(actor=permissions.acting(request), import_id=import_id)
    url = reverse("import", args=[row.pk])
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(url)
    if not selectors.is_busy(row):
        return HttpResponse(headers={"HX-Redirect": url})
    return render(request, "imports/running.html#bar", running(row))


def running(row: Import) -> dict[str, Any]:
    """Say what is going on, and how far it is."""
    return {
        "place": "settings",
        "import": row,
        "steps": words.STEPS,
        "step": 4 if row.state in {_State.LOADING, _State.UNDOING} else 3,
        "phase": words.PHASES.get(row.phase, ""),
        "is_known": row.total is not None and row.total > 0,
        "may_cancel": row.state in {_State.CHECKING, _State.LOADING},
    }


def preview(request: HttpRequest, row: Import, *, fault: str = "") -> dict[str, Any]:
    """Say what would happen."""
    found = selectors.preview_of(row)
    details = found.details
    actor = permissions.acting(request)
    takes = found.new + found.changed
    return {
        "place": "settings",
        "import": row,
        "steps": words.STEPS,
        "step": 3,
        "preview": found,
        "takes": takes,
        "is_customers": words.is_customers(row),
        "counts": words.counts(details, leave_out=("new", "changed", "same", "rejected")),
        "sales_minor": details.get("sales_minor"),
        "first_day": details.get("first_day"),
        "last_day": details.get("last_day"),
        "stores": _named(details.get("stores_unknown")),
        "guides": _named({**details.get("guides_unknown", {}), **details.get("guides_gone", {})}),
        "may_open": allows(actor, "stores.manage"),
        "options": selectors.options_of(row),
        "rejected": rejected(row),
        "fault": fault,
        "same": selectors.same_file(row),
    }


def over(row: Import) -> dict[str, Any]:
    """Say what happened."""
    now = timezone.now()
    undone = row.counts.get("undone", {})
    people = Staff.objects.filter(pk=row.actor_id or row.pk)
    person = people.values_list("name", flat=True).first()
    return {
        "place": "settings",
        "import": row,
        "who": person,
        "tone": words.TONES[row.state],
        "counts": words.counts(row.counts),
        "undone": words.undone(undone),
        "fault": selectors.fault_of(row),
        "is_customers": words.is_customers(row),
        "may_undo": selectors.may_be_undone(row, now=now),
        "may_retry": row.state == _State.FAILED and bool(row.file),
        "may_remove": row.state in {_State.FAILED, _State.UNDONE}
        and (row.state == _State.UNDONE or row.loading_since is None),
        "is_of_file": row.state == _State.FAILED and row.loading_since is None,
        "until": selectors.kept_until(row),
        "figures": _figures(row),
        "rejected": rejected(row),
        "was_rejected": row.counts.get("rejected", 0),
    }


def _figures(row: Import) -> str:
    """Return the address of head office's figures for the days of the file."""
    days = selectors.preview_of(row).details
    first, last = days.get("first_day"), days.get("last_day")
    if not first or not last:
        return reverse("insights")
    query = urlencode({"period": "custom", "start": first, "end": last})
    return f"{reverse('insights')}?{query}"


def rejected(row: Import) -> list[dict[str, Any]]:
    """Return the first rows that were not taken in, with their reasons in words."""
    return [
        {
            "line": each.line,
            "reasons": [
                {
                    "column": reason["column"],
                    "excerpt": reason["excerpt"],
                    "sentence": problems.sentence(reason["code"], reason["params"]),
                }
                for reason in each.problems
            ],
        }
        for each in selectors.rejected(import_id=row.pk, limit=_REJECTED)
    ]


def _named(found: Any) -> dict[str, Any]:
    """Return the first of some names, and how many more there are."""
    ranked = sorted((found or {}).items(), key=lambda item: -item[1])
    return {"first": ranked[:_NAMED], "more": max(len(ranked) - _NAMED, 0), "count": len(ranked)}
