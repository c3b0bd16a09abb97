"""What everything begins and ends with that people do with tasks: the locked row, refusals, notes.

The customer's row is held against merging, then the task, in that order, as everything does that
writes tasks.
"""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.audit import Actor, ActorKind
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.customers.selectors import visibility
from regulars.errors import Conflict, Invalid, NotFound, Text
from regulars.followups.models import Task
from regulars.followups.plans.following import HANDED
from regulars.followups.plans.open_days import OpenDays
from regulars.followups.plans.selectors import VIEW
from regulars.messages.models import Contact
from regulars.tenancy import statements

FARTHEST: Final = timedelta(days=366)
"""How far ahead something may be put off or planned."""
_EARLIEST: Final = timedelta(days=3)  # that a task put off lives on
_LONGEST_TITLE: Final = 120
TRIED: Final = "tried"
"""Among a task's facts: the keys of the last attempts."""
_TRIES: Final = 12
_DOING: Final = frozenset({"call", "message", "visit", "task"})
_HOLD: Final = "SELECT id FROM customers_customer WHERE id = %s FOR KEY SHARE"


class NoTaskToDo(Conflict):
    """It was stopped or left out meanwhile."""

    code = "no-task-to-do"
    sentence = _("This task is not open any more. Look at the list again.")


class AlreadyDone(NoTaskToDo):
    """Somebody did it already."""

    code = "task-already-done"
    sentence = _("%(who)s has done this already. Look at the list again.")


class TaskRefused(Invalid):
    """Some of what was said of a task cannot be; `fields` says what."""

    code = "task-refused"


def hold(customer_id: UUID) -> None:
    """Hold a customer's row against merging and erasing until the transaction ends."""
    statements.one(_HOLD, (customer_id,))


def locked(
    *, actor: Actor, task_id: UUID, permission: str = VIEW, asked: UUID | None = None
) -> Task:
    """Lock and return a task that is the actor's to see. Raises Forbidden, NotFound.

    Also one whose result the actor has sent already, with the key `asked`. The customer's row is
    held against a merge, which would wait for the task.
    """
    require(actor, permission)
    rows = Task.objects.filter(pk=task_id, state__in=(Task.State.OPEN, *Task.CLOSED))
    customer_id = rows.values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise NotFound
    hold(customer_id)
    task = rows.select_for_update(of=("self",)).select_related("customer", "done_by").first()
    if task is None or task.customer.state != "active":
        raise NotFound
    if not (_is_seen(actor, task) or has_taken(actor, task, asked)):
        raise NotFound
    return task


def has_taken(actor: Actor, task: Task, asked: UUID | None) -> bool:
    """Say whether the result or the attempt with this key is written down, and was the actor's."""
    if asked is None or actor.id is None:
        return False
    is_result = task.last_key == asked and task.done_by_id == actor.id
    return is_result or str(asked) in task.facts.get(TRIED, ())


def tried(task: Task, asked: UUID | None) -> None:
    """Keep the key of an attempt beside those before it, so that none counts twice."""
    if asked is not None:
        kept = [*task.facts.get(TRIED, ()), str(asked)]
        task.facts = {**task.facts, TRIED: kept[-_TRIES:]}


def check_contact(task: Task, contact_id: UUID | None) -> None:
    """Raise TaskRefused unless the contact, if there is one, is with the task's customer."""
    if contact_id is None:
        return
    if not Contact.objects.filter(pk=contact_id, customer=task.customer_id).exists():
        told = _("This call was with somebody else. Look at the task again.")
        raise TaskRefused(fields={"contact": [told]})


def _is_seen(actor: Actor, task: Task) -> bool:
    """As `selectors.get`: a task of one's own reaches a colleague's customer while it is open."""
    home = task.customer.home_store_id
    is_mine = actor.kind == ActorKind.STAFF and actor.id is not None and task.owner_id == actor.id
    if is_mine and task.state == Task.State.OPEN and (home is None or actor.scope.covers(home)):
        return True
    return visibility.reaches(actor.scope)(task.customer.owner_id, task.customer.home_store_id)


def by_hand(
    *,
    customer_id: UUID,
    guide_id: UUID | None,
    owner_id: UUID | None,
    store_id: UUID | None,
    on: date,
    title: str,
    do: str,
    key: str,
    now: datetime,
    after: UUID | None = None,
) -> Task:
    """Write a task without a plan, once for its key. The caller holds the customer.

    It stays with its owner if that is not the customer's guide. Raises TaskRefused for a day that
    is over or far away, or without saying what.
    """
    days = OpenDays(store_id)
    today = days.today(store_id, now=now)
    faults: dict[str, list[Text]] = {}
    if not title.strip():
        faults["title"] = [_("Say what is to be done.")]
    if not today <= on <= today + FARTHEST:
        faults["on"] = [_("Choose a day within a year.")]
    if do not in _DOING:
        faults["do"] = [_("Choose how.")]
    if faults:
        raise TaskRefused(fields=faults)
    due = days.on_or_after(store_id, on)
    facts: dict[str, object] = {"after": str(after)} if after else {}
    if guide_id is not None and owner_id != guide_id:
        facts[HANDED] = {}
    row = Task(
        customer_id=customer_id,
        key=key,
        title=cut(title),
        purpose="care",
        do=do,
        source_kind="by-hand",
        source=after,
        facts=facts,
        since=now,
        started_on=today,
        due_on=due,
        expires_on=due + timedelta(days=registry.policy("followups.expire-days")),
        owner_id=owner_id,
        store_id=store_id,
    )
    Task.objects.bulk_create([row], ignore_conflicts=True)
    return Task.objects.get(customer=customer_id, plan="", step="", key=key)


def cut(text: str) -> str:
    """Return a line of text as short as it is kept."""
    return " ".join(text.split())[:_LONGEST_TITLE]


def joined(*notes: str) -> str:
    """Return notes below each other."""
    return "\n".join(each.strip() for each in notes if each.strip())


def check_open(task: Task) -> None:
    """Raise AlreadyDone or NoTaskToDo for a task that is not open."""
    if task.state == Task.State.DONE:
        raise AlreadyDone(who=task.done_by.name if task.done_by else _("Somebody"))
    if task.state != Task.State.OPEN:
        raise NoTaskToDo


def move(task: Task, due: date) -> None:
    """Let a task be due on another day; it does not make sense for longer than it must."""
    task.due_on = due
    task.expires_on = max(task.expires_on, due + _EARLIEST)


def record(actor: Actor, action: str, task: Task, data: dict[str, object]) -> None:
    """Write down in the audit what somebody did with a task."""
    audit.record(
        actor=actor,
        action=action,
        object_kind="customer",
        object_id=task.customer_id,
        store_id=task.store_id,
        data={"task": str(task.pk), **data},
    )
