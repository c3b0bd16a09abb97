"""Finding out every night who stays away longer than usual (V5).

What is counted, and why plainly by days, stands in docs/quiet-customers.md. A *visit* is a day with
a purchase that was not voided. A customer is a regular with `silence.visits` visits within the year
that ends with the last of them; they are quiet once they have been away `silence.patience` percent
of what is usual, and given up after six times that. What is usual is the longer of two: the
customer's own mean gap, drawn to the chain's by two gaps of it, and the chain's, which is the
median of its regulars' own. The drawn gap is also what a reason says and what is reckoned with:
three visits in one week are no rhythm of four days. What is missed is what one of their visits
brought, once for each such gap since the last.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from regulars import registry
from regulars.insights.models import Silence
from regulars.insights.selectors.quiet import LOST
from regulars.outbox import services as outbox
from regulars.tenancy import context, statements

_MEMORY: Final = "64MB"
_KNOWN: Final = 30  # regulars, below which a chain has no rhythm yet
_RULES: Final = {"known": _KNOWN, "drawn": 2, "year": 365, "least": 3, "lost": LOST, "news": 7}
# One pass over the purchases, in the order of their index of customers. A silence goes on until a
# visit ends it: who was noticed once is not noticed again because the chain's pace has changed.
# What became too long more than a week before it was first seen, and whatever the first night of
# all finds, is listed and is no news: an import's history starts no avalanche.
_REFRESH: Final = """
WITH visit AS (
  SELECT customer_id, business_day AS day FROM purchases_purchase
   WHERE customer_id IS NOT NULL AND business_day <= %(today)s::date
   GROUP BY customer_id, business_day HAVING sum(counts) > 0
), history AS (
  SELECT customer_id, count(*)::int AS visits, min(day) AS first_day, max(day) AS last_day,
    (array_agg(day ORDER BY day))[count(*) - %(visits)s::int + 1] AS regular_since
  FROM visit GROUP BY customer_id HAVING count(*) >= %(visits)s::int
), pace AS (
  SELECT percentile_cont(0.5) WITHIN GROUP (
    ORDER BY (last_day - first_day)::float8 / (visits - 1)) AS days
  FROM history HAVING count(*) >= %(known)s::int
), usual AS (
  SELECT h.*, p.days AS pace,
    (%(drawn)s::int * p.days + (last_day - first_day)) / (%(drawn)s::int + visits - 1) AS typical
  FROM history h, pace p WHERE regular_since >= last_day - %(year)s::int
), judged AS (
  SELECT u.*, %(today)s::date - last_day AS away, greatest(%(least)s::int,
    ceil(%(patience)s::int * greatest(pace, typical) / 100))::int AS after
  FROM usual u
), quiet AS MATERIALIZED (
  SELECT j.*, s.paid_minor / (j.visits * j.typical) AS daily
  FROM judged j
  JOIN customers_customer c ON c.id = j.customer_id AND c.state = 'active'
  JOIN purchases_standing s ON s.customer_id = j.customer_id AND s.paid_minor > 0
  LEFT JOIN insights_silence q ON q.customer_id = j.customer_id
  WHERE j.away <= %(lost)s::int * j.after AND (j.away >= j.after OR q.last_day >= j.last_day)
), ended AS (
  DELETE FROM insights_silence q
   WHERE NOT EXISTS (SELECT FROM quiet WHERE quiet.customer_id = q.customer_id)
)
INSERT INTO insights_silence AS q (
  customer_id, last_day, usual_days, due_on, noticed_on, weekly_minor, missed_minor)
SELECT customer_id, last_day, greatest(1, round(typical))::int, last_day + after,
  CASE WHEN last_day + after <= %(today)s::date - %(news)s::int
    OR NOT EXISTS (SELECT FROM insights_silence) THEN last_day + after ELSE %(today)s::date END,
  round(daily * 7)::bigint, round(daily * away)::bigint
FROM quiet
ON CONFLICT (customer_id) DO UPDATE SET
  last_day = excluded.last_day, usual_days = excluded.usual_days, due_on = excluded.due_on,
  noticed_on = CASE WHEN excluded.last_day < q.noticed_on THEN q.noticed_on
    ELSE excluded.noticed_on END,
  weekly_minor = excluded.weekly_minor, missed_minor = excluded.missed_minor"""


@transaction.atomic
def refresh(*, now: datetime) -> None:
    """Make the list anew from what is known this morning. Repeating it changes nothing.

    Late receipts, returns, voids and merges are taken in with it. One at a time in a chain.
    """
    today = now.astimezone(context.current().zone).date()
    own = {name: registry.policy(f"silence.{name}") for name in ("visits", "patience")}
    with outbox.in_order("insights.silences"):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL work_mem = '{_MEMORY}'")
        statements.run(_REFRESH, {"today": today, **own, **_RULES})


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Let the kept customer's silence stand; the absorbed one's is theirs if they had none.

    So what was noticed of one of them is not noticed again of the other.
    """
    mine = Silence.objects.filter(pk=absorbed_id)
    if not Silence.objects.filter(pk=kept_id).exists():
        mine.update(customer_id=kept_id)
    else:
        mine.delete()
    return {}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Leave it to the next night, which finds both as they are then."""


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Forget that the customer was missed."""
    Silence.objects.filter(pk=customer_id).delete()


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return what the list says of a customer."""
    return [
        {
            "last_day": _text(row.last_day),
            "usual_days": row.usual_days,
            "noticed_on": _text(row.noticed_on),
            "weekly_minor": row.weekly_minor,
        }
        for row in Silence.objects.filter(pk=customer_id)
    ]


def _text(day: date) -> str:
    return day.isoformat()
