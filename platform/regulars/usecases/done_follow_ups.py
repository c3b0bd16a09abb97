"""What was done of follow-up plans, on the customer's line of time (C8)."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from regulars.followups.models import Task
from regulars.followups.plans import declared
from regulars.kit import Field, fields
from regulars.usecases import timeline
from regulars.usecases.timeline import Before, Event


@timeline.source("follow-ups")
def _follow_ups(
    customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    """Tell what was done, what came of it and what was answered. One statement."""
    rows = Task.objects.filter(customer_id=customer_id, state=Task.State.DONE)
    if before is not None:
        rows = rows.filter(before.holds("done_at"))
    rows = rows.select_related("done_by", "store").order_by("-done_at", "-id")
    for row in rows[:limit]:
        with translation.override(language):
            title, details = _told(row, language)
        yield Event(
            kind="follow-ups",
            at=row.done_at or row.created_at,
            id=row.pk,
            title=title,
            details=details,
            where=row.store.name if row.store else "",
            who=row.done_by.name if row.done_by else "",
            data={"plan": row.plan, "outcome": row.outcome, "satisfaction": row.satisfaction},
        )


def _told(row: Task, language: str) -> tuple[str, tuple[str, ...]]:
    planned = declared.of(row.plan, row.step)
    title = row.title or planned.label(language) or planned.title(language) or _("Follow-up")
    said = [str(Task.Outcome(row.outcome).label)] if row.outcome else []
    if row.satisfaction is not None:
        said.append(_("Satisfaction: %(points)s of 5") % {"points": row.satisfaction})
    said += [_answer(each, row.answers[each.key], language) for each in _asked(planned, row)]
    said += [row.note] if row.note else []
    if row.next_step:
        said.append(_("Next: %(step)s") % {"step": row.next_step})
    return title, tuple(said)


def _asked(planned: declared.Declared, row: Task) -> list[Field]:
    return [each for each in planned.known if each.key in row.answers]


def _answer(field: Field, value: fields.Value, language: str) -> str:
    label = field.label.text(language)
    return f"{label}: {fields.show(field, value, language=language)}"
