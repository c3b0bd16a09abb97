"""Posters for the shop: a code that leads to its complaints page, one sheet for each store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from regulars.errors import NotFound
from regulars.staff import permissions
from regulars.stores import selectors
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.web import language, qr
from regulars.web.complaining import places

PERMISSION: Final = "stores.edit"
MOST: Final = 50  # sheets of one page


@dataclass(frozen=True, slots=True)
class Poster:
    """One sheet."""

    store: Store
    code: SafeString
    link: str


@require_GET
@permissions.needs(PERMISSION)
def one(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Show the poster of one open store. Raises NotFound."""
    actor = permissions.acting(request)
    found = selectors.open_stores(actor.scope).filter(pk=store_id).first()
    if found is None:
        raise NotFound
    return _page(request, [found], store=found)


@require_GET
@permissions.needs(PERMISSION)
def every(request: HttpRequest) -> HttpResponse:
    """Show the posters of all open stores one sees, so many at once, in order of their codes."""
    actor = permissions.acting(request)
    rows = selectors.open_stores(actor.scope).filter(code__gt=_since(request))
    found = list(rows[: MOST + 1])
    return _page(request, found[:MOST], after=found[MOST - 1].code if len(found) > MOST else "")


def _page(
    request: HttpRequest, found: Sequence[Store], *, store: Store | None = None, after: str = ""
) -> HttpResponse:
    wanted = request.GET.get("language", "")
    chain = context.current().language
    spoken = wanted if language.is_offered(wanted) else chain
    links = [(each, places.link(places.of_store(each.pk))) for each in found]
    shown = {
        "place": "settings",
        "store": store,
        "posters": [Poster(each, qr.drawn(link), link) for each, link in links],
        "after": after,
        "since": _since(request),
        "spoken": spoken if language.is_offered(spoken) else get_language(),
        "also": "en" if spoken != "en" else "zh-hans",
    }
    return render(request, "complaining/posters.html", shown)


def _since(request: HttpRequest) -> str:
    return request.GET.get("after", "")[:30].replace("\0", "")
