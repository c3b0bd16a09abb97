"""The complaints behind a figure, the last raised first and a page at a time."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from regulars.insights.selectors.complaints_asking import LATE, OPENED_DAY, Asked
from regulars.tenancy import statements

type Mark = tuple[datetime, UUID]

MOST_COUNTED: Final = 10_000
"""Rows up to which a page says exactly how many there are."""
_PORTION: Final = 2000
_COLUMNS: Final = f"""c.id, c.number, c.customer_id, c.store_id, c.owner_id, p.guide_id, c.template,
  c.title, c.severity, c.state, c.ended, c.cause, c.product_code, c.product_name, c.batch,
  c.satisfied, c.cost_minor, c.opened_at, {OPENED_DAY}, c.replied_at, c.resolved_at, {LATE}"""


@dataclass(frozen=True, slots=True)
class Row:
    """One complaint as a list of figures shows it; money in minor units."""

    id: UUID
    number: str
    customer_id: UUID | None
    store_id: UUID
    owner_id: UUID | None
    seller_id: UUID | None
    template: str
    title: str
    severity: str
    state: str
    ended: str
    cause: str
    product_code: str
    product_name: str
    batch: str
    satisfied: bool | None
    cost_minor: int
    opened_at: datetime
    day: date
    replied_at: datetime | None
    resolved_at: datetime | None
    is_late: bool

    @property
    def mark(self) -> Mark:
        """Where the next page begins."""
        return self.opened_at, self.id


def page(*, asked: Asked, after: Mark | None = None, limit: int = 50) -> list[Row]:
    """Return complaints. One statement: of each store as many as a page holds, then merged."""
    given: dict[str, object] = {**asked.given, "limit": limit}
    condition = ""
    if after is not None:
        given |= {"at": after[0], "id": after[1]}
        condition = " AND (c.opened_at, c.id) < (%(at)s::timestamptz, %(id)s::uuid)"
    rows = statements.every(
        f"""
WITH page AS MATERIALIZED (
  SELECT x.id, x.opened_at FROM stores_store s CROSS JOIN LATERAL (
    {asked.of_store("c.id, c.opened_at")}{condition}
    ORDER BY c.opened_at DESC, c.id DESC LIMIT %(limit)s) AS x
  WHERE s.id = ANY(%(stores)s::uuid[]) ORDER BY x.opened_at DESC, x.id DESC LIMIT %(limit)s
)
SELECT {_COLUMNS} FROM page JOIN complaints_case c ON c.id = page.id
JOIN stores_store s ON s.id = c.store_id LEFT JOIN purchases_purchase p ON p.id = c.purchase_id
ORDER BY page.opened_at DESC, page.id DESC""",
        given,
    )
    return [Row(*each) for each in rows]


def count(*, asked: Asked, most: int = MOST_COUNTED + 1) -> int:
    """Return how many there are, and no more than `most`. One statement."""
    sql = f"SELECT count(*) FROM ({asked.cases('c.id')} LIMIT %(most)s) AS x"
    row = statements.one(sql, {**asked.given, "most": most})
    return int(row[0]) if row else 0


def every(*, asked: Asked) -> Iterator[Row]:
    """Return all of them in portions, for a file."""
    after: Mark | None = None
    while found := page(asked=asked, after=after, limit=_PORTION):
        yield from found
        after = found[-1].mark
