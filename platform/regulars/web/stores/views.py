"""Stores: list, add, one store's page, edit, close; regions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from regulars.audit import Actor
from regulars.errors import NotFound, RegularsError
from regulars.staff import permissions
from regulars.staff import selectors as people
from regulars.stores import hours, selectors, services
from regulars.stores.models import Region, Store
from regulars.stores.services import OFFICE_ONLY, StoreFacts
from regulars.tenancy.context import current
from regulars.web import dates, toasts
from regulars.web.stores.forms import CloseForm, StoreForm
from regulars.web.stores.hours import exceptions, week_rows

_EVERY_FIELD = frozenset(StoreFacts.__dataclass_fields__) - {"hours"}
_OF_FRANCHISES = frozenset({"shares_customers", "shares_figures"})
_FACES = 24


@dataclass(frozen=True, kw_only=True)
class StoreRow:
    """A line of the list."""

    store: Store
    is_open: bool
    today: str


@require_GET
@permissions.needs("stores.edit")
def stores(request: HttpRequest) -> HttpResponse:
    """List the stores one sees, by region, searchable by name, code and city."""
    actor = permissions.acting(request)
    words = " ".join(request.GET.get("q", "").split())[:60]
    show_closed = request.GET.get("state") == "closed"
    found = selectors.visible(actor.scope).select_related("region")
    is_open = selectors.still_open()
    counts = found.order_by().aggregate(
        open=Count("pk", filter=is_open), closed=Count("pk", filter=~is_open)
    )
    found = found.exclude(is_open) if show_closed else found.filter(is_open)
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(code__icontains=words) | Q(city__icontains=words)
        )
    found = found.order_by("region__code", "code")
    now = timezone.now()
    context = {
        "place": "settings",
        "rows": [_row(store, now) for store in found],
        "words": words,
        "show_closed": show_closed,
        "tabs": _tabs(counts, show_closed=show_closed),
        "may_manage": permissions.allows(actor, "stores.manage"),
    }
    template = "stores/list.html#rows" if request.headers.get("HX-Request") else "stores/list.html"
    return render(request, template, context)


@require_http_methods(["GET", "POST"])
@permissions.needs("stores.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Open a store."""
    actor = permissions.acting(request)
    chain = current()
    form = StoreForm(
        request.POST or None,
        region=chain.country,
        only=_EVERY_FIELD,
        initial={
            "time_zone": chain.time_zone,
            "ownership": Store.Ownership.OWN,
            "shares_customers": True,
            "shares_figures": True,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            store = services.add(actor=actor, facts=StoreFacts(**form.facts()))
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("%(name)s is open.") % {"name": store.name})
            return HttpResponseRedirect(reverse("store", args=[store.pk]))
    context = {"place": "settings", "form": form, "is_new": True}
    return render(request, "stores/edit.html", context, status=422 if form.errors else 200)


@require_GET
@permissions.needs("stores.edit")
def show(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Show one store: facts, opening hours, who works there, shared devices."""
    actor = permissions.acting(request)
    return _page(request, actor, find(actor, store_id))


@require_http_methods(["GET", "POST"])
@permissions.needs("stores.edit")
def edit(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Change what is written down of a store."""
    actor = permissions.acting(request)
    store = find(actor, store_id)
    only = _fields_for(actor, store)
    initial = {name: getattr(store, name) for name in only}
    form = StoreForm(request.POST or None, region=current().country, only=only, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit(actor=actor, store_id=store_id, changes=form.facts())
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            return HttpResponseRedirect(reverse("store", args=[store_id]))
    context = {"place": "settings", "form": form, "store": store}
    return render(request, "stores/edit.html", context, status=422 if form.errors else 200)


@require_POST
@permissions.needs("stores.manage")
def close(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Close a store for good from a day on."""
    actor = permissions.acting(request)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            store = services.close(actor=actor, store_id=store_id, on=form.cleaned_data["on"])
        except RegularsError as fault:
            if isinstance(fault, NotFound):
                raise
            form.refuse(fault)
        else:
            toasts.show(request, _closing(store), undo=reverse("store_reopen", args=[store_id]))
            return HttpResponseRedirect(reverse("store", args=[store_id]))
    return _page(request, actor, find(actor, store_id), close_form=form)


@require_POST
@permissions.needs("stores.manage")
def reopen(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Take the closing back."""
    actor = permissions.acting(request)
    was_open = selectors.is_open(find(actor, store_id))
    store = services.reopen(actor=actor, store_id=store_id)
    text = _("%(name)s stays open.") if was_open else _("%(name)s is open again.")
    toasts.show(request, text % {"name": store.name})
    return HttpResponseRedirect(reverse("store", args=[store_id]))


@require_POST
@permissions.needs("stores.edit")
def forget_devices(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """End every shared device of the store."""
    services.forget_devices(actor=permissions.acting(request), store_id=store_id)
    toasts.show(request, _("No device is shared any more. Mark the ones you still have again."))
    return HttpResponseRedirect(reverse("store", args=[store_id]))


def find(actor: Actor, store_id: UUID) -> Store:
    """Return a store one sees; raises NotFound."""
    found = selectors.visible(actor.scope).select_related("region").filter(pk=store_id).first()
    if found is None:
        raise NotFound
    return found


def _page(
    request: HttpRequest, actor: Actor, store: Store, *, close_form: CloseForm | None = None
) -> HttpResponse:
    now = timezone.now()
    today = hours.business_day(store, now)
    working = people.colleagues(store_ids=frozenset({store.pk}))
    upcoming = [each for each in exceptions(store, today=today) if not each.is_past]
    context: dict[str, Any] = {
        "place": "settings",
        "store": store,
        "row": _row(store, now),
        "is_over": not selectors.is_open(store),
        "week": [(row.name, store.hours["week"].get(row.key, [])) for row in week_rows({})],
        "exceptions": upcoming[:6],
        "people": list(working[:_FACES]),
        "people_count": working.count(),
        "may_manage": permissions.allows(actor, "stores.manage"),
        "close_form": close_form or CloseForm(initial={"on": today}),
    }
    return render(request, "stores/store.html", context, status=422 if close_form else 200)


def _closing(store: Store) -> str:
    """Say that a store is closed, or from which day on it will be."""
    on = store.closed_on
    if on is None or not selectors.is_open(store):
        return _("The store is closed. Its customers and purchases stay.")
    today, language = timezone.localdate(), get_language() or ""
    said = dates.day(on, today=today, language=language, weekday=False)
    return _("The store stays open until it closes on %(day)s.") % {"day": said}


def _row(store: Store, now: datetime) -> StoreRow:
    spans = hours.spans(store, hours.business_day(store, now))
    today = "、".join(
        _("all day") if start.time() == end.time() else f"{start:%H:%M}–{end:%H:%M}"
        for start, end in spans
    )
    return StoreRow(store=store, is_open=hours.is_open(store, now), today=today)


def _fields_for(actor: Actor, store: Store) -> frozenset[str]:
    fields = _EVERY_FIELD
    if not permissions.allows(actor, "stores.manage"):
        fields -= OFFICE_ONLY
        if store.ownership == Store.Ownership.OWN:
            fields -= _OF_FRANCHISES
    return fields


def _tabs(counts: dict[str, int], *, show_closed: bool) -> list[dict[str, object]]:
    return [
        {
            "label": _("Open"),
            "url": reverse("stores"),
            "current": not show_closed,
            "count": counts["open"],
        },
        {
            "label": _("Closed for good"),
            "url": f"{reverse('stores')}?state=closed",
            "current": show_closed,
            "count": counts["closed"],
        },
        {
            "label": _("Regions"),
            "url": reverse("regions"),
            "current": False,
            "count": Region.objects.count(),
        },
    ]
