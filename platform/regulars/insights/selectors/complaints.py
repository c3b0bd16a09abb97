"""What is complained about (Q8): by store, kind, cause, product, batch, who sold it, and time.

Counted from the complaints themselves, in one statement; another one counts the purchases that
some of it can be held against. Money in minor units.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from regulars.insights.periods import Days, Step, steps
from regulars.insights.rates import Rate, differing
from regulars.insights.selectors.care import time_step
from regulars.insights.selectors.complaints_asking import (
    CAUSE,
    LATE,
    OPENED_DAY,
    PRODUCT,
    REOPENED,
    SECOND_ROUND,
    Asked,
)
from regulars.insights.shares import Share
from regulars.tenancy import statements

type By = Literal[
    "all", "store", "kind", "cause", "product", "batch", "seller", "severity", "raised", "time",
    "store-cause",
]  # fmt: skip

MOST_PRODUCTS: Final = 50
MOST_PARTS: Final = 500
"""Parts of a split that are kept, those with most complaints; of stores and times all."""
_GROUPED: Final = (
    "store_id", "template", "cause", "product", "batch", "seller_id", "severity", "raised",
    "first_day",
)  # fmt: skip
_SETS: Final[Mapping[By, tuple[str, ...]]] = {
    "all": (),
    "store": ("store_id",),
    "kind": ("template",),
    "cause": ("cause",),
    "product": ("product",),
    "batch": ("product", "batch"),
    "seller": ("seller_id",),
    "severity": ("severity",),
    "raised": ("raised",),
    "time": ("first_day",),
    "store-cause": ("store_id", "cause"),
}
_SPLIT: Final = f"""
, timed AS (
  SELECT w.*, a.first_day FROM w
  JOIN unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS a(first_day, last_day)
    ON w.day BETWEEN a.first_day AND a.last_day
)
SELECT GROUPING({", ".join(_GROUPED)}), store_id::text, template, cause, product, batch,
  seller_id::text, severity, raised, first_day, max(product_name), count(*),
  count(*) FILTER (WHERE is_settled), count(*) FILTER (WHERE is_late),
  count(*) FILTER (WHERE is_reopened), count(*) FILTER (WHERE is_second),
  count(satisfied), count(*) FILTER (WHERE satisfied), coalesce(sum(cost_minor), 0)::bigint,
  count(*) FILTER (WHERE cost_minor > 0)
FROM timed
GROUP BY GROUPING SETS ({", ".join(f"({', '.join(each)})" for each in _SETS.values())})"""
_COLUMNS: Final = f"""c.store_id, c.template, {CAUSE} AS cause, {PRODUCT} AS product,
  c.product_name, c.batch, p.guide_id AS seller_id, c.severity, c.raised, {OPENED_DAY} AS day,
  c.resolved_at IS NOT NULL AS is_settled, {LATE} AS is_late, {REOPENED} AS is_reopened,
  {SECOND_ROUND} AS is_second, c.satisfied, c.cost_minor"""
# Sales that were not voided, in one pass: by store, by who sold, and by step of time.
_SOLD: Final = """
WITH sold AS (
  SELECT q.store_id, q.guide_id, a.first_day FROM purchases_purchase q
  JOIN unnest(%(step_firsts)s::date[], %(step_lasts)s::date[]) AS a(first_day, last_day)
    ON q.business_day BETWEEN a.first_day AND a.last_day
  WHERE q.store_id = ANY(%(stores)s::uuid[]) AND q.business_day BETWEEN %(first)s AND %(last)s
    AND q.kind = 'sale' AND NOT EXISTS (
      SELECT FROM purchases_purchase v WHERE v.original_id = q.id AND v.kind = 'void')
)
SELECT GROUPING(store_id, guide_id, first_day), store_id::text, guide_id::text, first_day, count(*)
FROM sold GROUP BY GROUPING SETS ((store_id), (guide_id), (first_day), ())"""
_SOLD_OF: Final = """
SELECT x.product, count(DISTINCT q.id)
FROM purchases_purchase q JOIN purchases_line l ON l.purchase_id = q.id
CROSS JOIN LATERAL (SELECT l.product_code AS product UNION SELECT l.product_name) AS x
WHERE q.store_id = ANY(%(stores)s::uuid[]) AND q.business_day BETWEEN %(first)s AND %(last)s
  AND q.kind = 'sale' AND x.product = ANY(%(products)s::text[])
  AND (l.product_code = ANY(%(products)s::text[]) OR l.product_name = ANY(%(products)s::text[]))
  AND NOT EXISTS (
    SELECT FROM purchases_purchase v WHERE v.original_id = q.id AND v.kind = 'void')
