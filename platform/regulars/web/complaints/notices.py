"""Word by mail to whoever is drawn into a complaint, or warned that its time runs out (Q2, Q5)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.complaints import access, timing
from regulars.complaints.models import Case
from regulars.complaints.services import announcing, ending
from regulars.outbox import handler
from regulars.staff import selectors as staff_of
from regulars.staff.models import Staff
from regulars.tenancy import context, hosts
from regulars.web import mail

WAITS: Final[dict[str, Promise]] = {
    "reply": _("The customer waits for a first answer."),
    "update": _("The customer waits to hear how it stands."),
    "resolve": _("The matter should be settled."),
    ending.REVIEW: _("The customer is not satisfied, and the store has nobody to look at it anew."),
}


@handler(announcing.DRAWN_IN)
def tell(*, complaint: str, clocks: Sequence[str], level: int, staff: str, now: datetime) -> None:
    """Write to one person; who left or has no address is told nothing, nor of what is over.

    Level 0 warns whoever answers for it; from 1 on somebody above is drawn in.
    """
    case = Case.objects.select_related("store", "owner").filter(pk=UUID(complaint)).first()
    person = Staff.objects.filter(pk=UUID(staff), state=Staff.State.ACTIVE).first()
    if case is None or not timing.running(case) or person is None or not person.email:
        return
    if not Case.objects.filter(access.within(staff_of.scope_of(person)), pk=case.pk).exists():
        return  # what they may not open they are not written about either (H4)
    language = person.language or context.current().language
    with translation.override(language):
        told = {
            "case": case,
            "chain": context.current(),
            "person": person,
            "owner": "" if case.owner is None or case.owner_id == person.pk else case.owner.name,
            "waits": [str(WAITS[each]) for each in clocks],
            "is_late": level > 0,
            "link": hosts.address(
                reverse("complaint", args=[case.pk], urlconf=settings.CHAIN_URLCONF)
            ),
        }
    mail.send(template="complaint_drawn_in", to=person.email, language=language, context=told)


@handler(announcing.BY_NUMBER)
def tell_number(*, complaint: str, why: Sequence[str], staff: str, now: datetime) -> None:
    """Write number and store to one person of head office, and nothing that is withheld (H4)."""
    case = Case.objects.select_related("store").filter(pk=UUID(complaint)).first()
    person = Staff.objects.filter(pk=UUID(staff), state=Staff.State.ACTIVE).first()
    if case is None or not timing.running(case) or person is None or not person.email:
        return
    language = person.language or context.current().language
    with translation.override(language):
        told = {
            "number": case.number,
            "store": case.store.name,
            "chain": context.current(),
            "person": person,
            "waits": [str(WAITS[each]) for each in why],
        }
    mail.send(template="complaint_by_number", to=person.email, language=language, context=told)
