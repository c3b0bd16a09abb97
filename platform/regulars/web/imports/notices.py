"""Word by mail to whoever waited long for an import."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from regulars.imports import acting, finishing, selectors
from regulars.imports.models import Import
from regulars.outbox import handler
from regulars.tenancy import context, hosts
from regulars.web import mail
from regulars.web.imports import words


@handler(finishing.NOTICE)
def tell(*, import_id: str, now: datetime) -> None:
    """Say that an import is over; keys and people without an address are told nothing."""
    row = Import.objects.filter(pk=UUID(import_id)).first()
    person = acting.staff_of(row) if row is not None else None
    if row is None or person is None or not person.email or selectors.is_busy(row):
        return
    language = person.language or context.current().language
    with translation.override(language):
        result = {
            "import": row,
            "chain": context.current(),
            "person": person,
            "counts": words.counts(row.counts),
            "fault": selectors.fault_of(row),
            "link": hosts.address(reverse("import", args=[row.pk], urlconf=settings.CHAIN_URLCONF)),
        }
    mail.send(template="import_over", to=person.email, language=language, context=result)
