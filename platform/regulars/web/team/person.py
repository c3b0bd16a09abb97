"""One colleague's page: facts, role and places, PIN, invitation, leaving."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.errors import NotFound, RegularsError
from regulars.staff import absence, granting, permissions, pins, selectors, services
from regulars.staff.models import Staff
from regulars.tenancy.context import current
from regulars.usecases import leave as leaving
from regulars.web import toasts
from regulars.web.forms import Form
from regulars.web.team import events
from regulars.web.team.forms import ColleaguePinForm, LeaveForm, PersonForm, PlaceForm


@require_GET
@permissions.needs("team.manage")
def show(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Show a colleague."""
    actor = permissions.acting(request)
    return _page(request, actor, _person(actor, staff_id))


@require_POST
@permissions.needs("team.manage")
def edit(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Change name, number and phone."""
    actor = permissions.acting(request)
    form = PersonForm(request.POST, region=current().country)
    if form.is_valid():
        given, today = dict(form.cleaned_data), timezone.localdate()
        away = given.pop("away_until")
        try:
            with transaction.atomic():
                services.edit(actor=actor, staff_id=staff_id, **given)
                absence.set_away(actor=actor, staff_id=staff_id, until=away, today=today)
        except RegularsError as fault:
            _refuse(form, fault)
        else:
            return _saved(request, staff_id, _("Saved."))
    return _page(request, actor, _person(actor, staff_id), form=form)


@require_POST
@permissions.needs("team.manage")
def place(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Give another role or other places."""
    actor = permissions.acting(request)
    form = PlaceForm(request.POST, actor=actor)
    if form.is_valid():
        try:
            services.place(actor=actor, staff_id=staff_id, place=form.place())
        except RegularsError as fault:
            _refuse(form, fault)
        else:
            return _saved(request, staff_id, _("Saved. It counts from the next page they open."))
    return _page(request, actor, _person(actor, staff_id), place_form=form)


@sensitive_post_parameters("pin")
@require_POST
@permissions.needs("team.manage")
def pin(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Set a PIN for a colleague who forgot theirs."""
    actor = permissions.acting(request)
    form = ColleaguePinForm(request.POST)
    if form.is_valid():
        try:
            pins.set_pin(actor=actor, staff_id=staff_id, pin=form.cleaned_data["pin"])
        except RegularsError as fault:
            _refuse(form, fault)
        else:
            return _saved(request, staff_id, _("The PIN was changed."))
    return _page(request, actor, _person(actor, staff_id), pin_form=form)


@require_POST
@permissions.needs("team.manage")
def leave(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """End somebody's work here and hand their customers over."""
    actor = permissions.acting(request)
    person = _person(actor, staff_id)
    form = LeaveForm(request.POST, colleagues=_successors(actor, person))
    if form.is_valid():
        try:
            _person_left, handed = leaving.leave(
                actor=actor,
                staff_id=staff_id,
                successor_id=form.successor_id(),
                now=timezone.now(),
            )
        except RegularsError as fault:
            _refuse(form, fault)
        else:
            text = ngettext(
                "%(name)s has left. %(count)s customer was handed over.",
                "%(name)s has left. %(count)s customers were handed over.",
                handed,
            )
            return _saved(request, staff_id, text % {"name": person.name, "count": handed})
    return _page(request, actor, person, leave_form=form)


def _person(actor: Actor, staff_id: UUID) -> Staff:
    person = (
        selectors.visible(actor.scope)
        .select_related("home_store")
        .prefetch_related("assignments__store", "assignments__region")
        .filter(pk=staff_id)
        .first()
    )
    if person is None:
        raise NotFound
    return person


def _page(request: HttpRequest, actor: Actor, person: Staff, **forms: Form) -> HttpResponse:
    may_change = person.role in granting.grantable_roles(actor)
    places = list(person.assignments.all())
    is_away = absence.is_away(person, on=timezone.localdate())
    context: dict[str, Any] = {
        "place": "settings",
        "colleague": person,
        "places": places,
        "may_change": may_change and person.state != Staff.State.LEFT,
        "is_oneself": person.pk == actor.id,
        "is_away": is_away,
        "owned": customers.owned_count(person.pk) if person.state == Staff.State.ACTIVE else 0,
    }
    if context["may_change"]:
        context |= {
            "form": PersonForm(
                initial={
                    "name": person.name,
                    "number": person.number,
                    "phone": person.phone,
                    "away_until": person.away_until if is_away else None,
                },
                region=current().country,
            ),
            "place_form": PlaceForm(
                actor=actor,
                initial={
                    "role": person.role,
                    "regions": [str(each.region_id) for each in places if each.region_id],
                    "stores": [str(each.store_id) for each in places if each.store_id],
                },
            ),
            "pin_form": ColleaguePinForm(),
            "leave_form": LeaveForm(colleagues=_successors(actor, person)),
        } | forms
    if permissions.allows(actor, "audit.view"):
        context["events"] = events.of(person.pk)
    return render(request, "team/person.html", context, status=422 if forms else 200)


def _successors(actor: Actor, person: Staff) -> list[Staff]:
    """Return who can take over: the people of the leaver's stores, else everybody one sees."""
    store_ids = {each.store_id for each in person.assignments.all() if each.store_id}
    if person.home_store_id:
        store_ids.add(person.home_store_id)
    if store_ids:
        people = selectors.colleagues(store_ids=frozenset(store_ids))
    else:
        people = selectors.visible(actor.scope).filter(state=Staff.State.ACTIVE)
    return list(people.exclude(pk=person.pk)[:200])


def _refuse(form: Form, fault: RegularsError) -> None:
    if fault.status == 404:
        raise fault
    form.refuse(fault)


def _saved(request: HttpRequest, staff_id: UUID, text: str) -> HttpResponse:
    toasts.show(request, text)
    return HttpResponseRedirect(reverse("person", args=[staff_id]))
