"""One task: why, what is known, the words, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import selectors as complaints
from regulars.customers import selectors as customers
from regulars.customers import today as days
from regulars.customers.selectors import visibility
from regulars.followups.models import Task
from regulars.followups.occasions import gifts
from regulars.followups.occasions import selectors as occasions
from regulars.followups.plans import declared
from regulars.followups.plans import selectors as plans
from regulars.followups.plans.following import HANDED
from regulars.followups.plans.selectors import Item
from regulars.kit import fields
from regulars.points import selectors as points
from regulars.staff import permissions
from regulars.usecases import at_a_glance
from regulars.web import dates
from regulars.web.contacts import panel
from regulars.web.customers import file, heading
from regulars.web.today import otherwise, rows, words
from regulars.web.today.forms import ResultForm

_THINGS: Final = 3
_MOODS: Final = 3
_AHEAD: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How happy a customer was, 1 to 5, and when they said so."""

    score: int
    on: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What became of a task that is no longer open."""

    title: str
    hint: str
    outcome: str
    answers: list[tuple[str, str]]


@require_GET
@permissions.needs("care.view")
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Show one task with everything that is good to know before one speaks."""
    actor, now = permissions.acting(request), timezone.now()
    item = plans.get(actor=actor, task_id=task_id, now=now)
    day = days.of_store(item.store_id, now=now)
    form = form_of(item, day=day, reached=request.GET.get("reached", ""),
                   contact=request.GET.get("contact", ""))  # fmt: skip
    return page(request, actor, item, form, day=day, now=now)


def form_of(
    item: Item, *, day: date, reached: str = "", contact: str = "", data: Any = None
) -> ResultForm:
    """Return the form of a task's result; a call that was just concluded chooses its outcome."""
    chosen = {"yes": Task.Outcome.REACHED, "no": Task.Outcome.NOT_REACHED}.get(reached, "")
    if chosen == Task.Outcome.REACHED and item.do == "message":
        chosen = Task.Outcome.SENT
    return ResultForm(
        data,
        do=item.do,
        asked=declared.of(item.plan, item.step).asks,
        language=get_language() or "",
        today=day,
        contact_id=_uuid(contact),
        chosen=chosen,
    )


def page(
    request: HttpRequest, actor: Actor, item: Item, form: ResultForm, *, day: date, now: datetime
) -> HttpResponse:
    """Render the task with this form; constant statements."""
    language = get_language() or ""
    person, helper = item.customer, plans.helping(actor, item)
    known = at_a_glance.of_many([person.id], now=now)[person.id]
    earlier = [
        each
        for each in plans.of_customer(
            actor=helper, customer_id=person.id, now=now, states=(Task.State.DONE,)
        )
        if each.id != item.id
    ]
    is_open = item.state == Task.State.OPEN
    tier = known.tier.label.text(language) if known.tier and known.tier.threshold > 0 else ""
    things = file.things(customers.possessions(person.id), language)
    rests = item.is_paused and item.state == Task.State.OPEN
    standing = complaints.open_of([person.id], actor=actor) if rests else {}
    context = {
        "place": "today",
        "task": item,
        "complaints": standing.get(person.id, ()),
        "customer": person,
        "is_call": item.do == "call",
        "name": heading.called(person.name, person.member_code),
        "owner_name": "" if person.owner_id == actor.id else person.owner_name,
        "back": reverse("today"),
        "step": rows.step_of(item, language),
        "plan": declared.of(item.plan, item.step).title(language),
        "icon": rows.ICONS.get(item.do, rows.ICONS["task"]),
        "reason": words.known([item], language=language, today=day).reason(item),
        "handed": item.facts.get(HANDED) if item.owner_id == actor.id else None,
        "late": rows.late(item, day) if is_open else "",
        "warnings": list(customers.notes(person.id).filter(is_warning=True)),
        "moods": moods(earlier),
        "said": said(earlier),
        "glance": known,
        "tier": tier,
        "things": [each for each in things if each.ended_on is None][:_THINGS],
        "expiring": points.expiring_of_many([person.id], now=now).get(person.id),
        "gift": _gift(helper, item, day=day, now=now),
        "is_open": is_open,
        "form": form,
    }
    if is_open:
        context |= otherwise.choices(actor, item, day=day)
    else:
        context["closed"] = _closed(item, language, day)
        context["next_url"] = rows.next_url(actor, item, now=now)
    if is_open and visibility.reaches(helper.scope)(person.owner_id, person.home_store_id):
        reach = panel.made(request, helper, person.id, task=item)
        ready, sends = reach.prepared, declared.of(item.plan, item.step).send
        context["panel"] = reach
        context["says"] = ready.text if ready and item.do == "call" and sends else ""
    return render(request, "today/task.html", context, status=422 if form.errors else 200)


def moods(earlier: Sequence[Item]) -> list[Mood]:
    """Return how happy they were of late, newest first."""
    told = [Mood(score=each.satisfaction, on=each.done_at) for each in earlier if each.satisfaction]
    return told[:_MOODS]


def said(earlier: Sequence[Item]) -> list[str]:
    """Return what they said when somebody last wrote it down."""
    for each in earlier:
        told = [str(each.answers.get(key, "")) for key in ("wants", "question")] + [each.note]
        if any(told):
            return [line for line in told if line]
    return []


def _gift(actor: Actor, item: Item, *, day: date, now: datetime) -> str:
    """Return the gift that goes with the occasion of a task, if the chain gives one."""
    if not (item.source_kind.startswith("customer.") and allows(actor, "customers.view")):
        return ""
    wanted = occasions.Wanted(
        first=day, last=day + _AHEAD, kinds=(item.source_kind,), customer_id=item.customer.id
    )
    coming = occasions.page(actor=actor, wanted=wanted, limit=3).occasions
    given = gifts.gifts_for(coming, now=now)
    return next((gift.title for gift in given.values()), "")


def _closed(item: Item, language: str, day: date) -> Closed:
    titles = {
        Task.State.DONE: _("Done"),
        Task.State.STOPPED: _("No longer needed"),
        Task.State.SKIPPED: _("Left out"),
    }
    asked = {each.key: each for each in declared.of(item.plan, item.step).asks}
    local = item.done_at.astimezone(timezone.get_current_timezone()) if item.done_at else None
    when = dates.near_day(local.date(), today=day, language=language) if local else ""
    return Closed(
        title=titles.get(Task.State(item.state), ""),
        hint=" · ".join(
            filter(None, (f"{when} {local:%H:%M}" if local else "", item.done_by_name))
        ),
        outcome=str(Task.Outcome(item.outcome).label) if item.outcome else "",
        answers=[
            (asked[key].label.text(language), fields.show(asked[key], value, language=language))
            for key, value in item.answers.items()
            if key in asked
        ],
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
