"""Opening hours of a store, regions of the chain, stores pasted from a spreadsheet."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from regulars.audit import Actor
from regulars.errors import NotFound, RegularsError
from regulars.staff import permissions
from regulars.stores import hours as opening
from regulars.stores import selectors, services
from regulars.stores.models import Region, Store
from regulars.tenancy.context import current
from regulars.web import toasts
from regulars.web.stores import hours, paste
from regulars.web.stores.forms import ExceptionForm, PasteForm, RegionForm
from regulars.web.stores.views import find


@require_http_methods(["GET", "POST"])
@permissions.needs("stores.edit")
def week(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Edit the ordinary week."""
    actor = permissions.acting(request)
    store = find(actor, store_id)
    fault, typed = "", store.hours["week"]
    if request.method == "POST":
        typed = hours.read_week(request.POST)
        fault = _save(actor, store, hours.merged(store, week=typed))
        if not fault:
            toasts.show(request, _("The opening hours were saved."))
            return HttpResponseRedirect(reverse("store_hours", args=[store_id]))
    return _hours_page(request, store, typed=typed, fault=fault)


@require_POST
@permissions.needs("stores.edit")
def add_exception(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Write down days with other hours."""
    actor = permissions.acting(request)
    store = find(actor, store_id)
    form = ExceptionForm(request.POST)
    if form.is_valid():
        wanted = hours.merged(store)
        wanted["dates"] |= dict.fromkeys(form.days(), form.spans())
        fault = _save(actor, store, wanted)
        if not fault:
            toasts.show(request, _("The days were noted."))
            return HttpResponseRedirect(reverse("store_hours", args=[store_id]))
        form.add_error(None, fault)
    return _hours_page(request, store, typed=store.hours["week"], form=form)


@require_POST
@permissions.needs("stores.edit")
def remove_exception(request: HttpRequest, store_id: UUID) -> HttpResponse:
    """Let days follow their weekday again."""
    actor = permissions.acting(request)
    store = find(actor, store_id)
    first, last = request.POST.get("first", ""), request.POST.get("last", "")
    wanted = hours.merged(store)
    wanted["dates"] = {
        day: spans for day, spans in wanted["dates"].items() if not first <= day <= last
    }
    _save(actor, store, wanted)
    toasts.show(request, _("These days follow their weekday again."))
    return HttpResponseRedirect(reverse("store_hours", args=[store_id]))


@require_http_methods(["GET", "POST"])
@permissions.needs("stores.manage")
def regions(request: HttpRequest) -> HttpResponse:
    """List the regions, and add one."""
    form = RegionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            region = services.add_region(actor=permissions.acting(request), **form.cleaned_data)
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("The region %(name)s was added.") % {"name": region.name})
            return HttpResponseRedirect(reverse("regions"))
    found = Region.objects.order_by("code").annotate(
        open_stores=Count("stores", filter=selectors.still_open("stores__"))
    )
    context = {"place": "settings", "regions": found, "form": form}
    return render(request, "stores/regions.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.needs("stores.manage")
def region(request: HttpRequest, region_id: UUID) -> HttpResponse:
    """Rename a region or change its code."""
    found = Region.objects.filter(pk=region_id).first()
    if found is None:
        raise NotFound
    form = RegionForm(request.POST or None, initial={"code": found.code, "name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actor = permissions.acting(request)
            services.edit_region(actor=actor, region_id=region_id, **form.cleaned_data)
        except RegularsError as fault:
            form.refuse(fault)
        else:
            toasts.show(request, _("Saved."))
            return HttpResponseRedirect(reverse("regions"))
    context = {"place": "settings", "region": found, "form": form}
    return render(request, "stores/region.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.needs("stores.manage")
def pasted(request: HttpRequest) -> HttpResponse:
    """Read rows copied from a spreadsheet, show what would be made, and make it when asked."""
    form = PasteForm(request.POST or None)
    context: dict[str, Any] = {"place": "settings", "form": form}
    if request.method == "POST" and form.is_valid():
        taken = frozenset(Store.objects.values_list("code", flat=True))
        rows = paste.read(form.cleaned_data["rows"], taken=taken, country=current().country)
        good = [row for row in rows if not row.faults]
        if "save" in request.POST and good:
            try:
                return _make(request, good)
            except services.StoresUsedUp as fault:
                form.refuse(fault)
        context |= {"rows": rows, "good": len(good), "bad": len(rows) - len(good)}
        if not rows:
            form.add_error("rows", _("There is nothing to read here."))
    status = 422 if form.errors else 200
    return render(request, "stores/paste.html", context, status=status)


def _make(request: HttpRequest, rows: list[paste.Row]) -> HttpResponse:
    """Make missing regions and the stores, all of them or none."""
    actor = permissions.acting(request)
    with transaction.atomic():
        known: dict[str, UUID] = {}
        for pk, code, name in Region.objects.values_list("pk", "code", "name"):
            known |= {code: pk, name: pk}
        for name in dict.fromkeys(row.facts.get("region", "") for row in rows):
            if name and name not in known:
                known[name] = services.add_region(actor=actor, code=name[:30], name=name).pk
        facts = paste.facts_of(rows, regions=known, time_zone=current().time_zone)
        made = services.add_many(actor=actor, rows=facts)
    text = ngettext("%(count)s store was added.", "%(count)s stores were added.", len(made))
    toasts.show(request, text % {"count": len(made)})
    return HttpResponseRedirect(reverse("stores"))


def _save(actor: Actor, store: Store, wanted: dict[str, Any]) -> str:
    """Save opening hours; returns why they were refused, or nothing."""
    try:
        services.edit(actor=actor, store_id=store.pk, changes={"hours": wanted})
    except opening.HoursRefused as refusal:
        return str(refusal)
    return ""


def _hours_page(
    request: HttpRequest,
    store: Store,
    *,
    typed: dict[str, list[list[str]]],
    fault: str = "",
    form: ExceptionForm | None = None,
) -> HttpResponse:
    today = opening.business_day(store, timezone.now())
    context = {
        "place": "settings",
        "store": store,
        "week": hours.week_rows(typed),
        "exceptions": hours.exceptions(store, today=today),
        "fault": fault,
        "form": form or ExceptionForm(),
    }
    return render(request, "stores/hours.html", context, status=422 if fault or form else 200)
