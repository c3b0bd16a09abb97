"""What customers of a demo chain answered when they were asked how satisfied they are (Q7).

Written straight into the table, in one statement, from the sales and follow-ups of the last
weeks: most are content, a few stores and guides less so, and some unhappy answers still wait for
somebody to look at them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from regulars.followups.models import Task
from regulars.kit import Survey
from regulars.local.demo import drawing
from regulars.local.demo.drawing import Dice
from regulars.purchases.models import Purchase
from regulars.staff.models import Staff
from regulars.surveys import declared, scales
from regulars.surveys.models import Invitation
from regulars.surveys.services import asking, inviting
from regulars.tenancy import context

type Names = dict[UUID | None, str]

_WEEKS: Final = timedelta(days=90)
_ASKED: Final = 34  # per cent of the sales of somebody we know
_MOST: Final = 900  # askings, so that a chain is written quickly
_ANSWERED: Final = 46
_SAYS: Final = 30
_AT_THE_COUNTER: Final = 14
_FRESH: Final = timedelta(days=4)  # whose unhappy answers nobody has looked at yet
_HAPPY: Final = (
    "导购很耐心，讲得明白", "东西很喜欢，朋友也说好看", "服务一直很好，会再来",
    "店里干净，不催人，挺舒服", "送货准时，师傅也客气", "价格实在，比别家清楚",
    "上次的小问题很快就解决了，谢谢",
)  # fmt: skip
_UNHAPPY: Final = (
    "等了快半小时才有人招呼", "说好三天到货，结果等了一周", "感觉一直在推销，不太舒服",
    "包装有点破，没有人解释", "打电话问了两次都没有回音", "价格和之前说的不一样",
)  # fmt: skip


def answer(*, now: datetime) -> None:
    """Write what was asked and answered in the last weeks."""
    rng = drawing.dice(context.current().vertical, "satisfaction")
    names: Names = dict(Staff.objects.values_list("pk", "name"))
    rows = [
        *_of_sales(rng, names=names, now=now),
        *_of_follow_ups(rng, names=names, now=now),
    ]
    Invitation.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)


def _of_sales(rng: Dice, *, names: Names, now: datetime) -> Iterator[Invitation]:
    found = declared.on(*declared.AFTER_PURCHASE)
    if not found:
        return
    survey, first = found[0], (now - _WEEKS).astimezone(context.current().zone).date()
    sales = Purchase.objects.filter(
        kind=Purchase.Kind.SALE, business_day__gte=first, customer__isnull=False
    ).order_by("-occurred_at", "number")
    columns = ("pk", "customer_id", "store_id", "guide_id", "occurred_at")
    asked: dict[UUID, datetime] = {}
    count = 0
    for pk, customer_id, store_id, guide_id, at in sales.values_list(*columns).iterator():
        if count >= _MOST:
            return
        newer = asked.get(customer_id)
        is_rested = newer is None or newer - at >= timedelta(days=survey.every)
        if not is_rested or not drawing.happens(rng, _ASKED):
            continue
        asked[customer_id] = at
        row = _row(survey, rng, now=now, at=at, source=pk)
        if row is None:
            continue
        row.purchase_id, row.customer_id, row.store_id, row.guide_id = (
            pk, customer_id, store_id, guide_id
        )  # fmt: skip
        _fill(row, survey, rng, names=names, now=now)
        count += 1
        yield row


def _of_follow_ups(rng: Dice, *, names: Names, now: datetime) -> Iterator[Invitation]:
    found = declared.on("followup.done")
    if not found:
        return
    talks = Task.objects.filter(
        state=Task.State.DONE, outcome=Task.Outcome.REACHED, done_at__isnull=False
    ).order_by("done_at", "customer_id")
    columns = ("pk", "customer_id", "store_id", "done_by_id", "done_at")
    for pk, customer_id, store_id, guide_id, at in talks.values_list(*columns):
        if at is None or not drawing.happens(rng, _ASKED):
            continue
        row = _row(found[0], rng, now=now, at=at, source=pk)
        if row is not None:
            row.customer_id, row.store_id, row.guide_id = customer_id, store_id, guide_id
            _fill(row, found[0], rng, names=names, now=now)
            yield row


def _row(
    survey: Survey, rng: Dice, *, now: datetime, at: datetime, source: UUID
) -> Invitation | None:
    """Return an asking, or None if it would only come later."""
    counter = survey.starts in declared.AFTER_PURCHASE and drawing.happens(rng, _AT_THE_COUNTER)
    due = at if counter else inviting.due_at(survey, at, zone=context.current().zone)
    if due >= now:
        return None
    way = Invitation.Way.MESSAGE
    if counter:
        way = Invitation.Way.TABLET if drawing.happens(rng, 60) else Invitation.Way.RECEIPT
    return Invitation(
        survey=survey.key,
        trigger=survey.starts,
        source=source,
        key=inviting.key_of(survey.key, source),
        way=way,
        state=Invitation.State.ASKED,
        happened_at=at,
        due_at=due,
        asked_at=due,
        expires_at=due + asking.OPEN,
        language="zh-hans",
    )


def _fill(row: Invitation, survey: Survey, rng: Dice, *, names: Names, now: datetime) -> None:
    """Let some of them answer, within two days."""
    asked_at = row.asked_at or now
    at = asked_at + timedelta(minutes=rng.randint(2, 60 * 40))
    likely = 100 if row.way != Invitation.Way.MESSAGE else _ANSWERED
    if at >= now or not drawing.happens(rng, likely):
        return
    mood = 0.85 - 0.1 * (sum(names.get(row.guide_id, "").encode()) % 4)
    row.answers = _answers(survey, rng, mood=mood)
    row.unhappy = scales.is_unhappy(survey, row.answers)
    row.state, row.answered_at = Invitation.State.ANSWERED, at
    if row.unhappy:
        row.told_at = at + timedelta(minutes=5)
        if at < now - _FRESH:
            row.seen_at, row.seen_by_id = at + timedelta(hours=rng.randint(1, 20)), row.guide_id


def _answers(survey: Survey, rng: Dice, *, mood: float) -> dict[str, Any]:
    """Return answers that belong together: who is cross is so about most things."""
    is_cross = drawing.happens(rng, (1 - mood) * 55)
    said: dict[str, Any] = {}
    for place, field in enumerate(declared.questions(survey)):
        if place and drawing.happens(rng, 25):
            continue
        if field.kind == "rating":
            low, high = field.scale
            step = max(1, (high - low) // 4)
            drop = rng.choice((2, 3, 3, 4)) if is_cross else rng.choice((0, 0, 0, 1, 1, 2))
            said[field.key] = max(
                low, min(high, high - drop * step + (rng.randint(0, 1) * step) // 2)
            )
        elif field.kind == "boolean":
            said[field.key] = is_cross and drawing.happens(rng, 60)
        elif field.kind == "text" and drawing.happens(rng, 60 if is_cross else _SAYS):
            said[field.key] = rng.choice(_UNHAPPY if is_cross else _HAPPY)
    return said
