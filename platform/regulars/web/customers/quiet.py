"""The list of customers who have gone quiet (V5), to be worked through from the top."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from regulars import registry
from regulars.customers import selectors as customers
from regulars.insights.selectors import quiet
from regulars.insights.selectors.quiet import Quiet
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy.context import current

_PAGE: Final = 30  # whom one guide can call in a week
_SEEN: Final = 300  # of these, at most, the filter offers stores


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A quiet customer as the list shows them."""

    found: Quiet
    phone_open: bool


@require_GET
@permissions.needs("customers.view")
def quiet_list(request: HttpRequest) -> HttpResponse:
    """List the quiet customers of one's scope: a guide's as they are best called, else by loss."""
    actor = permissions.acting(request)
    chain = current()
    store_id = _uuid(request.GET.get("store", ""))
    is_guide = actor.scope.own_customers_of is not None
    page = quiet.page(
        actor=actor,
        today=timezone.now().astimezone(chain.zone).date(),
        store_id=store_id,
        after=request.GET.get("after", ""),
        limit=_PAGE,
        order="saving" if is_guide else "missed",
    )
    context = {
        "place": "customers",
        "rows": [
            Row(found=each, phone_open=customers.may_read_phone(actor, each.person.owner_id))
            for each in page.customers
        ],
        "next_url": _next_url(request, page.after),
        "currency": chain.currency,
        "is_guide": is_guide,
        "visits": registry.policy("silence.visits"),
        "patience": registry.policy("silence.patience"),
        "store_id": store_id,
        "stores": [] if is_guide else stores.visible(actor.scope).values_list("pk", "name")[:_SEEN],
    }
    return render(request, "customers/quiet.html", context)


def _next_url(request: HttpRequest, after: str) -> str:
    if not after:
        return ""
    following = request.GET.copy()
    following["after"] = after
    return f"?{following.urlencode()}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
