"""Writing down what came of a task (C5, C8): the answers, how pleased they are, what is next."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.customers import today
from regulars.errors import Text
from regulars.followups.models import Task
from regulars.followups.plans import declared, starting, stopping, writing
from regulars.followups.plans.news import Start
from regulars.followups.plans.writing import TaskRefused, locked
from regulars.kit import fields
from regulars.messages import keys
from regulars.tenancy import context

_TALKED: Final = frozenset({Task.Outcome.REACHED, Task.Outcome.CAME})
_DONE: Final = "followup.done"


@transaction.atomic
def finish(
    *,
    actor: Actor,
    task_id: UUID,
    outcome: str,
    now: datetime,
    key: str,
    answers: Mapping[str, object] | None = None,
    satisfaction: int | None = None,
    next_step: str = "",
    next_on: date | None = None,
    note: str = "",
    contact_id: UUID | None = None,
    language: str = "",
) -> Task:
    """Write down the result of a task; with `next_on` the next step is a task of its own.

    The same key again is the same result. What was stopped or left out meanwhile can still be
    finished by whose customer it is: somebody did it. Questions that must be answered are so of
    those who were spoken to. Raises Forbidden, NotFound, AlreadyDone, and TaskRefused at
    ``answers.<key>``, ``outcome``, ``satisfaction``, ``next_step``, ``next_on``, ``contact``.
    """
    asked = keys.hashed(key)
    task = locked(actor=actor, task_id=task_id, asked=asked)
    if task.state == Task.State.DONE:
        if asked is None or task.last_key != asked:
            writing.check_open(task)
        return task
    writing.check_contact(task, contact_id)
    kept, faults = _cleaned(task, answers or {}, outcome, language)
    faults |= _faults(outcome, satisfaction)
    if faults:
        raise TaskRefused(fields=faults)
    task.state, task.why = Task.State.DONE, ""
    task.outcome = outcome
    task.answers = kept
    task.satisfaction = satisfaction
    task.next_step = writing.cut(next_step)
    task.next_on = next_on
    task.note = writing.joined(task.note, note)
    task.contact_id = contact_id or task.contact_id
    task.done_at, task.done_by_id, task.last_key = now, actor.id, asked
    task.save()
    if next_on is not None:
        _plan_next(task, on=next_on, now=now)
    _start_what_follows(task, now=now)
    writing.record(actor, "follow-up.done", task, {"outcome": outcome})
    return task


def _cleaned(
    task: Task, answers: Mapping[str, object], outcome: str, language: str
) -> tuple[dict[str, Any], dict[str, list[Text]]]:
    """Return the answers as they are kept, and what is wrong with them by ``answers.<key>``."""
    kept, faults = fields.clean(
        declared.of(task.plan, task.step).asks,
        answers,
        language=language or translation.get_language() or context.current().language,
        unknown="drop",
        partial=outcome not in _TALKED,
    )
    told: dict[str, list[Text]] = {f"answers.{each.key}": [each.sentence] for each in faults}
    return {key: value for key, value in kept.items() if value is not None}, told


def _faults(outcome: str, satisfaction: int | None) -> dict[str, list[Text]]:
    faults: dict[str, list[Text]] = {}
    if outcome not in Task.Outcome.values:
        faults["outcome"] = [_("Say what came of it.")]
    if satisfaction is not None and not 1 <= satisfaction <= 5:
        faults["satisfaction"] = [_("Choose 1 to 5.")]
    return faults


def _plan_next(task: Task, *, on: date, now: datetime) -> None:
    try:
        writing.by_hand(
            customer_id=task.customer_id,
            guide_id=task.customer.owner_id,
            owner_id=task.owner_id or task.done_by_id,
            store_id=task.store_id,
            on=on,
            title=task.next_step,
            do="task" if task.do == "task" else "call",
            key=f"after:{task.pk}",
            now=now,
            after=task.pk,
        )
    except TaskRefused as refused:
        places = {"title": "next_step", "on": "next_on"}
        told = {places.get(key, key): texts for key, texts in refused.fields.items()}
        raise TaskRefused(fields=told) from refused


def _start_what_follows(task: Task, *, now: datetime) -> None:
    """Start the plans that a finished step of another starts; they start none themselves."""
    if not task.plan or task.source_kind == _DONE or task.outcome == Task.Outcome.NOT_REACHED:
        return
    if _DONE not in declared.running():
        return
    news = Start(
        trigger=_DONE,
        customer_id=task.customer_id,
        key=f"{_DONE}:{task.pk}",
        on=today.of_store(task.store_id, now=now),
        since=now,
        source=task.pk,
        store_id=task.store_id,
        recorded_at=now,
    )
    stopping.settle(starting.start([news], now=now), now=now)
