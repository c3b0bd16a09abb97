"""A search does the same work among many customers as among few: counted in pages, not seconds."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from regulars.audit import Actor, Scope
from regulars.customers import selectors
from tests.customers.conftest import Cast
from tests.factories import customers, people

FEW, MANY = 3_000, 30_000
A_PAGE_OF_RESULTS = 170  # pages that 31 rows take with their guides and stores
TEXTS = ["王", "王伟", "小明", "欧阳", "w", "ww", "wangw", "xiaoming", "8000", "00138", "0013800"]


def crowd(count: int, *, seed: int) -> Iterator[tuple[str, str]]:
    """Make up names as common as real ones, with phones."""
    draw = random.Random(seed)
    surnames, given = (
        "王李张刘陈杨黄赵吴周单曾欧",
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英小国建文华",
    )
    for _ in range(count):
        name = draw.choice(surnames) + "".join(draw.choices(given, k=draw.choice([1, 2, 2])))
        yield name, f"+861{draw.randrange(3 * 10**9, 10**10)}"


def plans(actor: Actor, text: str) -> list[dict[str, Any]]:
    """Return how the database answered each statement of a search, with the pages it read."""
    asked: list[tuple[str, Any]] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(listen):
        selectors.search(actor=actor, text=text)
    found = []
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            answer = cursor.fetchone()[0]
            found += json.loads(answer) if isinstance(answer, str) else answer
    return found


def pages(found: list[dict[str, Any]]) -> int:
    """Return how many pages the statements of a search read."""
    return sum(
        each["Plan"]["Shared Hit Blocks"] + each["Plan"]["Shared Read Blocks"] for each in found
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a plan and everything below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.fixture
def actors(cast: Cast) -> dict[str, Actor]:
    """Head office, a region of two stores, a store, and a guide of it."""
    few = frozenset({cast.north.pk, cast.south.pk})
    return {
        "head office": cast.alice,
        "region": replace(cast.carol, scope=Scope(store_ids=few)),
        "store": cast.carol,
        "guide": cast.bob,
    }


def fill(cast: Cast, count: int, *, seed: int) -> None:
    """Bob's customers stay 300; every further one belongs to ten other stores."""
    others = [people.store(code=f"{seed}-{n}") for n in range(10)]
    stranger = people.staff(name="Dora", stores=(others[0],))
    for store in others:
        people_of_store = crowd(count // len(others), seed=seed)
        customers.crowd(people_of_store, store=store.pk, owner=stranger.pk)


def test_a_search_among_many_reads_no_more_than_among_few_and_never_the_whole_table(
    cast: Cast, actors: dict[str, Actor]
) -> None:
    """Fills once what counting, looking for scans, and the positive control are asked of."""
    customers.crowd(crowd(300, seed=0), store=cast.north.pk, owner=cast.bob_.pk)
    fill(cast, FEW, seed=1)
    asked = [(who, text) for who in actors for text in TEXTS]
    few = {(who, text): pages(plans(actors[who], text)) for who, text in asked}

    fill(cast, MANY, seed=2)

    many = {(who, text): plans(actors[who], text) for who, text in asked}
    grown = {
        each: (few[each], pages(found))
        for each, found in many.items()
        if pages(found) > 2 * few[each] + 3 * A_PAGE_OF_RESULTS  # ten times the customers
    }
    assert grown == {}
    scanned = [
        each
        for each, found in many.items()
        for plan in found
        for node in nodes(plan["Plan"])
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "customers_customer"
    ]
    assert scanned == []
    a_fragment_that_no_index_answers_is_noticed()


def a_fragment_that_no_index_answers_is_noticed() -> None:
    """Ask for what has to read the whole table; both ways of counting say so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id FROM customers_customer "
            "WHERE strpos(name, '小明') > 0 LIMIT 30"
        )
        found = cursor.fetchone()[0]

    assert "Seq Scan" in {node["Node Type"] for node in nodes(found[0]["Plan"])}
    assert pages(found) > 5 * A_PAGE_OF_RESULTS
