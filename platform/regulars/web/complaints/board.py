"""The working page of complaints: what is most urgent, as a list or as a board."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars import registry
from regulars.audit import Actor
from regulars.complaints import access, numbers, selectors
from regulars.complaints.models import Case
from regulars.complaints.selectors import Tally, Whose
from regulars.complaints.selectors.approvals import count_to_approve
from regulars.staff import permissions, saved
from regulars.staff import selectors as people
from regulars.staff.models import Staff
from regulars.stores import selectors as stores
from regulars.web import navigation
from regulars.web.complaints import bulk_acts, listing, looks
from regulars.web.complaints.looks import Look

PAGE: Final = "complaints"  # what filters are saved under
_ROWS: Final = 50
_CARDS: Final = 20
_SEEN: Final = 300  # of these, at most, the filters offer stores and people


@require_GET
@permissions.needs(access.VIEW)
def complaints(request: HttpRequest) -> HttpResponse:
    """Show complaints by urgency; htmx gets them alone, and nothing if nothing is new.

    A page says with `mark` what it shows, and asks every few seconds.
    """
    actor, now = permissions.acting(request), timezone.now()
    look = Look.of(request.GET)
    context = shown(actor, look, after=request.GET.get("after", ""), now=now)
    if request.headers.get("HX-Request"):
        if request.GET.get("mark", "") == context["mark"]:
            return HttpResponse(status=204)
        return render(request, "complaints/board_rows.html", context)
    return render(request, "complaints/board.html", context | around(actor, look, context["tally"]))


def shown(actor: Actor, look: Look, *, after: str, now: datetime) -> dict[str, Any]:
    """Return what is asked for again and again: the complaints, the tabs and their figures."""
    wanted = look.wanted(actor, now=now)
    is_counted = not look.over and numbers.read(look.text) is None
    tally = selectors.tally(actor=actor, wanted=wanted, now=now) if is_counted else None
    context: dict[str, Any] = {"place": "complaints", "look": look, "tally": tally}
    told: list[object] = [tally, look]
    if look.view == "board":
        found = selectors.board(actor=actor, wanted=wanted, now=now, limit=_CARDS)
        columns = listing.columns(
            actor,
            found,
            addresses={
                each.state: (
                    look.but(column=str(each.state)),
                    look.but(view="list", state=str(each.state), column=""),
                )
                for each in found
            },
            chosen=look.column,
            now=now,
        )
        every = [row for column in columns for row in column.rows]
        told += [(each.state, each.count, each.is_current) for each in columns]
        context |= {"columns": columns, "is_empty": not every}
    else:
        page = selectors.page(
            actor=actor, wanted=wanted, now=now, after=looks.mark_of(after), limit=_ROWS
        )
        every = listing.rows(actor, page.items, now=now)
        following = urlencode({"after": looks.written(page.after)}) if page.after else ""
        context |= {
            "rows": every,
            "next_url": "?" + "&".join(filter(None, (look.query, following))) if following else "",
            "is_empty": not every,
        }
        told.append(following)
    place = "&".join(filter(None, (look.query, urlencode({"after": after}) if after else "")))
    return context | {
        "mark": listing.mark(every, *told),
        "fresh_url": f"{reverse('complaints')}?{place}",
        "tabs": _tabs(actor, look, tally),
        "sorts": _sorts(look, tally),
        "ways": [
            ("list", _("List"), look.but(view="list", column="")),
            ("board", _("Board"), look.but(view="board", state="", over="", first=None, last=None)),
        ],
        "many": len(every) > 1,
        "may_choose": permissions.allows(actor, access.HANDLE) and not look.over,
        "fits": _fits(look, tally),
        "bulk": bulk_acts.offered(actor),
    }


def around(actor: Actor, look: Look, tally: Tally | None) -> dict[str, Any]:
    """Return what stands around the list and does not change by itself; four statements at most."""
    is_guide = actor.scope.own_customers_of is not None
    language = get_language() or ""
    seen = stores.visible(actor.scope).values_list("pk", "name")
    working = people.visible(actor.scope).filter(state=Staff.State.ACTIVE)
    views = saved.of(actor, PAGE)
    known = {each.query: each.name for each in views}
    is_manager = permissions.allows(actor, access.MANAGE)
    may_raise = permissions.allows(actor, access.HANDLE)
    return {
        "views": [
            (each.name, f"?{each.query}", known.get(look.query) == each.name) for each in views
        ],
        "is_saved": look.query in known,
        "longest_name": saved.LONGEST_NAME,
        "states": [each for each in Case.State.choices if each[0] != Case.State.CLOSED],
        "severities": Case.Severity.choices,
        "periods": looks.PERIODS.items(),
        "kinds": [
            *((each.key, each.title.text(language)) for each in registry.vertical().complaints),
            (looks.WITHOUT_KIND, _("None of them")),
        ],
        "stores": [] if is_guide else list(seen[:_SEEN]),
        "people": []
        if is_guide
        else [(str(pk), name) for pk, name in working.values_list("pk", "name")[:_SEEN]],
        "me": looks.ME,
        "days": looks.DAYS,
        "may_export": permissions.allows(actor, "insights.export"),
        "new_url": navigation.address("complaint_new") if may_raise else "",
        "learning_url": navigation.address("complaint_learning")
        if permissions.allows(actor, "insights.view")
        else "",
        "approvals_url": navigation.address("complaint_approvals") if is_manager else "",
        "to_approve": count_to_approve(actor) if is_manager else 0,
    }


def _tabs(actor: Actor, look: Look, tally: Tally | None) -> list[dict[str, object]]:
    """Return whose complaints can be looked at; each figure is what its tab leads to."""
    tabs: list[tuple[Whose, str, int | None]] = []
    if permissions.allows(actor, access.HANDLE):
        tabs.append((Whose.MINE, _("Mine"), tally.mine if tally else None))
    scope = actor.scope
    if scope.own_customers_of is not None:
        tabs.append((Whose.STORE, _("My store"), tally.store if tally else None))
    is_one = not scope.everything and len(scope.store_ids) == 1 and not scope.own_customers_of
    tabs.append((Whose.ALL, _("My store") if is_one else _("All"), tally.all if tally else None))
    return [
        {
            "label": label,
            "url": look.but(whose=whose, sorts=frozenset()),
            "current": look.whose == whose,
            "count": count,
        }
        for whose, label, count in tabs
    ]


def _sorts(look: Look, tally: Tally | None) -> list[tuple[str, str, bool, int]]:
    """Return (words, address, whether chosen, how many) of what can be picked at one tap."""
    if tally is None:
        return []
    counts = _by_sort(tally)
    return [
        (
            str(words),
            look.but(sorts=look.sorts - {key} if key in look.sorts else frozenset({key})),
            key in look.sorts,
            counts[key],
        )
        for key, words in looks.SORTS.items()
        if counts[key] or key in look.sorts
    ]


def _by_sort(tally: Tally) -> dict[str, int]:
    return {
        "late": tally.late,
        "unowned": tally.unowned,
        "waiting": tally.waiting,
        "second": tally.second_round,
    }


def _fits(look: Look, tally: Tally | None) -> int:
    """Return how many complaints the whole look has, 0 where that is not counted."""
    if tally is None or len(look.sorts) > 1:
        return 0
    if look.sorts:
        (sort,) = look.sorts
        return _by_sort(tally)[sort]
    by_tab = {Whose.MINE: tally.mine, Whose.STORE: tally.store, Whose.ALL: tally.all}
    return by_tab[look.whose] or 0
