"""Gifts on the customer's line of time (V3, C6)."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.followups.models import Gift
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.usecases import timeline
from regulars.usecases.timeline import Before, Event


@timeline.source("gifts")
def _gifts(customer_id: UUID, before: Before | None, limit: int, language: str) -> Iterable[Event]:
    """Tell what was handed over, where and by whom; three statements, one where there is none."""
    rows = Gift.objects.filter(customer_id=customer_id)
    if before is not None:
        rows = rows.filter(before.holds("given_at"))
    found = list(rows.order_by("-given_at", "-id")[:limit])
    people = Staff.objects.in_bulk([row.guide_id for row in found if row.guide_id])
    places = Store.objects.in_bulk([row.store_id for row in found])
    for row in found:
        with translation.override(language):
            title = _("Gift handed over")
        place, person = places.get(row.store_id), people.get(row.guide_id)
        yield Event(
            kind="gifts",
            at=row.given_at,
            id=row.id,
            title=title,
            details=(row.title,),
            where=place.name if place else "",
            who=person.name if person else "",
            data={"for": row.kind, "on": row.occasion_on},
        )
