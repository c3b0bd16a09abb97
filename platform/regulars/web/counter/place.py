"""Where the person at the counter stands: their store, and who works there."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.errors import Forbidden
from regulars.staff import devices
from regulars.staff.models import Staff
from regulars.stores import selectors as stores
from regulars.stores.models import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """The store sales are recorded in, those one may change to, and its guides."""

    store: Store
    stores: tuple[Store, ...]
    guides: tuple[Staff, ...]
    guide_id: UUID | None  # who is most likely serving: oneself, if one works here


def of(request: HttpRequest, actor: Actor) -> Counter:
    """Find the counter: as chosen, the shared device's, one's own, or the first one may see.

    Three statements. Raises Forbidden when no open store is in one's reach.
    """
    person = cast(Staff, request.user)
    known = {store.pk: store for store in stores.open_stores(actor.scope)}
    device = devices.store_of(request)
    chosen = _uuid(request.GET.get("store", ""))
    wanted = [chosen, device.pk if device else None, person.home_store_id]
    found = next((known[pk] for pk in wanted if pk is not None and pk in known), None)
    found = found or next(iter(known.values()), None)
    if found is None:
        raise Forbidden(_("You have no open store. Ask your head office to give you one."))
    here = Q(home_store=found) | Q(assignments__store=found)
    team = Staff.objects.filter(here, state=Staff.State.ACTIVE).distinct().order_by("name", "pk")
    guides = tuple(team)
    return Counter(
        store=found,
        stores=tuple(known.values()),
        guides=guides,
        guide_id=person.pk if person in guides else None,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
