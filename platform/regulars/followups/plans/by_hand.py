"""Starting a plan with one customer because somebody wants it, without anything having happened."""

from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers.selectors import visibility
from regulars.errors import Conflict
from regulars.followups.models import Task
from regulars.followups.plans import declared, starting, stopping, sweeping, writing
from regulars.followups.plans.declared import Running
from regulars.followups.plans.news import Start
from regulars.followups.plans.open_days import OpenDays
from regulars.followups.plans.selectors import VIEW
from regulars.followups.plans.writing import FARTHEST, TaskRefused
from regulars.kit import FollowUp
from regulars.messages import keys
from regulars.outbox import services as outbox

STARTED: Final = "by-hand.plan"
"""What started it, as its tasks say; unlike one task by hand it stops as the plan says."""


class RunsAlready(Conflict):
    """Something of this plan is still to be done with the customer."""

    code = "plan-runs-already"
    sentence = _("This plan is running with this customer already.")


def choices() -> list[FollowUp]:
    """Return the plans that may be started by hand: those that are on, in their order."""
    return [each.plan for each in _all()]


@transaction.atomic
def start(
    *, actor: Actor, customer_id: UUID, plan: str, on: date, now: datetime, key: str
) -> list[Task]:
    """Start a plan with a customer; `on` is the day its steps count from. Returns its tasks.

    For whom the plan is meant is not asked: a person has decided. What stops it, stops it; the
    same key again is the same run. Raises Forbidden, NotFound, RunsAlready, TaskRefused.
    """
    require(actor, VIEW)
    found = next((each for each in _all() if each.plan.key == plan), None)
    if found is None:
        raise TaskRefused(fields={"plan": [_("Choose a plan that is in use.")]})
    customer = visibility.get(actor=actor, customer_id=customer_id)
    with outbox.in_order(sweeping.TURN):
        name = f"{STARTED}:{keys.hashed(key)}"
        tasks = Task.objects.filter(customer=customer.pk, plan=plan)
        if not tasks.filter(key=name).exists():
            if tasks.filter(state=Task.State.OPEN).exists():
                raise RunsAlready
            _begin(found, customer.pk, customer.home_store_id, on=on, name=name, now=now)
    made = list(tasks.filter(key=name).order_by("due_on", "pk"))
    if not made:
        raise TaskRefused(fields={"on": [_("Nothing of this plan would still be to come.")]})
    writing.record(actor, "follow-up.plan-started", made[0], {"plan": plan, "on": str(on)})
    return made


def _begin(
    running: Running, customer_id: UUID, store_id: UUID | None, *, on: date, name: str,
    now: datetime,
) -> None:  # fmt: skip
    days = OpenDays(store_id)
    if abs(on - days.today(store_id, now=now)) > FARTHEST:
        raise TaskRefused(fields={"on": [_("Choose a day within a year.")]})
    news = Start(
        trigger=STARTED, customer_id=customer_id, key=name, on=on, since=now, recorded_at=now
    )
    meant = replace(running, plan=replace(running.plan, where=()))
    touched = starting.begin([(news, meant)], now=now, days=days)
    stopping.settle(touched, now=now)


def _all() -> list[Running]:
    return [each for some in declared.running().values() for each in some]
