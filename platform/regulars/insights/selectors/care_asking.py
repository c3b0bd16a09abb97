"""Which finished follow-ups results are about, as SQL; and what was answered in them."""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.insights import questions
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.insights.questions import Question
from regulars.tenancy import context

# The day in the store's own zone; what no store did is the chain's.
DONE_DAY: Final = "(t.done_at AT TIME ZONE coalesce(s.time_zone, %(zone)s))::date"
# What one task is about: the goods of its purchase, or those a possession came from.
GOODS: Final = """
  SELECT l.category, l.product_name FROM purchases_line l WHERE l.purchase_id = {task}.source
  UNION
  SELECT l.category, l.product_name FROM customers_possession p
    JOIN purchases_line l ON l.id = p.line_id WHERE p.id = {task}.source"""
# The words of an answer: of a list each one, of anything else itself.
WORDS: Final = """
  SELECT {value} #>> '{{}}' AS word WHERE jsonb_typeof({value}) <> 'array'
  UNION ALL
  SELECT DISTINCT jsonb_array_elements_text({value}) WHERE jsonb_typeof({value}) = 'array'"""
IS_GIVEN: Final = "{value} <> ALL (ARRAY['null', '\"\"', '[]']::jsonb[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Follow-ups finished in a period, of the stores of a place.

    `with_rest` takes in those that belong to no store. `guide_id` is who talked to the customer;
    `category` and `product` are of the goods it was about.
    """

    place: Place
    days: Days
    with_rest: bool = False
    plan: str = ""
    guide_id: UUID | None = None
    category: str = ""
    product: str = ""

    def done(self, columns: str) -> str:
        """Return the query of these follow-ups as ``t`` (store ``s``), with its parameters named.

        Never merged with what is around it: that decides on the columns of each row.
        """
        return f"""
SELECT {columns} FROM followups_task t LEFT JOIN stores_store s ON s.id = t.store_id
WHERE t.state = 'done' AND t.done_at >= %(from)s AND t.done_at < %(until)s
  AND {DONE_DAY} BETWEEN %(first)s AND %(last)s AND {self.here}{self._narrowed()}"""

    @property
    def here(self) -> str:
        """The condition on the store of a task ``t``."""
        here = "t.store_id = ANY(%(stores)s::uuid[])"
        return f"({here} OR t.store_id IS NULL)" if self.with_rest else here

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
            "zone": context.current().time_zone,
            "plan": self.plan,
            "guide": self.guide_id,
            "category": self.category,
            "product": self.product,
        }

    def _narrowed(self) -> str:
        parts = ""
        if self.plan:
            parts += " AND t.plan = %(plan)s"
        if self.guide_id:
            parts += " AND t.done_by_id = %(guide)s::uuid"
        goods = [f"g.{name} = %({key})s" for name, key, value in self._goods() if value]
        if goods:
            about = GOODS.format(task="t")
            parts += f" AND EXISTS (SELECT FROM ({about}) g WHERE {' AND '.join(goods)})"
        return parts

    def _goods(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("category", "category", self.category),
            ("product_name", "product", self.product),
        )


def answer_of(question: Question) -> tuple[str, str]:
    """Return the SQL of a question's answer in a task ``t``, and the condition that it has one."""
    if question.key == questions.SATISFACTION and not question.plan:
        return "to_jsonb(t.satisfaction)", "t.satisfaction IS NOT NULL"
    value = "(t.answers -> %(key)s::text)"
    given = f"t.answers ? %(key)s::text AND {IS_GIVEN.format(value=value)}"
    if question.plan:
        return value, f"t.plan = %(of_plan)s AND t.step = %(of_step)s AND {given}"
    # A plan's own question of that name is another one.
    own = "(t.plan, t.step) IN (SELECT * FROM unnest(%(own_plans)s::text[], %(own_steps)s::text[]))"
    return value, f"{given} AND NOT {own}"


def named(question: Question) -> Mapping[str, Any]:
    """Return the parameters of `answer_of`."""
    own = [
        (each.plan, each.step)
        for each in questions.declared(registry.vertical()).values()
        if each.key == question.key
    ]
    return {
        "key": question.key,
        "of_plan": question.plan,
        "of_step": question.step,
        "own_plans": [plan for plan, _step in own],
        "own_steps": [step for _plan, step in own],
    }
