"""A card reads its own follow-ups and messages, not those of the chain: counted in rows."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection

from regulars import audit
from regulars.insights.periods import Days
from regulars.insights.selectors import mapping, scorecard, scorecard_rows
from regulars.insights.selectors.scorecard import Whose
from regulars.staff.models import Staff
from tests.benchmarks import filling
from tests.insights.conftest import NOW, World

DAYS = Days(date(2026, 8, 23), date(2026, 11, 20))
TASKS = 20_000  # of two years
GUIDES = 20
_CUSTOMERS = """
INSERT INTO customers_customer (state, name, pinyin, initials, tokens, member_code, gender,
  age_band, email, address, language, time_zone, profile, extra, home_store_id, owner_id)
SELECT 'active', '', '', '', '{}', 'C' || n, '', '', '', '{}', '', '', '{}', '{}',
  (%(stores)s::uuid[])[1 + n %% 4], (%(guides)s::uuid[])[1 + n %% 20]
FROM generate_series(1, 2000) AS n"""
_TASKS = """
INSERT INTO followups_task (customer_id, plan, step, key, title, purpose, "do", source_kind, facts,
  since, started_on, due_on, expires_on, state, why, owner_id, store_id, satisfaction, done_at,
  answers, outcome, next_step, note)
SELECT c.id, 'birthday', 'greet', n::text, '', 'care', 'call', 'customer.birthday', '{}', d, d, d,
  d + 30, CASE WHEN n %% 5 = 0 THEN 'skipped' ELSE 'done' END, '', c.owner_id, c.home_store_id,
  CASE WHEN n %% 5 > 2 THEN 1 + n %% 5 END, d + interval '1 day', '{}', '', '', ''
FROM (SELECT n, '2024-11-25'::date + (n * 720 / %(tasks)s) AS d, 'C' || (1 + n %% 2000) AS code
  FROM generate_series(1, %(tasks)s) AS n) AS due
JOIN customers_customer c ON c.member_code = due.code"""
_MESSAGES = """
INSERT INTO messaging_contact (customer_id, direction, purpose, channel, state, at, facts, text,
  flagged, tier, occasion, template, source, address, subject, language, provider, attempts, fault)
SELECT id, 'in', 'service', 'wechat', 'received', '2026-10-01 04:00Z'::timestamptz, '{}', 'Hello',
  false, '', '', '', '', '', '', '', '', 0, ''
FROM customers_customer WHERE member_code LIKE 'C%'"""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a plan and everything below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def looked_at(work: Callable[[], object], table: str) -> float:
    """Return how many rows of a table the statements of some work looked at."""
    asked: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(listen):
        work()
    rows = 0.0
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
            answer = cursor.fetchone()[0]
            (found,) = json.loads(answer) if isinstance(answer, str) else answer
            rows += sum(
                each["Actual Loops"] * (each["Actual Rows"] + each.get("Rows Removed by Filter", 0))
                for each in nodes(found["Plan"])
                if each.get("Relation Name") == table
            )
    return rows


@pytest.fixture
def crowd(own_world: World) -> tuple[World, Staff]:
    """Two years of twenty guides in four stores, and one of the guides."""
    guides = Staff.objects.bulk_create(Staff(name=f"Guide {n}") for n in range(GUIDES))
    given: Any = {
        "stores": [each.pk for each in own_world.stores],
        "guides": [each.pk for each in guides],
        "tasks": TASKS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, given)
        cursor.execute(_TASKS, given)
        cursor.execute(_MESSAGES)
    with filling.owner() as cursor:
        cursor.execute("ANALYZE followups_task, customers_customer, messaging_contact")
    return own_world, guides[3]


def test_cards_read_what_is_theirs_and_not_the_whole_chain(crowd: tuple[World, Staff]) -> None:
    world, guide = crowd
    place = mapping.map_of(audit.ALL).store(world.stores[1].id)
    mine, of_store = Whose(guide_id=guide.id), Whose(place=place)

    def card(whose: Whose) -> scorecard.Card:
        return scorecard.of(whose=whose, days=DAYS, now=NOW).total

    found = {whose: card(whose) for whose in (mine, of_store)}
    assert 0 < found[mine].due < found[of_store].due < TASKS / 20
    for whose, due in ((mine, found[mine].due), (of_store, found[of_store].due)):
        # Twice: once as due in the period, once to find what was done in it.
        assert looked_at(lambda each=whose: card(each), "followups_task") <= 3 * due  # type: ignore[misc]
        for kind in scorecard_rows.KINDS:
            rows = looked_at(
                lambda of=whose, what=kind: scorecard_rows.page(  # type: ignore[misc]
                    whose=of, days=DAYS, kind=what, now=NOW
                ),
                "followups_task",
            )
            assert rows <= 2 * due, kind
    assert found[mine].messages == 2000 / GUIDES
    # What was sent is looked for among all that was written since; what came in, by customer.
    assert looked_at(lambda: card(mine), "messaging_contact") <= 2000 + 2000 / GUIDES