GROUP BY 1"""

_HAPPENED: Final = """
SELECT count(*) FROM (SELECT FROM purchases_purchase q
  WHERE q.store_id = ANY(%(stores)s::uuid[]) AND q.business_day BETWEEN %(first)s AND %(last)s
  LIMIT %(most)s) AS x"""


class Counted(NamedTuple):
    """What is counted of some complaints."""

    cases: int = 0
    settled: int = 0
    late: int = 0
    reopened: int = 0
    second_rounds: int = 0
    judged: int = 0
    satisfied: int = 0
    cost_minor: int = 0
    costly: int = 0

    @property
    def late_share(self) -> Share:
        """Those that were or are late to be settled, of all."""
        return Share(self.late, self.cases)

    @property
    def satisfied_share(self) -> Share:
        """Satisfied at the end, of those who said."""
        return Share(self.satisfied, self.judged)

    @property
    def reopened_share(self) -> Share:
        """Opened again after they were closed, of all."""
        return Share(self.reopened, self.cases)

    @property
    def second_share(self) -> Share:
        """Those that needed a second round, of all."""
        return Share(self.second_rounds, self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a split: by what (one key, or two), its figures, and what it is held against.

    `sold` is None where purchases mean nothing; `differs` says above (1) or below (−1) the rest.
    """

    keys: tuple[str, ...]
    counted: Counted
    name: str = ""
    sold: int | None = None
    differs: int = 0

    @property
    def rate(self) -> Rate | None:
        """Complaints per 1,000 purchases."""
        return None if self.sold is None else Rate(self.counted.cases, self.sold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Complaints of a place and period in every way they are split."""

    total: Counted
    sold: int
    step: Step
    parts: Mapping[By, Sequence[Part]] = field(default_factory=dict)

    @property
    def rate(self) -> Rate:
        """All complaints per 1,000 purchases."""
        return Rate(self.total.cases, self.sold)

    def of(self, by: By) -> Sequence[Part]:
        """Return the parts of a kind, those with most complaints first; of time: as they come."""
        return self.parts.get(by, ())


def of_place(*, asked: Asked) -> Splits:
    """Return what was complained about. Three statements, of which two pass over the purchases."""
    step = time_step(asked.days)
    parts = steps(asked.days, step)
    given = {
        **asked.given,
        "step_firsts": [each.first for each in parts],
        "step_lasts": [each.last for each in parts],
    }
    sql = f"WITH w AS MATERIALIZED ({asked.cases(_COLUMNS)}){_SPLIT}"
    found = _by_kind(statements.every(sql, given))
    sales = _sold(given)
    products = [keys[0] for keys, *_rest in _first(found["product"]) if keys[0]]
    sales |= {
        ("product", key): n
        for key, n in statements.every(_SOLD_OF, {**given, "products": products})
    } if products else {}  # fmt: skip
    total = found["all"][0][1] if found["all"] else Counted()
    return Splits(
        total=total,
        sold=sales.get(("all", ""), 0),
        step=step,
        parts={by: _parts(by, rows, sales, parts) for by, rows in found.items() if by != "all"},
    )


def sold(*, asked: Asked, most: int) -> int:
    """Return how much happened at the tills of a place and period, and no more than `most`."""
    row = statements.one(_HAPPENED, {**asked.given, "most": most})
    return int(row[0]) if row else 0


type _Row = tuple[tuple[str, ...], Counted, str]


def _by_kind(rows: Sequence[tuple[Any, ...]]) -> dict[By, list[_Row]]:
    bits = {
        sum(1 << (len(_GROUPED) - 1 - n) for n, name in enumerate(_GROUPED) if name not in names):
        (by, [_GROUPED.index(name) for name in names])
        for by, names in _SETS.items()
    }  # fmt: skip
    found: dict[By, list[_Row]] = defaultdict(list)
    for grouping, *columns in rows:
        by, places = bits[grouping]
        keys = tuple(_as_key(columns[n]) for n in places)
        name = columns[len(_GROUPED)] or ""
        found[by].append((keys, Counted(*columns[len(_GROUPED) + 1 :]), name))
    return found


def _as_key(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""


def _first(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows with most complaints, of products as many as are held against sales."""
    return sorted(rows, key=lambda row: (-row[1].cases, row[0]))[:MOST_PRODUCTS]


def _sold(given: Mapping[str, object]) -> dict[tuple[str, str], int]:
    names = {3: "store", 5: "seller", 6: "time", 7: "all"}
    found: dict[tuple[str, str], int] = {}
    for bits, store, guide, first_day, n in statements.every(_SOLD, given):
        key = {3: store, 5: guide, 6: first_day}.get(bits)
        found[names[bits], _as_key(key)] = n
    return found


def _parts(
    by: By, rows: Sequence[_Row], sold: Mapping[tuple[str, str], int], times: Sequence[Days]
) -> list[Part]:
    if by == "time":
        known = {keys[0]: counted for keys, counted, _name in rows}
        days = [each.first.isoformat() for each in times]
        return [
            Part(keys=(day,), counted=known.get(day, Counted()), sold=sold.get((by, day), 0))
            for day in days
        ]
    if by == "batch":
        rows = [row for row in rows if row[0][1]]
    ordered = _ordered(by, rows)
    made = [
        Part(
            keys=keys,
            counted=counted,
            name=name if by in ("product", "batch") else "",
            sold=sold.get((by, keys[0]), 0) if _has_sales(by, keys) else None,
        )
        for keys, counted, name in (ordered if by in ("store", "seller") else ordered[:MOST_PARTS])
    ]
    return _compared(by, made, sold)


def _ordered(by: By, rows: Sequence[_Row]) -> list[_Row]:
    if by == "store-cause":
        return sorted(rows, key=lambda row: (-row[1].cost_minor, -row[1].cases, row[0]))
    return sorted(rows, key=lambda row: (-row[1].cases, row[0]))


def _has_sales(by: By, keys: tuple[str, ...]) -> bool:
    return by in ("store", "seller", "product") and bool(keys[0])


def _compared(by: By, parts: Sequence[Part], sold: Mapping[tuple[str, str], int]) -> list[Part]:
    """Say of stores and sellers who truly differs from the rest, those without complaints too."""
    if by not in ("store", "seller"):
        return list(parts)
    known = {each.keys[0] for each in parts}
    others = [
        Rate(0, n) for (kind, key), n in sold.items() if kind == by and key and key not in known
    ]
    rated = [each for each in parts if each.sold]
    told = differing([*(Rate(each.counted.cases, each.sold or 0) for each in rated), *others])
    side = {each.keys: told[n] for n, each in enumerate(rated)}
    return [
        Part(
            keys=each.keys, counted=each.counted, name=each.name, sold=each.sold,
            differs=side.get(each.keys, 0),
        )
        for each in parts
    ]  # fmt: skip
