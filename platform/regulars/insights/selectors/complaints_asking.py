"""Which complaints figures are about, as SQL; and what narrows the rows behind one of them."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from regulars.insights.periods import Days
from regulars.insights.places import Place

OPENED_DAY: Final = "(c.opened_at AT TIME ZONE s.time_zone)::date"
PRODUCT: Final = "CASE WHEN c.product_code <> '' THEN c.product_code ELSE c.product_name END"
CAUSE: Final = "lower(btrim(c.cause))"
# What is no complaint at all, and what stands there twice, counts nowhere.
REAL: Final = "c.ended NOT IN ('spam', 'duplicate')"
# Settled, or standing still, or still going on after it had to be settled: `complaints.timing`
# moves `resolve_due_at` by every pause.
LATE: Final = (
    "coalesce(c.resolve_due_at < coalesce(c.resolved_at, c.paused_at, %(now)s::timestamptz), false)"
)
REOPENED: Final = """(c.round > 1 AND EXISTS (
    SELECT FROM complaints_entry e WHERE e.case_id = c.id AND e.kind = 'reopened'))"""
SECOND_ROUND: Final = """(c.round > 1 AND EXISTS (
    SELECT FROM complaints_entry e WHERE e.case_id = c.id AND e.kind = 'unsatisfied'))"""
MARKS: Final[Mapping[str, str]] = {
    "settled": "c.resolved_at IS NOT NULL",
    "open": "c.state <> 'closed'",
    "late": LATE,
    "waiting": "c.replied_at IS NULL AND c.state <> 'closed'",
    "reopened": REOPENED,
    "second-round": SECOND_ROUND,
    "judged": "c.satisfied IS NOT NULL",
    "satisfied": "c.satisfied",
    "unsatisfied": "NOT c.satisfied",
    "cost": "c.cost_minor > 0",
    "again": """(c.customer_id IS NOT NULL AND EXISTS (
    SELECT FROM complaints_case o WHERE o.customer_id = c.customer_id AND o.id <> c.id
      AND o.opened_at >= %(from)s AND o.opened_at < c.opened_at
      AND o.ended NOT IN ('spam', 'duplicate')))""",
}
"""What rows can be narrowed to: a part of a figure."""
BY_LIST: Final = ("late-reply",)
"""What no condition of SQL says: the complaints are those a lesson names."""
NOTHING: Final = "-"
"""What stands for an empty cause, product or batch in an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Complaints raised in a period in the stores of a place.

    `seller_id` is the guide who sold what it is about; `NOTHING` as cause, product or batch keeps
    those that have none. `mark` is a key of `MARKS`; `chosen` keeps the complaints of a list.
    """

    place: Place
    days: Days
    now: datetime
    kind: str = ""
    cause: str = ""
    product: str = ""
    batch: str = ""
    severity: str = ""
    raised: str = ""
    seller_id: UUID | None = None
    customer_id: UUID | None = None
    mark: str = ""
    chosen: tuple[UUID, ...] | None = None

    def over(self, days: Days) -> "Asked":
        """Return the same of another period."""
        return replace(self, days=days)

    def cases(self, columns: str) -> str:
        """Return the query of these complaints: ``c``, their store ``s``, their purchase ``p``."""
        return f"""
SELECT {columns} FROM complaints_case c JOIN stores_store s ON s.id = c.store_id
LEFT JOIN purchases_purchase p ON p.id = c.purchase_id
WHERE c.store_id = ANY(%(stores)s::uuid[]) AND c.opened_at >= %(from)s AND c.opened_at < %(until)s
  AND {OPENED_DAY} BETWEEN %(first)s AND %(last)s AND {REAL}{self._narrowed()}"""

    def of_store(self, columns: str) -> str:
        """Return the query of these complaints in one store ``s``, in the order of its index."""
        sold = (
            "LEFT JOIN purchases_purchase p ON p.id = c.purchase_id "
            if self.seller_id is not None
            else ""
        )
        return f"""
SELECT {columns} FROM complaints_case c {sold}
WHERE c.store_id = s.id AND c.opened_at >= %(from)s AND c.opened_at < %(until)s
  AND {OPENED_DAY} BETWEEN %(first)s AND %(last)s AND {REAL}{self._narrowed()}"""

    @property
    def given(self) -> dict[str, object]:
        """The parameters; `from` and `until` are a day wider than any zone."""
        wide = timedelta(days=1)
        return {
            "stores": list(self.place.store_ids),
            "first": self.days.first,
            "last": self.days.last,
            "from": datetime.combine(self.days.first, time(), UTC) - wide,
            "until": datetime.combine(self.days.last, time(), UTC) + 2 * wide,
            "now": self.now,
            "kind": "" if self.kind == NOTHING else self.kind,
            "cause": "" if self.cause == NOTHING else self.cause.strip().lower(),
            "product": "" if self.product == NOTHING else self.product,
            "batch": "" if self.batch == NOTHING else self.batch,
            "severity": self.severity,
            "raised": self.raised,
            "seller": self.seller_id,
            "customer": self.customer_id,
            "chosen": list(self.chosen or ()),
        }

    def _narrowed(self) -> str:
        parts = [
            (bool(self.kind), "c.template = %(kind)s"),
            (bool(self.cause), f"{CAUSE} = %(cause)s"),
            (bool(self.product), f"{PRODUCT} = %(product)s"),
            (bool(self.batch), "c.batch = %(batch)s"),
            (bool(self.severity), "c.severity = %(severity)s"),
            (bool(self.raised), "c.raised = %(raised)s"),
            (self.seller_id is not None, "p.guide_id = %(seller)s::uuid"),
            (self.customer_id is not None, "c.customer_id = %(customer)s::uuid"),
            (self.chosen is not None, "c.id = ANY(%(chosen)s::uuid[])"),
            (self.mark in MARKS, MARKS.get(self.mark, "")),
        ]
        return "".join(f" AND {sql}" for is_asked, sql in parts if is_asked)
