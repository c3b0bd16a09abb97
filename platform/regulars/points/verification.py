"""Whether the books add up: every invariant of the ledger as one query that should find nothing.

The purchases behind the points are looked at as well, and whatever else is kept of both: a domain
above adds its own question with ``@verification.check("name")``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from regulars.purchases import verification as facts
from regulars.tenancy import statements

MOST_FINDINGS: Final = 1_000
type Question = Callable[[], Iterable[tuple[UUID, str]]]

CHECKS: Final[dict[str, str]] = {
    "legs-do-not-sum-to-zero": """
        SELECT posting_id, unit || ' ' || sum(amount) FROM points_leg
        GROUP BY posting_id, unit HAVING sum(amount) <> 0""",
    "leg-without-posting": """
        SELECT l.id, l.posting_id::text FROM points_leg l
        WHERE NOT EXISTS (SELECT FROM points_posting p WHERE p.id = l.posting_id)""",
    "leg-of-another-unit": """
        SELECT l.id, l.unit || ' in ' || a.unit FROM points_leg l
        JOIN points_posting p ON p.id = l.posting_id JOIN points_account a ON a.id = p.account_id
        WHERE l.unit <> a.unit OR p.unit <> a.unit""",
    "leg-without-its-place": """
        SELECT id, side FROM points_leg WHERE (side = 'lot') <> (lot_id IS NOT NULL)""",
    "posting-without-account": """
        SELECT p.id, p.account_id::text FROM points_posting p
        WHERE NOT EXISTS (SELECT FROM points_account a WHERE a.id = p.account_id)""",
    "posting-differs-from-legs": """
        SELECT p.id, p.amount || ' <> ' || coalesce(sum(l.amount), 0) FROM points_posting p
        LEFT JOIN points_leg l ON l.posting_id = p.id AND l.side IN ('lot', 'debt')
        GROUP BY p.id HAVING p.amount <> coalesce(sum(l.amount), 0)""",
    "posting-in-the-wrong-direction": """
        SELECT id, verb || ' ' || amount FROM points_posting
        WHERE verb IN ('award', 'give-back', 'opening') AND amount < 0
          OR verb IN ('spend', 'take-back', 'expire') AND amount > 0""",
    "account-differs-from-lots": """
        SELECT a.id, a.available || ' <> ' || coalesce(sum(l.remaining), 0) FROM points_account a
        LEFT JOIN points_lot l ON l.account_id = a.id
        GROUP BY a.id HAVING a.available <> coalesce(sum(l.remaining), 0)""",
    "account-differs-from-postings": """
        SELECT a.id, a.available - a.debt || ' <> ' || coalesce(sum(p.amount), 0)
        FROM points_account a LEFT JOIN points_posting p ON p.account_id = a.id
        GROUP BY a.id HAVING a.available - a.debt <> coalesce(sum(p.amount), 0)""",
    "account-differs-from-debts": """
        SELECT a.id, a.debt || ' <> ' || coalesce(-sum(l.amount), 0) FROM points_account a
        LEFT JOIN points_posting p ON p.account_id = a.id
        LEFT JOIN points_leg l ON l.posting_id = p.id AND l.side = 'debt'
        GROUP BY a.id HAVING a.debt <> coalesce(-sum(l.amount), 0)""",
    "account-below-zero": """
        SELECT id, available || ', ' || debt FROM points_account
        WHERE available < 0 OR debt < 0""",
    "account-of-nobody": """
        SELECT a.id, a.customer_id::text FROM points_account a
        LEFT JOIN customers_customer c ON c.id = a.customer_id
        WHERE c.id IS NULL OR c.state <> 'active' AND (a.available <> 0 OR a.debt <> 0)""",
    "lot-differs-from-legs": """
        SELECT t.id, t.remaining || ' <> ' || coalesce(sum(l.amount), 0) FROM points_lot t
        LEFT JOIN points_leg l ON l.lot_id = t.id
        GROUP BY t.id HAVING t.remaining <> coalesce(sum(l.amount), 0)""",
    "lot-out-of-bounds": """
        SELECT id, remaining || ' + ' || expired || ' of ' || amount FROM points_lot
        WHERE remaining < 0 OR expired < 0 OR remaining + expired > amount""",
    "lot-expired-otherwise": """
        SELECT t.id, t.expired || ' <> ' || coalesce(-sum(l.amount), 0) FROM points_lot t
        LEFT JOIN (points_leg l JOIN points_posting p ON p.id = l.posting_id
          AND p.verb = 'expire') ON l.lot_id = t.id
        GROUP BY t.id HAVING t.expired <> coalesce(-sum(l.amount), 0)""",
    "lot-without-account": """
        SELECT t.id, t.account_id::text FROM points_lot t
        WHERE NOT EXISTS (SELECT FROM points_account a WHERE a.id = t.account_id)
           OR NOT EXISTS (SELECT FROM points_posting p WHERE p.id = t.posting_id)""",
    "leg-without-lot": """
        SELECT l.id, l.lot_id::text FROM points_leg l WHERE l.lot_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM points_lot t WHERE t.id = l.lot_id)""",
    "awarded-twice": """
        SELECT purchase_id, count(*) || ' awards' FROM points_posting
        WHERE verb = 'award' AND purchase_id IS NOT NULL
        GROUP BY purchase_id HAVING count(*) > 1""",
    "more-taken-back-than-earned": """
        SELECT purchase_id, sum(amount)::text FROM points_posting
        WHERE verb IN ('award', 'take-back') AND purchase_id IS NOT NULL
        GROUP BY purchase_id HAVING sum(amount) < 0""",
    "more-given-back-than-spent": """
        SELECT purchase_id, sum(amount)::text FROM points_posting
        WHERE verb IN ('spend', 'give-back') AND purchase_id IS NOT NULL
        GROUP BY purchase_id HAVING sum(amount) > 0""",
    "posting-of-no-purchase": """
        SELECT p.id, p.purchase_id::text FROM points_posting p WHERE p.purchase_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM purchases_purchase f WHERE f.id = p.purchase_id)""",
    "balance-differs-from-the-entries-before": """
        SELECT id, balance || ' <> ' || running FROM (
          SELECT id, balance, sum(amount) OVER (PARTITION BY account_id ORDER BY id) AS running
          FROM points_posting) AS p
        WHERE balance <> running""",
    "posting-without-legs": """
        SELECT p.id, p.verb || ' ' || p.amount FROM points_posting p WHERE p.amount <> 0
          AND NOT EXISTS (SELECT FROM points_leg l WHERE l.posting_id = p.id)""",
    "key-posted-twice": """
        SELECT (array_agg(id))[1], key FROM points_posting GROUP BY key HAVING count(*) > 1""",
    "award-differs-from-its-reasons": """
        SELECT p.id, p.amount || ' <> ' || t.told FROM points_posting p, LATERAL (
          SELECT sum((r ->> 'points')::bigint) AS told FROM jsonb_array_elements(p.reasons) AS r
        ) AS t WHERE p.verb = 'award' AND p.purchase_id IS NOT NULL AND t.told <> p.amount""",
    # Whoever was merged with somebody once may hold what the other one bought.
    "award-of-another-customer": """
        SELECT p.id, a.customer_id || ' <> ' || f.customer_id FROM points_posting p
        JOIN points_account a ON a.id = p.account_id
        JOIN purchases_purchase f ON f.id = p.purchase_id
        WHERE a.customer_id <> f.customer_id AND NOT EXISTS (
          SELECT FROM audit_entry e WHERE e.object_id = a.customer_id
            AND e.action = 'customer.merged'
        ) AND NOT EXISTS (
          SELECT FROM points_posting t WHERE t.account_id = a.id AND t.verb = 'transfer')""",
    "lot-used-after-its-end": """
        SELECT t.id, p.verb || ' at ' || p.occurred_at || ', ended ' || t.expires_at
        FROM points_lot t JOIN points_leg l ON l.lot_id = t.id AND l.amount < 0
        JOIN points_posting p ON p.id = l.posting_id AND p.verb IN ('spend', 'take-back')
        WHERE p.occurred_at >= t.expires_at""",
    **facts.CHECKS,
}

# Asked only by those who say what time it is. The nightly run may have been missed once.
OVERDUE: Final = "lot-still-open-after-its-end"
_OVERDUE: Final = """
SELECT id, remaining || ' of ' || amount || ', ended ' || expires_at FROM points_lot
WHERE remaining > 0 AND expires_at < %s::timestamptz - interval '2 days'"""

_more: dict[str, Question] = {}


def check(name: str) -> Callable[[Question], Question]:
    """Have `findings` ask this as well: the rows that should not be, as (id, what disagrees)."""

    def register(question: Question) -> Question:
        _more[name] = question
        return question

    return register


def names() -> list[str]:
    """Return the name of every check."""
    return [*CHECKS, OVERDUE, *_more]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that must not be: which check, of which row, and the numbers that disagree."""

    check: str
    object_id: UUID
    detail: str

    def __str__(self) -> str:
        return f"{self.check} {self.object_id}: {self.detail}"


def findings(
    *,
    now: datetime | None = None,
    with_others: bool = True,
    tell: Callable[[str], None] = lambda check: None,
) -> list[Finding]:
    """Run every check over the whole ledger of the chain; nothing found is an empty list.

    `tell` hears of each check that is through. A check stops at MOST_FINDINGS rows. Each is one
    statement and sees one state of the books, so that it may run while tills write. Without `now`
    nothing is said of lots that should have run out; `with_others` asks what other domains added.
    """
    found = []
    for name, sql in CHECKS.items():
        rows = statements.every(f"{sql} LIMIT {MOST_FINDINGS}")
        found += [Finding(check=name, object_id=row[0], detail=row[1]) for row in rows]
        tell(name)
    if now is not None:
        rows = statements.every(f"{_OVERDUE} LIMIT {MOST_FINDINGS}", (now,))
        found += [Finding(check=OVERDUE, object_id=row[0], detail=row[1]) for row in rows]
    tell(OVERDUE)
    for name, question in _more.items() if with_others else ():
        asked = islice(question(), MOST_FINDINGS)
        found += [Finding(check=name, object_id=key, detail=detail) for key, detail in asked]
        tell(name)
    return found
