"""Who is away, on holiday or ill, until a day: others answer for them meanwhile (Q2)."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.errors import Invalid
from regulars.staff import granting, services
from regulars.staff.models import Staff

_LONGEST: Final = timedelta(days=366)


@transaction.atomic
def set_away(*, actor: Actor, staff_id: UUID, until: date | None, today: date) -> Staff:
    """Say until which day somebody is away, that day included; None: they are here. Idempotent.

    Of oneself, or of a colleague one manages. Raises NotFound, MoreThanYouHave, Invalid.
    """
    staff = services.locked(staff_id)
    if staff.pk != actor.id:
        granting.check_reaches(actor=actor, staff=staff)
    if until == staff.away_until:
        return staff
    if until is not None and not today <= until <= today + _LONGEST:
        sentence = _("Choose a day from today on, within a year.")
        raise Invalid(fields={"away_until": [sentence]})
    staff.away_until = until
    staff.save(update_fields=["away_until"])
    services.note(actor, staff, "staff.away", until=until.isoformat() if until else "")
    return staff


def is_away(person: Staff, *, on: date) -> bool:
    """Say whether somebody is away on a day."""
    return person.away_until is not None and person.away_until >= on


def present(people: QuerySet[Staff], *, on: date) -> QuerySet[Staff]:
    """Return those of them who are here on a day."""
    return people.filter(Q(away_until=None) | Q(away_until__lt=on))
