"""What else can become of a task: put off, handed on, left out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from regulars.audit import Actor
from regulars.customers import today as days
from regulars.errors import Invalid, NotFound, RegularsError
from regulars.followups.plans import selectors as plans
from regulars.followups.plans import services
from regulars.followups.plans.selectors import Item
from regulars.staff import permissions
from regulars.staff import selectors as people
from regulars.stores import hours
from regulars.stores.models import Store
from regulars.tenancy.context import current
from regulars.web import toasts
from regulars.web.today import rows
from regulars.web.today.forms import DayForm, HandOnForm

_TOMORROW: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_MOST: Final = 500  # tasks handed on at once
_NOT_REACHED: Final = "not-reached"  # offered to whoever has tried often enough


class NoDay(Invalid):
    """A task is put off to a day after today."""

    code = "no-day-after"
    sentence = gettext_lazy("Choose a day after today.")


def choices(actor: Actor, item: Item, *, day: date) -> dict[str, Any]:
    """Return what the dialogs of a task offer; two statements."""
    reached = frozenset({item.store_id} if item.store_id else set())
    working = people.colleagues(store_ids=reached).values_list("pk", "name")
    colleagues = [each for each in working if each[0] != item.owner_id]
    store = _store_of(item)
    return {
        "snoozes": _snoozes(store, day),
        "day_form": DayForm(),
        "colleagues": colleagues,
        "hand_on_form": HandOnForm(colleagues=colleagues),
        "skips": [
            (key, words)
            for key, words in services.REASONS.items()
            if key != _NOT_REACHED or item.attempts >= services.ENOUGH
        ],
    }


@require_POST
@permissions.needs("care.view")
def snooze(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Put a task off, and go on with the next."""
    actor, now = permissions.acting(request), timezone.now()
    item = plans.get(actor=actor, task_id=task_id, now=now)
    day = days.of_store(item.store_id, now=now)
    store = _store_of(item)
    offered = {key: until for key, _words, until in _snoozes(store, day)}
    form = DayForm(request.POST)
    try:
        until = offered.get(request.POST.get("until", ""))
        if until is None:
            until = form.cleaned_data["day"] if form.is_valid() else None
        if until is None or until <= day:
            raise NoDay
        services.snooze(actor=actor, task_id=task_id, until=_morning(until, store), now=now)
    except RegularsError as fault:
        return _refused(request, fault, rows.address(task_id))
    toasts.show(request, _("Put off."))
    return HttpResponseRedirect(rows.next_url(actor, item, now=now))


