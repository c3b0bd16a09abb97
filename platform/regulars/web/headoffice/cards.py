"""The scorecard: what guides and stores did for their customers; each guide sees their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from regulars import registry
from regulars.insights.places import Map
from regulars.insights.selectors import mapping, scorecard, scorecard_events
from regulars.insights.selectors.scorecard import Card, Scorecard, Whose
from regulars.insights.selectors.scorecard_rows import KINDS
from regulars.staff import permissions
from regulars.web import money
from regulars.web.headoffice import care_words as words
from regulars.web.headoffice import people, sections
from regulars.web.headoffice.looks import Look

OF_REGULARS: Final = {"kept": True, "lost": False}
_WITH_ROWS: Final = frozenset({*KINDS, *scorecard_events.KINDS, *OF_REGULARS})
TITLES: Final[dict[str, str | Promise]] = {
    "due": gettext_lazy("Due"),
    "done": gettext_lazy("Done"),
    "on-time": gettext_lazy("On time"),
    "missed": gettext_lazy("Not done"),
    "rated": gettext_lazy("Satisfaction"),
    "satisfied": gettext_lazy("Satisfied"),
    "kept": gettext_lazy("Customers kept"),
    "lost": gettext_lazy("Regulars who did not come"),
    "contacts": gettext_lazy("Contacts"),
    "flagged": gettext_lazy("Beyond the budget"),
    "messages": gettext_lazy("Messages received"),
    "replies": gettext_lazy("Answered quickly"),
    "slow": gettext_lazy("Answered late or not at all"),
    "complaints": gettext_lazy("Complaints received"),
    "resolved": gettext_lazy("Complaints resolved"),
    "unresolved": gettext_lazy("Complaints not resolved yet"),
}
_DEFINITIONS: Final[dict[str, str | Promise]] = {
    "due": gettext_lazy(
        "Follow-ups whose day lies in the period and has come, of the guide who has to do them. "
        "What an event ended (a return, a wish to hear no more) is left out."
    ),
    "done": gettext_lazy("Of those that were due, the ones that were finished, whoever did it."),
    "on-time": gettext_lazy(
        "Of those that were due, the ones finished on their day or before it. A try that reached "
        "nobody, and putting it off, move the day."
    ),
    "missed": gettext_lazy("Of those that were due, the ones that are not finished."),
    "rated": gettext_lazy(
        "The mean of what customers said from 1 to 5 in follow-ups finished in the period; it "
        "belongs to the guide whose follow-up it was."
    ),
    "satisfied": gettext_lazy("Those who said 4 or 5, of all who said a number."),
    "contacts": gettext_lazy(
        "Calls, visits and messages of the guide to customers in the period. Those of a batch, and "
        "those that were called off or did not arrive, do not count."
    ),
    "flagged": gettext_lazy(
        "Contacts written down afterwards which the customer's contact budget would not have "
        "allowed."
    ),
    "messages": gettext_lazy(
        "Messages that customers of the guide wrote in the period. What the system settled by "
        "itself, such as a wish to hear no more, does not count."
    ),
    "complaints": gettext_lazy(
        "Complaints raised in the period, of the guide who owns them today: the first who heard "
        "it, or whom a manager handed it to. What was no complaint at all and what stood there "
        "twice is left out."
    ),
    "resolved": gettext_lazy(
        "Of the complaints received, those in which everything agreed was carried out by today and "
        "which the customer did not open again."
    ),
    "unresolved": gettext_lazy(
        "Of the complaints received, those that are still being seen to, were opened again, or "
        "ended otherwise."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure of a card: its value, the sample behind it, and the rows it leads to."""

    key: str
    title: str
    define: str
    value: str
    note: str = ""
    href: str = ""


def definition(key: str) -> str:
    """Return how a figure is counted; two depend on the chain's policies."""
    if key in OF_REGULARS:
        return _(
            "Of the customers whom the guide looks after today and who came on at least %(visits)s "
            "days of the year before the period, those who bought in the period."
        ) % {"visits": registry.policy("silence.visits")}
    if key in ("replies", "slow"):
        return _(
            "Of the messages that the guide's customers wrote in the period, those somebody "
            "answered within %(minutes)s minutes, nights included."
        ) % {"minutes": registry.policy("care.reply-minutes")}
    return str(_DEFINITIONS[key])


