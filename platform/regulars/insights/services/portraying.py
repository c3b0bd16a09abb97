"""Portraits of periods with too many purchases to look through while somebody waits."""

from datetime import datetime
from uuid import UUID

from regulars.insights.models import Member, Period
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.insights.selectors import portraits
from regulars.insights.services import keeping
from regulars.tenancy import context


def portray(*, days: Days, group_id: UUID, now: datetime) -> None:
    """Compute the portrait of a group and period from the rows, and put it beside its figures."""
    stores = frozenset(Member.objects.filter(group_id=group_id).values_list("store_id", flat=True))
    place = Place(kind="all", id=None, name="", store_ids=stores, group_id=group_id)
    found = portraits.portrait(place=place, days=days)
    keeping.keep(periods=[days], today=now.astimezone(context.current().zone).date())
    Period.objects.filter(first_day=days.first, last_day=days.last, group_id=group_id).update(
        portrait=found.plain(), portrait_at=now
    )
