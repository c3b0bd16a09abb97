"""The contact budget (C1, H3): what holds, where it differs, and what it says of one customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from regulars import registry
from regulars.errors import RegularsError
from regulars.messages import budgets
from regulars.messages import services as messages
from regulars.registry.models import Declaration
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy import context
from regulars.web import toasts
from regulars.web.sending import budget_trying, budget_words
from regulars.web.sending.budget_forms import BudgetForm

PERMISSION: Final = "rules.manage"
_LISTED: Final = 300  # stores that the page offers to vary


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a budget is declared: the whole chain, a region, a store, or a tier of the chain."""

    title: str
    url: str
    region_id: UUID | None = None
    store_id: UUID | None = None
    tier: str = ""

    @property
    def is_chain(self) -> bool:
        """Say whether it is the one that the others differ from."""
        return not (self.region_id or self.store_id or self.tier)


@require_http_methods(["GET", "POST"])
@permissions.needs(PERMISSION)
def chain(request: HttpRequest) -> HttpResponse:
    """Show and change what holds for everybody; try it on a customer."""
    place = Place(title=_("Contact budget"), url=reverse("budget"))
    return _page(request, place, holds=budgets.of())


@require_http_methods(["GET", "POST"])
@permissions.needs(PERMISSION)
def of_tier(request: HttpRequest, tier: str) -> HttpResponse:
    """Show and change the exception of a level of membership."""
    found = [each for each in registry.vertical().tiers if each.key == tier and not each.retired]
    if not found:
        raise Http404
    title = found[0].label.text(get_language() or "")
    place = Place(title=title, url=reverse("budget_tier", args=[tier]), tier=tier)
    return _page(request, place, holds=budgets.of(tier=tier))


@require_http_methods(["GET", "POST"])
@permissions.needs(PERMISSION)
def of_region(request: HttpRequest, region_id: UUID) -> HttpResponse:
    """Show and change what differs in a region."""
    actor = permissions.acting(request)
    region = stores.visible_regions(actor.scope).filter(pk=region_id).first()
    if region is None:
        raise Http404
    url = reverse("budget_region", args=[region_id])
    place = Place(title=region.name, url=url, region_id=region_id)
    return _page(request, place, holds=_in_region(region_id))


@require_http_methods(["GET", "POST"])
@permissions.needs(PERMISSION)
def of_store(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Show and change what differs in a store."""
    store = stores.visible(permissions.acting(request).scope).filter(pk=store_id).first()
    if store is None:
        raise Http404
    url = reverse("budget_store", args=[store_id])
    place = Place(title=store.name, url=url, store_id=store_id)
    return _page(request, place, holds=budgets.of(home_store_id=store_id))


def _page(request: HttpRequest, place: Place, *, holds: budgets.Budget) -> HttpResponse:
    own = _own(place)
    form = BudgetForm(request.POST or None, holds=holds, own=own, may_follow=not place.is_chain)
    if request.method == "POST" and form.is_valid():
        try:
            messages.set_part(
                actor=permissions.acting(request),
                body=form.body(),
                region_id=place.region_id,
                store_id=place.store_id,
                tier=place.tier,
                now=timezone.now(),
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved. It holds from the next contact on."))
            return HttpResponseRedirect(place.url)
    now, actor = timezone.now(), permissions.acting(request)
    shown: dict[str, Any] = {
        "place": "settings",
        "at": place,
        "form": form,
        "sentences": list(budget_words.sentences(holds)),
        "picture": budget_words.picture(
            holds, purpose="care", now=now, zone=context.current().zone
        ),
        "differs": bool(own),
    }
    if place.is_chain:
        shown |= _variations(request) | {"trial": budget_trying.trial(request, actor, now=now)}
    return render(request, "sending/budget.html", shown, status=422 if form.errors else 200)


def _declared(place: Place) -> Declaration | None:
    return Declaration.objects.filter(
        noun=budgets.NOUN,
        key=budgets.KEY,
        region_id=place.region_id,
        store_id=place.store_id,
    ).first()


def _own(place: Place) -> Mapping[str, Any]:
    """Return what is declared for this very place."""
    row = _declared(place)
    body: dict[str, Any] = row.body if row else {}
    return body.get("tiers", {}).get(place.tier, {}) if place.tier else body


def _in_region(region_id: UUID) -> budgets.Budget:
    """Return what holds in a region: what it declares itself, over what holds for the chain."""
    holds = budgets.of()
    row = _declared(Place(title="", url="", region_id=region_id))
    if row is None:
        return holds
    own = budgets.read({"limits": [], "distance": 0, "quiet": None, **row.body})
    return budgets.Budget(
        limits=own.limits if "limits" in row.body else holds.limits,
        distance=own.distance if "distance" in row.body else holds.distance,
        quiet=own.quiet if "quiet" in row.body else holds.quiet,
    )


def _variations(request: HttpRequest) -> dict[str, Any]:
    """Return the levels, regions and stores, with those that differ marked."""
    scope = permissions.acting(request).scope
    rows = list(Declaration.objects.filter(noun=budgets.NOUN, key=budgets.KEY))
    differing = {row.region_id or row.store_id for row in rows}
    tiers: dict[str, Any] = {}
    for row in rows:
        if row.region_id is None and row.store_id is None:
            tiers = row.body.get("tiers", {})
    language = get_language() or ""
    return {
        "tiers": [
            (each.label.text(language), reverse("budget_tier", args=[each.key]), each.key in tiers)
            for each in registry.vertical().tiers
            if not each.retired
        ],
        "regions": [
            (name, reverse("budget_region", args=[pk]), pk in differing)
            for pk, name in stores.visible_regions(scope).values_list("pk", "name")[:_LISTED]
        ],
        "stores": [
            (name, reverse("budget_store", args=[pk]), pk in differing)
            for pk, name in stores.open_stores(scope).values_list("pk", "name")[:_LISTED]
        ],
    }
