"""What came of a task, from a form or from the queue of a phone that had no net."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.customers import today as days
from regulars.errors import NotFound, RegularsError
from regulars.followups.models import Task
from regulars.followups.plans import selectors as plans
from regulars.followups.plans import services, writing
from regulars.followups.plans.selectors import Item
from regulars.messages.models import Channel
from regulars.staff import permissions
from regulars.usecases import reaching
from regulars.web import toasts
from regulars.web.customers import heading
from regulars.web.today import rows
from regulars.web.today import task as tasks
from regulars.web.today.forms import ANSWER, ResultForm

# What services call differently.
_PLACES: Final = {"on": "next_on", "title": "next_step"}


@require_POST
@permissions.needs("care.view")
def result(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Keep the result and lead to the next task; the same form again is the same result.

    A phone's queue asks for JSON: ``{"next": address}``, or ``{"sentence": why not}`` with the
    status; 401 if somebody else has signed in meanwhile, whose results these are not.
    """
    actor, now = permissions.acting(request), timezone.now()
    is_queue = request.headers.get("Accept") == "application/json"
    if is_queue and request.POST.get("person") != str(actor.id):
        return JsonResponse({"sentence": _("Somebody else is signed in.")}, status=401)
    try:
        item = plans.get(actor=actor, task_id=task_id, now=now)
    except NotFound:
        # Theirs no more since it was done, or the customer went elsewhere: it arrived all the same.
        if not services.is_taken(actor=actor, task_id=task_id, key=_key(request)):
            raise
        return _on(reverse("today"), is_queue=is_queue)
    day = days.of_store(item.store_id, now=now)
    form = tasks.form_of(item, day=day, data=request.POST)
    if form.is_valid():
        try:
            _keep(actor, item, form, now=now)
        except RegularsError as fault:
            _refuse(form, fault)
    if form.errors:
        if is_queue:
            return JsonResponse({"sentence": " ".join(form.sentences())}, status=422)
        return tasks.page(request, actor, item, form, day=day, now=now)
    following = rows.next_url(actor, item, now=now)
    if not is_queue or request.POST.get("at_once"):
        name = heading.called(item.customer.name, item.customer.member_code)
        toasts.show(request, _("Recorded: %(name)s.") % {"name": name})
    return _on(following, is_queue=is_queue)


def _on(url: str, *, is_queue: bool) -> HttpResponse:
    return JsonResponse({"next": url}) if is_queue else HttpResponseRedirect(url)


def _key(request: HttpRequest) -> str:
    """Return the key of the form as `_keep` writes it; nothing for what is none."""
    try:
        return str(UUID(request.POST.get("once", "")))
    except ValueError:
        return ""


@transaction.atomic
def _keep(actor: Actor, item: Item, form: ResultForm, *, now: datetime) -> None:
    """Conclude the call and keep the result, both or neither; the customer is held first."""
    writing.hold(item.customer.id)
    data = form.cleaned_data
    reached = data["outcome"] != Task.Outcome.NOT_REACHED
    contact_id = data["contact"] or _concluded(actor, item, reached=reached, now=now)
    if not reached:
        services.attempt(
            actor=actor,
            task_id=item.id,
            contact_id=contact_id,
            now=now,
            key=str(data["once"]),
            note=data["note"],
        )
        return
    services.finish(
        actor=actor,
        task_id=item.id,
        outcome=data["outcome"],
        answers=form.answers(),
        satisfaction=data["satisfaction"],
        next_step=data["next_step"] or _("Get in touch again") if form.next_day() else "",
        next_on=form.next_day(),
        note=data["note"],
        contact_id=contact_id,
        now=now,
        key=str(data["once"]),
    )


def _concluded(actor: Actor, item: Item, *, reached: bool, now: datetime) -> UUID | None:
    """Conclude a call of this task that was begun and not spoken of since; return the contact."""
    if not allows(actor, reaching.PERMISSION):
        return None
    helper, person = plans.helping(actor, item), item.customer.id
    contact_id = None
    for each in reaching.open_by(actor=helper, customer_id=person, task_id=item.id):
        if each.channel == Channel.CALL:
            reaching.conclude(actor=helper, contact_id=each.pk, reached=reached, now=now)
            contact_id = each.pk
    return contact_id


def _refuse(form: ResultForm, fault: RegularsError) -> None:
    """Show a refusal at the questions it names."""
    fault.settle()
    placed = False
    for key, faults in fault.fields.items():
        name = _PLACES.get(key, key)
        name = name if name in form.fields else f"{ANSWER}{key.removeprefix('answers.')}"
        if name in form.fields:
            form.add_error(name, [str(each) for each in faults])
            placed = True
    if not placed:
        form.add_error(None, str(fault))
