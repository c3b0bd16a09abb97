"""What customers answered about their satisfaction, on their line of time (Q7)."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.surveys import declared, scales
from regulars.surveys.models import Invitation
from regulars.usecases import timeline
from regulars.usecases.timeline import Before, Event


@timeline.source("surveys")
def _surveys(
    customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    """Tell what was answered. One statement."""
    rows = Invitation.objects.filter(customer_id=customer_id, state=Invitation.State.ANSWERED)
    if before is not None:
        rows = rows.filter(before.holds("answered_at"))
    rows = rows.select_related("store").order_by("-answered_at", "-id")
    for row in rows[:limit]:
        survey = declared.find(row.survey)
        with translation.override(language):
            name = survey.title.text(language) if survey else row.survey
            title = _("Answered: %(survey)s") % {"survey": name}
        yield Event(
            kind="surveys",
            at=row.answered_at or row.recorded_at,
            id=row.pk,
            title=title,
            details=tuple(scales.lines(survey, row.answers, language=language)) if survey else (),
            where=row.store.name if row.store else "",
            tone="warning" if row.unhappy else "",
            data={"survey": row.survey, "unhappy": row.unhappy},
        )
