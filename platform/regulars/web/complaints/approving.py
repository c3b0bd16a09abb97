"""Remedies that wait for this person's approval: who asks, what, how much, and why."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.complaints import access, selectors, words
from regulars.complaints.selectors import Asked
from regulars.staff import permissions
from regulars.staff.models import Role
from regulars.web.complaints import case_showing, listing


@require_GET
@permissions.needs(access.MANAGE)
def approvals(request: HttpRequest) -> HttpResponse:
    """Show what waits; what one asked for or approved oneself is somebody else's."""
    actor = permissions.acting(request)
    rows = [_row(actor, each) for each in selectors.to_approve(actor)]
    context = {"place": "complaints", "rows": rows}
    return render(request, "complaints/case_approvals.html", context)


def _row(actor: Actor, each: Asked) -> dict[str, Any]:
    row, case = each.remedy, each.remedy.case
    return {
        "row": row,
        "case": case,
        "label": row.label or words.remedy(row.kind),
        "kind": words.remedy(row.kind),
        "asked_by": each.asked_by,
        "approved_by": each.approved_by,
        "customer": listing.called(actor, case),
        "severity_tone": case_showing.SEVERITY_TONES.get(case.severity, "quiet"),
        "why": _why(each),
    }


def _why(each: Asked) -> str:
    """Say why it waits."""
    if each.approved_by:
        return _("Above the limit of the chain: a second person has to approve it.")
    role = str(Role(each.remedy.approval).label)
    return _("Beyond what %(name)s may decide: it needs %(role)s.") % {
        "name": each.asked_by or _("a colleague"), "role": role
    }  # fmt: skip
