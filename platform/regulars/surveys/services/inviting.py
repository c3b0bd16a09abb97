"""Writing down whom to ask about what: once for each cause, and nobody about history.

Whatever gives a cause to ask names itself (`News.key`); the same news again, in whatever order
and by however many workers, changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import batched
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from regulars.kit import Survey
from regulars.messages import keys
from regulars.surveys import declared
from regulars.tenancy import context, statements

LATE: Final = timedelta(days=3)
"""How long after its time a question is still written down."""
_SOON: Final = timedelta(hours=1)  # after what it follows, when it follows on the same day
_MORNING: Final = time(10)
_AT_ONCE: Final = 2_000
# A merge or an erasure, which locks the row for update, comes before this or after it.
_PEOPLE: Final = """
SELECT c.id, c.owner_id, c.home_store_id, c.language, h.time_zone FROM customers_customer c
LEFT JOIN stores_store h ON h.id = c.home_store_id
WHERE c.id = ANY(%s) AND c.state = 'active' ORDER BY c.id FOR KEY SHARE OF c"""
_SERVED: Final = """
SELECT id, guide_id FROM purchases_purchase WHERE id = ANY(%s) AND guide_id IS NOT NULL"""
_WRITE: Final = """
INSERT INTO surveys_invitation (
  survey, trigger, source, key, purchase_id, customer_id, store_id, guide_id, happened_at, due_at,
  language, way, state, why, answers, unhappy)
SELECT u.*, 'message', 'waiting', '', '{}', false FROM unnest(
  %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
  %s::timestamptz[], %s::timestamptz[], %s::text[]) u
ON CONFLICT (key) DO NOTHING RETURNING id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that customers may be asked about.

    `trigger` is one of the kit's SURVEY_STARTS, `source` its row; `recorded_at` says when we
    learned of it. Without a guide it is who served in the purchase, else the customer's own.
    """

    trigger: str
    source: UUID
    customer_id: UUID
    happened_at: datetime
    recorded_at: datetime | None = None
    store_id: UUID | None = None
    guide_id: UUID | None = None
    purchase_id: UUID | None = None


def key_of(survey: str, source: UUID) -> UUID:
    """Return the key under which a survey follows something, however it is asked."""
    made = keys.hashed(f"survey:{survey}:{source}")
    assert made is not None  # noqa: S101  (only an empty text has none)
    return made


def invite(news: Iterable[News], *, now: datetime) -> int:
    """Write down what is to be asked, and return how much is new. A few statements a portion."""
    running = declared.sending()
    wanted = (
        (each, one.survey)
        for each in news
        for one in running.get(each.trigger, ())
        if one.takes(each.recorded_at)
    )
    return sum(_written(some, now=now) for some in batched(wanted, _AT_ONCE, strict=False))


def due_at(survey: Survey, happened_at: datetime, *, zone: ZoneInfo) -> datetime:
    """Return when a survey is to be asked: within the hour, or in the morning of a later day."""
    if not survey.days:
        return happened_at + _SOON
    day = happened_at.astimezone(zone).date() + timedelta(days=survey.days)
    return datetime.combine(day, _MORNING, tzinfo=zone)


@transaction.atomic
def _written(pairs: Sequence[tuple[News, Survey]], *, now: datetime) -> int:
    people = _people(pairs)
    served = _served(pairs)
    rows = []
    for each, survey in pairs:
        if each.customer_id not in people:
            continue
        owner_id, home_id, language, zone = people[each.customer_id]
        due = due_at(survey, each.happened_at, zone=zone)
        if due < now - LATE:
            continue
        guide_id = each.guide_id or served.get(each.purchase_id) or owner_id
        rows.append((
            survey.key, each.trigger, each.source, key_of(survey.key, each.source),
            each.purchase_id, each.customer_id, each.store_id or home_id, guide_id,
            each.happened_at, due, language,
        ))  # fmt: skip
    if not rows:
        return 0
    return len(statements.every(_WRITE, [list(column) for column in zip(*rows, strict=True)]))


def _people(pairs: Sequence[tuple[News, Survey]]) -> dict[UUID, tuple[Any, ...]]:
    default = context.current().zone
    ids = sorted({each.customer_id for each, _survey in pairs})
    return {
        pk: (owner_id, home_id, language, ZoneInfo(zone) if zone else default)
        for pk, owner_id, home_id, language, zone in statements.every(_PEOPLE, (ids,))
    }


def _served(pairs: Sequence[tuple[News, Survey]]) -> dict[UUID | None, UUID]:
    ids = sorted({each.purchase_id for each, _survey in pairs if each.purchase_id})
    return {row[0]: row[1] for row in statements.every(_SERVED, (ids,))} if ids else {}
