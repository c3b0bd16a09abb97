"""The purchases that one import brought in."""

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from regulars.imports import selectors
from regulars.staff import permissions
from regulars.web.headoffice import people

_SIZE: Final = 50


@require_GET
@permissions.needs("imports.run")
def purchases(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """List what came in, a page at a time."""
    actor = permissions.acting(request)
    row = selectors.get(actor=actor, import_id=import_id)
    found = selectors.purchases_of(
        row, actor=actor, after=_mark(request.GET.get("after", "")), limit=_SIZE + 1
    )
    more, found = len(found) > _SIZE, found[:_SIZE]
    names = people.customers(actor, (each.customer_id for each in found))
    context: dict[str, Any] = {
        "place": "settings",
        "import": row,
        "rows": [
            {
                "row": each,
                "day": each.business_day,
                "shop": each.store,
                "guide": each.guide.name if each.guide else "",
                "customer": each.customer_id and names.get(each.customer_id),
            }
            for each in found
        ],
    }
    if more:
        context["next_url"] = f"{reverse('import_purchases', args=[row.pk])}?after={found[-1].pk}"
    return render(request, "imports/purchases.html", context)


def _mark(text: str) -> UUID | None:
    """Read where a page begins; one that somebody made up begins at the front."""
    try:
        return UUID(text)
    except ValueError:
        return None
