"""What people do with tasks: finish, try, put off, hand on, leave out, plan one themselves."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.customers.selectors import visibility
from regulars.errors import Forbidden
from regulars.followups.models import Task
from regulars.followups.plans import writing
from regulars.followups.plans.finishing import finish
from regulars.followups.plans.following import HANDED
from regulars.followups.plans.open_days import OpenDays
from regulars.followups.plans.selectors import VIEW
from regulars.followups.plans.writing import AlreadyDone, NoTaskToDo, TaskRefused, locked
from regulars.messages import keys
from regulars.staff import selectors as staff
from regulars.staff.models import Staff

__all__ = [
    "AlreadyDone", "NoTaskToDo", "TaskRefused", "attempt", "finish", "hand_on", "is_taken",
    "plan_by_hand", "skip", "snooze",
]  # fmt: skip

MANAGE: Final = "care.manage"
ENOUGH: Final = 3
"""Attempts after which a task may be left out because nobody can be reached."""
REASONS: Final = {
    "not-needed": _("Not needed any more"),
    "not-reached": _("Cannot be reached"),
    "not-wanted": _("The customer does not want it"),
    "wrong-number": _("The number is wrong"),
}


@transaction.atomic
def attempt(
    *,
    actor: Actor,
    task_id: UUID,
    now: datetime,
    contact_id: UUID | None = None,
    key: str = "",
    note: str = "",
) -> Task:
    """Write down that the customer was not reached: the task is due again the next open day.

    The same key again changes nothing, whatever came after it. Raises Forbidden, NotFound,
    NoTaskToDo, TaskRefused.
    """
    asked = keys.hashed(key)
    task = locked(actor=actor, task_id=task_id, asked=asked)
    if writing.has_taken(actor, task, asked):
        return task
    writing.check_open(task)
    writing.check_contact(task, contact_id)
    days = OpenDays(task.store_id)
    today = days.today(task.store_id, now=now)
    task.attempts += 1
    task.outcome = Task.Outcome.NOT_REACHED
    task.contact_id = contact_id or task.contact_id
    task.last_key = asked
    writing.tried(task, asked)
    task.note = writing.joined(task.note, note)
    writing.move(task, days.on_or_after(task.store_id, today + timedelta(days=1)))
    task.save()
    return task


def is_taken(*, actor: Actor, task_id: UUID, key: str) -> bool:
    """Say whether the actor's result or attempt with this key is written down already.

    Tells nothing else, so it may be asked of a task that is not theirs to see any more.
    """
    task = Task.objects.filter(pk=task_id).first()
    return task is not None and writing.has_taken(actor, task, keys.hashed(key))


@transaction.atomic
def snooze(*, actor: Actor, task_id: UUID, until: datetime, now: datetime) -> Task:
    """Put a task off until a moment; on a day the store is closed, until it opens next.

    Raises Forbidden, NotFound, NoTaskToDo, TaskRefused.
    """
    task = locked(actor=actor, task_id=task_id)
    writing.check_open(task)
    if until <= now:
        raise TaskRefused(fields={"until": [_("Choose a time that is still to come.")]})
    if until > now + writing.FARTHEST:
        raise TaskRefused(fields={"until": [_("That is too far away.")]})
    days = OpenDays(task.store_id)
    wished = days.today(task.store_id, now=until)
    due = days.on_or_after(task.store_id, wished)
    task.not_before = until if due == wished else None
    writing.move(task, due)
    task.save(update_fields=["not_before", "due_on", "expires_on"])
    return task


@transaction.atomic
def hand_on(
    *, actor: Actor, task_id: UUID, staff_id: UUID, now: datetime, reason: str = ""
) -> Task:
    """Ask a colleague of the store to do a task; one's own, or with care.manage the store's.

    The customer keeps their guide. Raises Forbidden, NotFound, NoTaskToDo, TaskRefused.
    """
    task = locked(actor=actor, task_id=task_id)
    if task.owner_id != actor.id and not allows(actor, MANAGE):
        raise Forbidden
    writing.check_open(task)
    stores = frozenset([task.store_id] if task.store_id else [])
    people = staff.colleagues(store_ids=stores) if stores else staff.visible(actor.scope)
    if not people.filter(pk=staff_id, state=Staff.State.ACTIVE).exists():
        raise TaskRefused(fields={"staff": [_("Choose a colleague of this store.")]})
    before = task.owner_id
    if before == staff_id:
        return task
    task.owner_id = staff_id
    task.escalated_at = None
    task.facts = {key: value for key, value in task.facts.items() if key != HANDED}
    if staff_id != task.customer.owner_id:
        task.facts[HANDED] = {"by": str(actor.id) if actor.id else None, "why": reason[:200]}
    task.save(update_fields=["owner", "escalated_at", "facts"])
    writing.record(
        actor,
        "follow-up.handed-on",
        task,
        {"from": str(before) if before else None, "to": str(staff_id)},
    )
    return task


@transaction.atomic
def skip(*, actor: Actor, task_id: UUID, why: str, now: datetime) -> Task:
    """Leave a task out, for one of REASONS; unreachable is who was tried ENOUGH times.

    Raises Forbidden, NotFound, NoTaskToDo, TaskRefused.
    """
    task = locked(actor=actor, task_id=task_id)
    if task.state == Task.State.SKIPPED and task.why == why:
        return task
    writing.check_open(task)
    if why not in REASONS:
        raise TaskRefused(fields={"why": [_("Say why it is left out.")]})
    if why == "not-reached" and task.attempts < ENOUGH:
        raise TaskRefused(fields={"why": [_("Please try on another day first.")]})
    task.state, task.why = Task.State.SKIPPED, why
    task.done_at, task.done_by_id = now, actor.id
    task.save(update_fields=["state", "why", "done_at", "done_by"])
    writing.record(actor, "follow-up.left-out", task, {"why": why})
    return task


@transaction.atomic
def plan_by_hand(
    *,
    actor: Actor,
    customer_id: UUID,
    on: date,
    title: str,
    now: datetime,
    do: str = "call",
    key: str = "",
    owner_id: UUID | None = None,
) -> Task:
    """Note something to do with a customer on a day, for their guide or the colleague given.

    The same key again is the same task. Raises Forbidden, NotFound, TaskRefused.
    """
    require(actor, VIEW)
    customer = visibility.get(actor=actor, customer_id=customer_id)
    writing.hold(customer.pk)
    task = writing.by_hand(
        customer_id=customer.pk,
        guide_id=customer.owner_id,
        owner_id=owner_id or customer.owner_id or actor.id,
        store_id=customer.home_store_id,
        on=on,
        title=title,
        do=do,
        key=f"by-hand:{key or keys.hashed(f'{actor.id}:{now.isoformat()}')}",
        now=now,
    )
    writing.record(actor, "follow-up.planned", task, {"title": task.title, "on": str(task.due_on)})
    return task