@require_POST
@permissions.needs("care.view")
def hand_on(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Give a task to a colleague of the store, and go on with the next."""
    actor, now = permissions.acting(request), timezone.now()
    item = plans.get(actor=actor, task_id=task_id, now=now)
    try:
        services.hand_on(
            actor=actor,
            task_id=task_id,
            staff_id=_colleague(request),
            reason=request.POST.get("reason", "")[:200],
            now=now,
        )
    except RegularsError as fault:
        return _refused(request, fault, rows.address(task_id))
    toasts.show(request, _("Handed on."))
    return HttpResponseRedirect(rows.next_url(actor, item, now=now))


@require_POST
@permissions.needs("care.view")
def skip(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Leave a task out, with the reason, and go on with the next."""
    actor, now = permissions.acting(request), timezone.now()
    item = plans.get(actor=actor, task_id=task_id, now=now)
    try:
        services.skip(actor=actor, task_id=task_id, why=request.POST.get("why", ""), now=now)
    except RegularsError as fault:
        return _refused(request, fault, rows.address(task_id))
    toasts.show(request, _("Left out."))
    return HttpResponseRedirect(rows.next_url(actor, item, now=now))


@require_POST
@permissions.needs("care.manage")
def hand_on_many(request: HttpRequest) -> HttpResponse:
    """Give chosen tasks of one guide, or all that are due, to a colleague.

    What somebody did or took meanwhile is passed by; the toast says of how many that is so.
    """
    actor, now = permissions.acting(request), timezone.now()
    given = {name: request.POST.get(name, "") for name in ("guide", "store")}
    place = {name: UUID(text) for name, text in given.items() if _is_id(text)}
    back = reverse("today") + (f"?{urlencode(place)}" if "guide" in place else "")
    try:
        ids = [UUID(each) for each in request.POST.getlist("task") if _is_id(each)]
        if request.POST.get("every") and "guide" in place:
            ids = _every(actor, place, now)
        if not ids:
            raise Invalid(_("Choose what is to be handed on."))
        to, why = _colleague(request), request.POST.get("reason", "")[:200]
        said, tone = _hand_on_each(actor, ids, to, why, now=now)
    except RegularsError as fault:
        return _refused(request, fault, back)
    toasts.show(request, said, tone=tone)
    return HttpResponseRedirect(back)


def _hand_on_each(
    actor: Actor, ids: Sequence[UUID], to: UUID, why: str, *, now: datetime
) -> tuple[str, str]:
    """Hand on as many as is done at once; return what to say of it, and in which tone.

    Raises what refused the first of them.
    """
    done, gone, refused = 0, 0, ""
    for task_id in ids[:_MOST]:
        try:
            services.hand_on(actor=actor, task_id=task_id, staff_id=to, reason=why, now=now)
        except (services.NoTaskToDo, NotFound) as fault:
            fault.settle()
            gone += 1
        except RegularsError as fault:
            if not done:
                raise
            refused = _sentence(fault)  # such as of another store, where the colleague is not
        else:
            done += 1
    told = ngettext("%(number)d task handed on.", "%(number)d tasks handed on.", done)
    sentences = [told % {"number": done}]
    if gone:
        told = ngettext(
            "%(number)d was not open any more.", "%(number)d were not open any more.", gone
        )
        sentences.append(told % {"number": gone})
    if len(ids) > _MOST:
        sentences.append(_("There are more. Hand those on too."))
    return " ".join(filter(None, (*sentences, refused))), "bad" if gone or refused else "good"


def _store_of(item: Item) -> Store | None:
    return Store.objects.filter(pk=item.store_id).first() if item.store_id else None


def _every(actor: Actor, place: Mapping[str, UUID], now: datetime) -> list[UUID]:
    """Return what is due of a guide's, in one store if there is one; one more than the most."""
    wanted = plans.Wanted(
        owner_id=place["guide"],
        store_ids=[place["store"]] if "store" in place else (),
        last=now.astimezone(current().zone).date(),
    )
    found = plans.page(actor=actor, wanted=wanted, now=now, limit=_MOST + 1)
    return [item.id for item in found.items]


def _snoozes(store: Store | None, day: date) -> list[tuple[str, str, date]]:
    opens = hours.next_open_day(store, day + _TOMORROW) if store else None
    offered = [
        ("tomorrow", _("Tomorrow"), day + _TOMORROW),
        ("open", _("Next open day"), opens),
        ("week", _("In a week"), day + _WEEK),
    ]
    found: list[tuple[str, str, date]] = []
    for key, words, until in offered:
        if until is not None and until not in {each[2] for each in found}:
            found.append((key, words, until))
    return found


def _morning(day: date, store: Store | None) -> datetime:
    zone = ZoneInfo(store.time_zone) if store else current().zone
    return datetime.combine(day, time(), tzinfo=zone)


def _colleague(request: HttpRequest) -> UUID:
    text = request.POST.get("to", "")
    if not _is_id(text):
        raise Invalid(_("Choose a colleague."))
    return UUID(text)


def _refused(request: HttpRequest, fault: RegularsError, back: str) -> HttpResponse:
    """Say why not, on the page the button stands on."""
    toasts.show(request, _sentence(fault), tone="bad")
    return HttpResponseRedirect(back)


def _sentence(fault: RegularsError) -> str:
    fault.settle()
    sentences = [str(each) for faults in fault.fields.values() for each in faults]
    return " ".join(sentences) or str(fault)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
