"""What became of complaints, on the customer's line of time, for those who may see them (Q2)."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.utils import translation

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import access, words
from regulars.complaints.models import Entry
from regulars.usecases import timeline
from regulars.usecases.timeline import Before, Event

# What went on between us and the customer; who was warned of what is the complaint's own page's.
_TOLD: Final = (
    "opened", "apologised", "proposed", "refused", "agreed", "done", "asked", "satisfied",
    "unsatisfied", "closed", "reopened", "message-in", "message-out", "waiting", "not-reached",
    "remedy-done", "handed-on",
)  # fmt: skip
_TONES: Final = {"opened": "warning", "unsatisfied": "bad", "reopened": "warning", "closed": "good"}


@timeline.seen_source("complaints")
def _complaints(
    actor: Actor, customer_id: UUID, before: Before | None, limit: int, language: str
) -> Iterable[Event]:
    """Tell the steps of the complaints the actor may see. One statement."""
    if not allows(actor, access.VIEW):
        return
    rows = Entry.objects.filter(
        case__in=access.visible(actor).filter(customer=customer_id), kind__in=_TOLD
    )
    if before is not None:
        rows = rows.filter(before.holds("at"))
    rows = rows.select_related("case__store", "by").order_by("-at", "-id")
    for row in rows[:limit]:
        with translation.override(language):
            title = words.step(row.kind)
        yield Event(
            kind="complaints",
            at=row.at,
            id=row.pk,
            title=title,
            details=(row.text,) if row.text else (),
            where=row.case.store.name,
            who=row.by.name if row.by else "",
            tone=_TONES.get(row.kind, ""),
            data={
                "case": str(row.case_id),
                "number": row.case.number,
                "about": row.case.title,
                "by_customer": row.by_customer,
            },
        )
