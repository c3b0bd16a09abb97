"""Whose day is looked at: one's own, a guide's of one's store, a store's, or all stores'."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.audit.decisions import allows

type Mode = Literal["tasks", "guides", "stores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the page shows, and of whom.

    `tasks` of a guide (oneself, if `guide_id` is none), the `guides` of a store, or all `stores`.
    `plans.NOBODY` as guide or store stands for what has none.
    """

    mode: Mode
    guide_id: UUID | None = None
    store_id: UUID | None = None

    @property
    def store_ids(self) -> tuple[UUID, ...]:
        """The store, as lists of tasks take it; empty for all of them."""
        return (self.store_id,) if self.store_id is not None else ()


def of(request: HttpRequest, actor: Actor) -> Place:
    """Read the address; without a word of it a guide sees their own day, others their stores'."""
    guide_id, store_id = (_uuid(request.GET.get(name, "")) for name in ("guide", "store"))
    if not allows(actor, "care.manage") or request.GET.get("of") == "mine":
        return Place(mode="tasks")
    if guide_id is not None:
        return Place(mode="tasks", guide_id=guide_id, store_id=store_id)
    if store_id is not None:
        return Place(mode="guides", store_id=store_id)
    stores = actor.scope.store_ids
    if not actor.scope.everything and len(stores) == 1:
        return Place(mode="guides", store_id=next(iter(stores)))
    return Place(mode="stores")


def tabs(actor: Actor, place: Place) -> list[dict[str, object]]:
    """Return the two sides of a manager's day; a guide has one only."""
    if not allows(actor, "care.manage") or place.guide_id:
        return []
    is_mine = place.mode == "tasks"
    url = reverse("today")
    return [
        {"label": _("My stores"), "url": url, "current": not is_mine},
        {"label": _("Mine"), "url": f"{url}?of=mine", "current": is_mine},
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