def cells(card: Card, rows: Callable[[str], str]) -> list[Cell]:
    """Return a card's figures in the order of the page; `rows` gives the address behind one."""
    mean = "—" if card.mean is None else f"{card.mean:.1f}"
    told = {
        "due": (money.count(card.due), ""),
        "done": _share(card.done_share),
        "on-time": _share(card.on_time_share),
        "rated": (mean, _("%(count)s answers") % {"count": money.count(card.rated)}),
        "satisfied": _share(card.satisfied_share),
        "kept": _share(card.kept_share),
        "contacts": (money.count(card.contacts), ""),
        "flagged": (money.count(card.flagged), ""),
        "replies": _share(card.quickly_share),
        "complaints": (money.count(card.complaints), ""),
        "resolved": _share(card.resolved_share),
    }
    return [
        Cell(
            key=key,
            title=str(TITLES[key]),
            define=definition(key),
            value=value,
            note=note,
            href=rows(key) if key in _WITH_ROWS else "",
        )
        for key, (value, note) in told.items()
    ]


def _share(found: Any) -> tuple[str, str]:
    return ("—", "") if not found.whole else (words.share(found), words.sample(found))


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show the cards of every guide and store of a place."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    found = scorecard.of(whose=whose(look, shops), days=look.days, now=look.now)
    context = {
        "place": "insights",
        "look": look,
        "where": look.place(shops).name or _("All stores"),
        "tabs": sections.tabs(look, current="insights_scorecard"),
        "choices": sections.choices(shops),
        "total": cells(found.total, lambda key: look.address("insights_card_rows", key)),
        "headings": [(key, str(TITLES[key]), definition(key)) for key in _KEYS],
        "guides": _by_guide(found, look),
        "stores": _by_store(found, look, shops),
        "is_empty": found.total == Card(),
        "files": {
            "guides": look.files("scorecard"),
            "stores": look.files("scorecard-stores"),
        },
        "may_export": permissions.allows(look.actor, "insights.export"),
    }
    return render(request, "headoffice/scorecard.html", context)


_KEYS: Final = (
    "due", "done", "on-time", "rated", "satisfied", "kept", "contacts", "flagged", "replies",
    "complaints", "resolved",
)  # fmt: skip


def whose(look: Look, shops: Map) -> Whose:
    """Return whose cards a look asks for. Raises NotFound for a place one may not see."""
    place = look.place(shops)
    rest = place.kind == "all" and look.actor.scope.everything
    return Whose(place=place, guide_id=look.guide_id, with_rest=rest)


def _by_guide(found: Scorecard, look: Look) -> list[dict[str, Any]]:
    names = people.guides(found.guides)
    rows = [
        {
            "name": names.get(key, _("Nobody named")) if key else _("Nobody named"),
            "cells": cells(card, _rows_of_guide(look, key)),
        }
        for key, card in found.guides.items()
    ]
    return sorted(rows, key=lambda row: cast(str, row["name"]))


def _rows_of_guide(look: Look, guide_id: UUID | None) -> Callable[[str], str]:
    if guide_id is None:
        return lambda _key: ""
    return lambda key: look.address("insights_card_rows", key, guide=str(guide_id))


def _by_store(found: Scorecard, look: Look, shops: Map) -> list[dict[str, Any]]:
    known = [(shop, found.stores.get(shop.id)) for shop in shops.shops]
    return [
        {
            "name": shop.name,
            "cells": cells(card, lambda key, at=shop.id: look.address(  # type: ignore[misc]
                "insights_card_rows", key, store=str(at))),
        }
        for shop, card in known
        if card is not None
    ]  # fmt: skip


@require_GET
@permissions.needs("care.view")
def mine(request: HttpRequest) -> HttpResponse:
    """Show somebody their own card."""
    look = Look.of(request, default="90d")
    found = scorecard.of(whose=Whose(guide_id=look.actor.id), days=look.days, now=look.now)
    context = {
        "place": "today",
        "look": look,
        "cells": cells(found.total, lambda key: own_address(look, "my_card_rows", key)),
        "is_empty": found.total == Card(),
    }
    return render(request, "headoffice/my_card.html", context)


def own_address(look: Look, name: str, *args: str, **query: str) -> str:
    """Return an address of one's own pages: about no place, only a period."""
    return f"{reverse(name, args=args)}?{look.period_part(**query)}"
