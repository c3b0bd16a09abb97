"""The list of imports."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from regulars.imports import selectors
from regulars.staff import permissions
from regulars.staff.models import Staff
from regulars.web.imports import words

_PAGE: Final = 20


@require_GET
@permissions.needs("imports.run")
def imports(request: HttpRequest) -> HttpResponse:
    """List what was brought in, the newest first; two statements."""
    rows = selectors.visible(permissions.acting(request))
    after = _uuid(request.GET.get("after", ""))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    # what looking at the file found can be large, and is not shown here
    found = list(rows.defer("report", "mapping")[: _PAGE + 1])
    shown = found[:_PAGE]
    people = dict(
        Staff.objects.filter(pk__in={row.actor_id for row in shown}).values_list("pk", "name")
    )
    next_url = ""
    if len(found) > _PAGE:
        next_url = f"{reverse('imports')}?{urlencode({'after': str(shown[-1].pk)})}"
    context = {
        "place": "settings",
        "rows": [
            {
                "import": row,
                "tone": words.TONES[row.state],
                "who": people.get(row.actor_id) if row.actor_id else None,
                "summary": words.summary(row),
            }
            for row in shown
        ],
        "is_first": not shown and after is None,
        "next_url": next_url,
    }
    return render(request, "imports/list.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
