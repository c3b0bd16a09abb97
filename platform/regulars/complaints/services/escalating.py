"""Before a clock runs out its owner is warned; when they stay silent others are drawn in (Q2, Q5).

Three quarters of a clock: the owner. All of it: the store's manager, then the region, then head
office; where a franchise keeps its customers to itself and has nobody above the owner, head office
hears the number alone. Both are steps of the complaint, announced in the transaction that writes
them.
"""

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from regulars.audit import SYSTEM
from regulars.complaints import people, timing
from regulars.complaints.models import Case
from regulars.complaints.services import announcing, writing
from regulars.staff import absence
from regulars.staff.models import Staff
from regulars.stores import hours

WARNED: Final = "warned"
ESCALATED: Final = "escalated"
_AT_ONCE: Final = 200


def sweep(*, now: datetime) -> int:
    """Warn owners, and draw in whoever is next where a clock ran out; return how often that was.

    Two sweeps at once take different complaints; nothing is told twice.
    """
    drawn = 0
    while (some := _some(now=now)) is not None:
        drawn += some
    return drawn


@transaction.atomic
def _some(*, now: datetime) -> int | None:
    rows = Case.objects.filter(look_at__lte=now).order_by("look_at")
    held = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    cases = list(held.select_related("store", "owner")[:_AT_ONCE])
    return sum(_look(case, now=now) for case in cases) if cases else None


def _look(case: Case, *, now: datetime) -> bool:
    """Warn or draw in; say whether somebody was drawn in."""
    drawn_at = timing.draws_at(case)
    if drawn_at is None or drawn_at > now:
        _warn(case, now=now)
        return False
    if case.round > 1 and case.reviewer_id is None:  # there was nobody then
        case.reviewer_id = people.reviewer(case)
    late = [name for name, due_at in timing.running(case).items() if due_at <= now]
    to: list[str] = []
    while not to and case.escalated < people.HEAD_OFFICE:
        case.escalated += 1  # a level that nobody holds, or whose people are away, is passed over
        to = [str(each.pk) for each in _here(case, case.escalated, now)]
    if not to and not people.is_withheld(case.store):  # all are away: the last hear of it still
        to = [str(each.pk) for each in people.of_level(case, case.escalated)]
    _tell(case, ESCALATED, late, level=case.escalated, to=to, now=now)
    return True


def _warn(case: Case, *, now: datetime) -> None:
    near = timing.warns(case, now=now)
    case.warned |= sum(timing.CLOCKS[each] for each in near)
    answers = _answers_for(case, now)
    if near and answers is not None:
        _tell(case, WARNED, list(near), level=0, to=[str(answers.pk)], now=now)
    else:  # nobody to warn, or another step was quicker: only look again later
        timing.look(case, now=now)
        case.save(update_fields=["warned", "look_at", "urgent_at"])


def _answers_for(case: Case, now: datetime) -> Staff | None:
    """Return who is warned: the owner, or who is here for them while they are away or have left."""
    owner = case.owner
    is_there = owner is not None and owner.state == Staff.State.ACTIVE
    if owner is not None and is_there and not absence.is_away(owner, on=_day(case, now)):
        return owner
    for level in (people.STORE, people.REGION, people.HEAD_OFFICE):
        found = _here(case, level, now).first()
        if found is not None:
            return found
    return owner if is_there else people.first_manager(case)


def _here(case: Case, level: int, now: datetime) -> QuerySet[Staff]:
    """Return the people of a level who are not away today."""
    return absence.present(people.of_level(case, level), on=_day(case, now))


def _day(case: Case, now: datetime) -> date:
    return hours.business_day(case.store, now)


def _tell(
    case: Case, kind: str, clocks: list[str], *, level: int, to: list[str], now: datetime
) -> None:
    data = {"clocks": clocks, "level": level, "to": to}
    entry = writing.write(case, kind, actor=SYSTEM, now=now, data=data)
    announcing.drawn_in(case, entry, clocks=clocks, level=level, to=to)
    if not to:
        told = [str(each.pk) for each in people.by_number(case)]
        announcing.by_number(case, entry, why=clocks, to=told)
