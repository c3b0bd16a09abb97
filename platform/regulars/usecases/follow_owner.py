"""A customer goes to another guide: what is planned goes along, and the story tells of it (C7)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.audit.models import Entry
from regulars.followups import owners
from regulars.outbox import handler
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.usecases import timeline
from regulars.usecases.timeline import Before, Event

MOVED: Final = "customer.moved"
SILENCE: Final = "silence"


@handler("customers.moved")
def take_along(*, moved: list[list[str | None]], now: datetime) -> None:
    """Let the open tasks of customers follow them."""
    owners.follow(
        [(UUID(pk), UUID(before) if before else None) for pk, before in moved if pk is not None]
    )


@timeline.source("moves")
def _moves(customer_id: UUID, before: Before | None, limit: int, language: str) -> Iterable[Event]:
    """Tell to whom a customer went, and why."""
    rows = Entry.objects.filter(object_id=customer_id, action=MOVED)
    if before is not None:
        rows = rows.filter(before.holds("at"))
    found = list(rows.order_by("-at", "-id")[:limit])
    names = _names(found)
    for row in found:
        with translation.override(language):
            title, details = _told(row.data, names)
        yield Event(
            kind="moves",
            at=row.at,
            id=row.id,
            title=title,
            details=details,
            who=row.actor_name if row.actor_id else "",
        )


def _names(rows: Iterable[Entry]) -> dict[str, str]:
    """Return the names of the people and stores the rows speak of, in two statements at most."""
    people, places = set(), set()
    for row in rows:
        people |= {row.data[way]["owner"] for way in ("from", "to")}
        places |= {row.data[way]["home_store"] for way in ("from", "to")}
    known: dict[str, str] = {}
    for model, keys in ((Staff, people), (Store, places)):
        wanted = [key for key in keys if key]
        if wanted:
            named = model.objects.filter(pk__in=wanted).values_list("pk", "name")
            known |= {str(pk): name for pk, name in named}
    return known


def _told(data: dict[str, Any], names: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    was, became = data["from"], data["to"]
    said = []
    if was["home_store"] != became["home_store"]:
        said.append(_("Home store: %(name)s") % {"name": names.get(became["home_store"], "—")})
    if data.get("rule") == SILENCE:
        words = _("The guide before had no contact and made no sale for %(months)s months.")
        said.append(words % {"months": data["months"]})
    elif data["reason"]:
        said.append(data["reason"])
    if was["owner"] == became["owner"]:
        return _("Another home store"), tuple(said)
    title = _("Now looked after by %(name)s") if became["owner"] else _("No longer with %(name)s")
    who = became["owner"] or was["owner"]
    return title % {"name": names.get(who, "—")}, tuple(said)
