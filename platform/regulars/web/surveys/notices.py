"""Word by mail of an unhappy answer, to whoever looks after the customer or the store (Q7)."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from regulars.outbox import handler
from regulars.staff.models import Staff
from regulars.surveys.models import Invitation
from regulars.tenancy import context, hosts
from regulars.usecases import unhappy_answers
from regulars.web import mail
from regulars.web.surveys import words


@handler(unhappy_answers.TELL)
def tell(*, invitation: str, staff: str, now: datetime) -> None:
    """Write to one person; who left or has no address is told nothing, nor of what was seen to.

    The words of the customer stand behind the link, not in the mail.
    """
    row = Invitation.objects.select_related("store").filter(pk=UUID(invitation)).first()
    person = Staff.objects.filter(pk=UUID(staff), state=Staff.State.ACTIVE).first()
    if row is None or not row.unhappy or row.seen_at is not None:
        return
    if person is None or not person.email:
        return
    language = person.language or context.current().language
    path = reverse("survey_one", args=[row.pk], urlconf=settings.CHAIN_URLCONF)
    with translation.override(language):
        told = {
            "chain": context.current(),
            "person": person,
            "store": row.store.name if row.store else context.current().name,
            "survey": words.survey(row.survey),
            "link": hosts.address(path),
        }
    mail.send(template="unhappy_answer", to=person.email, language=language, context=told)
