"""The complaints of a list as a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.complaints import access, selectors
from regulars.complaints.selectors import Wanted
from regulars.imports.writing.sheets import Line, Sheet
from regulars.staff import permissions
from regulars.tenancy.context import current
from regulars.web import money
from regulars.web.complaints import listing
from regulars.web.complaints.looks import Look
from regulars.web.exports import files

_AT_ONCE = 200


@require_GET
@permissions.needs(access.VIEW)  # asked before the answer begins: a stream cannot refuse any more
@permissions.needs("insights.export")
def file(request: HttpRequest, ending: str) -> StreamingHttpResponse:
    """Send the complaints that are looked at, the most urgent or the last closed first."""
    actor, now = permissions.acting(request), timezone.now()
    look = Look.of(request.GET)
    language = get_language() or ""
    sheet = Sheet(
        title=_("Complaints"),
        headings=[
            _("Complaint number"), _("Raised on"), _("How it came"), _("Store"), _("About"),
            _("Severity"), _("Product code"), _("Product"), _("Customer"), _("Owner"), _("State"),
            _("Round"), _("First answer on"), _("Next due"), _("Closed on"), _("How it ended"),
            _("Cost"),
        ],
        lines=_lines(actor, look.wanted(actor, now=now), now=now, language=language),
    )  # fmt: skip
    audit.record(
        actor=actor,
        action="complaints.exported",
        object_kind="store" if look.store_id else "",
        object_id=look.store_id,
        # What was typed to find somebody stays out of a log that an erasure cannot empty.
        data={"file": ending, "filters": replace(look, text="", product="").query},
    )
    return files.answer(sheet, name=f"complaints-{files.today()}", ending=ending)


def _lines(actor: Actor, wanted: Wanted, *, now: datetime, language: str) -> Iterator[Line]:
    """Make the rows while they are sent, when the request is over."""
    chain, after = current(), None
    while True:
        page = selectors.page(actor=actor, wanted=wanted, now=now, after=after, limit=_AT_ONCE)
        with translation.override(language):
            rows = listing.rows(actor, page.items, now=now)
            lines = [
                [
                    row.number,
                    _on(row.opened_at),
                    str(row.raised),
                    row.store,
                    row.title,
                    str(row.severity),
                    item.case.product_code,
                    item.case.product_name,
                    row.customer,
                    row.owner,
                    str(row.state),
                    item.case.round,
                    _on(item.case.replied_at),
                    _on(row.at),
                    _on(row.closed_at),
                    str(row.end),
                    money.major(item.case.cost_minor, chain.currency),
                ]
                for row, item in zip(rows, page.items, strict=True)
            ]
        yield from lines
        after = page.after
        if after is None:
            return


def _on(at: datetime | None) -> datetime | None:
    return at.astimezone(current().zone).replace(tzinfo=None) if at else None
