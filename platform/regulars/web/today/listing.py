"""The page of a day."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.customers import today as days
from regulars.followups.plans import behind
from regulars.followups.plans import selectors as plans
from regulars.staff import permissions
from regulars.staff import selectors as people
from regulars.staff.models import Staff
from regulars.web.today import around, places, rows
from regulars.web.today.places import Place

_PAGE: Final = 30
_TOLD: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How far the day is."""

    due: int
    overdue: int
    done: int

    @property
    def all(self) -> int:
        """What was to be done today, done or not."""
        return self.due + self.overdue + self.done


@require_GET
@permissions.needs("care.view")
def today(request: HttpRequest) -> HttpResponse:
    """Show whom to care for today; managers see who is behind."""
    actor = permissions.acting(request)
    person = cast(Staff, request.user)
    now = timezone.now()
    place = places.of(request, actor)
    day = days.of_store(person.home_store_id, now=now)
    context: dict[str, Any] = {
        "place": "today",
        "today": day,
        "mode": place.mode,
        "tabs": places.tabs(actor, place),
        "own_url": _own_customers(actor, place),
    }
    if place.mode == "tasks":
        context |= _tasks(request, actor, place, day=day, now=now)
    else:
        context |= _behind(actor, place, day=day, now=now)
    if place.guide_id is None:
        context |= around.replies(actor, now=now)
        context |= around.complaints_of(actor, now=now)
        context |= around.of(actor, day=day, now=now, language=get_language() or "")
    return render(request, "today/list.html", context)


def _tasks(
    request: HttpRequest, actor: Actor, place: Place, *, day: date, now: datetime
) -> dict[str, Any]:
    """Return the tasks of one guide, a page of them, and how far their day is."""
    wanted = plans.Wanted(owner_id=place.guide_id or actor.id, store_ids=place.store_ids, last=day)
    page = plans.page(
        actor=actor, wanted=wanted, now=now, after=_mark(request.GET.get("after", "")), limit=_PAGE
    )
    counts = plans.counts(actor=actor, wanted=replace(wanted, last=None), now=now)
    found = rows.rows(page.items, language=get_language() or "", today=day)
    following = request.GET.copy()
    if page.after:
        following["after"] = f"{page.after.due_on}:{page.after.id}"
    more: dict[str, Any] = {}
    if place.guide_id is not None:
        reached = frozenset(item.store_id for item in page.items if item.store_id)
        # Those of no store may be handed to whoever works in the stores that are seen.
        found_people = people.colleagues(store_ids=reached) if reached else _working(actor)
        working = found_people.exclude(pk=place.guide_id)
        name = people.visible(actor.scope).filter(pk=place.guide_id).values_list("name", flat=True)
        unknown = _("Nobody's") if place.guide_id == plans.NOBODY else _("Somebody's day")
        more = {
            "whose": name.first() or unknown,
            "guide_id": place.guide_id,
            "store_id": place.store_id or "",
            "may_hand_on": True,
            "colleagues": list(working.values_list("pk", "name")),
        }
    return {
        "rows": found,
        "groups": rows.grouped(found),
        "counts": Figures(due=counts.due, overdue=counts.overdue, done=counts.done),
        "next_url": f"?{following.urlencode()}" if page.after else "",
        "first_url": found[0].url if found and place.guide_id is None else "",
        **more,
    }


def _behind(actor: Actor, place: Place, *, day: date, now: datetime) -> dict[str, Any]:
    """Return guides or stores with their counts, and what was told to the manager."""
    wanted = plans.Wanted(escalated=True, store_ids=place.store_ids)
    told = plans.page(actor=actor, wanted=wanted, now=now, limit=_TOLD)
    within: dict[str, UUID] = {}
    if place.mode == "guides":
        within = {"store": place.store_id} if place.store_id is not None else {}
        found = behind.by_guide(actor=actor, store_id=place.store_id, now=now)
        nobody, name = _("Nobody's"), "guide"
    else:
        found = behind.by_store(actor=actor, now=now)
        nobody, name = _("Without a store"), "store"
    return {
        "behind": [
            {
                **asdict(each),
                "name": each.name or nobody,
                "url": f"?{urlencode({name: each.id or plans.NOBODY, **within})}",
            }
            for each in found
        ],
        "told": rows.rows(told.items, language=get_language() or "", today=day),
        "counts": Figures(
            due=sum(each.due for each in found),
            overdue=sum(each.overdue for each in found),
            done=sum(each.done for each in found),
        ),
    }


def _working(actor: Actor) -> QuerySet[Staff]:
    return people.visible(actor.scope).filter(state=Staff.State.ACTIVE)


def _own_customers(actor: Actor, place: Place) -> str:
    if place.guide_id is not None or not allows(actor, "customers.view"):
        return ""
    own = "" if actor.scope.own_customers_of else f"?{urlencode({'owner': actor.id})}"
    return f"{reverse('customers')}{own}"


def _mark(text: str) -> plans.Mark | None:
    """Read where the last page ended; what makes no sense begins at the front."""
    day, _colon, pk = text.partition(":")
    try:
        return plans.Mark(date.fromisoformat(day), UUID(pk))
    except ValueError:
        return None
