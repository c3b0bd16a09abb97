"""Whom a batch did not reach, and why: as a list, and as a file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.audit import Scope
from regulars.audit import services as audit
from regulars.imports.writing.sheets import Line, Sheet
from regulars.messages.models import PassedOver
from regulars.messages.selectors import batches as selectors
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web.exports import files
from regulars.web.sending import batch_words
from regulars.web.sending.batches import PERMISSION, found_by, uuid

_PAGE: Final = 50


@require_GET
@permissions.needs(PERMISSION)
def listed(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """List whom a batch passed over, all of them or for one reason."""
    batch, scope = found_by(batch_id).batch, permissions.acting(request).scope
    why = request.GET.get("why", "")
    why = why if why in batch_words.WHY else ""
    after = uuid(request.GET.get("after", ""))
    found = selectors.passed_over(batch_id, scope=scope, why=why, after=after, limit=_PAGE)
    next_url = ""
    if len(found) > _PAGE:
        query = urlencode({"why": why, "after": str(found[_PAGE - 1].customer_id)})
        next_url = f"{reverse('batch_passed', args=[batch_id])}?{query}"
    shown = {
        "place": "messages",
        "batch": batch,
        "why": why,
        "reasons": batch_words.reasons(batch),
        "rows": [(row, str(batch_words.WHY.get(row.why, row.why))) for row in found[:_PAGE]],
        "next_url": next_url,
    }
    return render(request, "sending/passed.html", shown)


@require_GET
@permissions.needs(PERMISSION)
def file(request: HttpRequest, batch_id: UUID, ending: str) -> StreamingHttpResponse:
    """Send everybody whom a batch passed over as a table. Raises TooManyRows."""
    batch, actor = found_by(batch_id).batch, permissions.acting(request)
    counts = batch.counts
    rows = int(counts.get("asked", 0)) - int(counts.get("reserved", 0))
    files.check_size(rows, ending=ending)
    sheet = Sheet(
        title=_("Not reached"),
        headings=[_("Customer"), _("Member code"), _("Store"), _("Why not"), _("Possible again")],
        lines=_lines(batch_id, scope=actor.scope, language=translation.get_language() or ""),
    )
    audit.record(
        actor=actor,
        action="batch.exported",
        object_kind="batch",
        object_id=batch_id,
        data={"file": ending, "rows": rows},
    )
    return files.answer(sheet, name=f"not-reached-{files.today()}", ending=ending)


def _lines(batch_id: UUID, *, scope: Scope, language: str) -> Iterator[Line]:
    """Yield a line for each; the words are the reader's, though the request is over."""
    with translation.override(language):
        words = {key: str(text) for key, text in batch_words.WHY.items()}
    for row in selectors.all_passed_over(batch_id, scope=scope):
        store = row.customer.home_store
        yield (
            row.customer.name,
            row.customer.member_code or "",
            store.name if store else "",
            words.get(row.why, row.why),
            _local(row),
        )


def _local(row: PassedOver) -> datetime | None:
    at = row.possible_at
    return at.astimezone(context.current().zone).replace(tzinfo=None) if at else None
