"""A real year, counted by DuckDB from its files and by us: equal to the cent, late facts too."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import duckdb
import pytest

from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.selectors import figures
from regulars.insights.selectors.figures import Figures
from regulars.insights.services import folding, keeping, verification
from regulars.stores.models import Store
from regulars.tenancy import context, directory
from tests.factories import real_year

NOW = datetime(2018, 1, 2, 15, 0, tzinfo=UTC)
PERIODS = [
    Days(date(2017, 1, 1), date(2017, 12, 31)),  # the year
    Days(date(2017, 4, 1), date(2017, 6, 30)),  # a quarter
    Days(date(2017, 2, 1), date(2017, 2, 28)),  # a month
    Days(date(2017, 5, 15), date(2017, 5, 21)),  # a week
    Days(date(2017, 11, 24), date(2017, 11, 24)),  # a day
    Days(date(2017, 12, 2), date(2017, 12, 31)),  # 30 days back
    Days(date(2017, 10, 3), date(2017, 12, 31)),  # 90 days back
    Days(date(2017, 3, 17), date(2017, 9, 9)),  # any days
]
KEPT = PERIODS[::2]


def by_duckdb(link: "duckdb.DuckDBPyConnection", days: Days, where: str) -> Figures:
    """Count the figures of a period and some stores in the obvious way."""
    given = {"first": days.first, "last": days.last}
    sums = link.execute(
        f"""SELECT coalesce(sum(paid), 0), coalesce(sum(counts), 0),
              coalesce(sum(counts) FILTER (customer IS NOT NULL), 0),
              count(*) FILTER (counts = 0), coalesce(-sum(paid) FILTER (counts = 0), 0)
            FROM facts WHERE day BETWEEN $first AND $last AND {where}""",
        given,
    ).fetchone()
    buyers = link.execute(
        f"""WITH here AS (
              SELECT * FROM facts WHERE counts = 1 AND customer IS NOT NULL AND {where}),
            bought AS (SELECT customer, count(*) AS n FROM here
              WHERE day BETWEEN $first AND $last GROUP BY customer),
            begun AS (SELECT customer, min(day) AS day FROM here GROUP BY customer)
            SELECT (SELECT count(*) FROM bought), (SELECT count(*) FROM bought WHERE n > 1),
              (SELECT count(*) FROM begun WHERE day BETWEEN $first AND $last)""",
        given,
    ).fetchone()
    assert sums is not None
    assert buyers is not None
    sales, purchases, known, returns, refunded = (int(each) for each in sums)
    return Figures(sales, purchases, known, returns, refunded, 0, *buyers)


def groups_of(stores: dict[int, Store]) -> dict[UUID, str]:
    """Return the chain, three regions and five stores, as conditions on stores' numbers."""
    numbers = sorted(stores)
    found: dict[UUID, str] = {CHAIN: "true"}
    for number in numbers[::90]:
        found[stores[number].id] = f"store = {number}"
    for number in numbers[:3]:
        region = stores[number].region_id
        assert region is not None
        found[region] = f"store % {real_year.REGIONS} = {number % real_year.REGIONS}"
    return found


def compare(link: "duckdb.DuckDBPyConnection", groups: dict[UUID, str]) -> None:
    answer = figures.read(group_ids=groups, periods=PERIODS)
    for days in PERIODS:
        for group, where in groups.items():
            assert answer.of(days, group) == by_duckdb(link, days, where), (days, where)


@pytest.fixture
def chain(own_database: str) -> Any:
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        yield found


def test_a_real_year_is_counted_to_the_cent_before_and_after_late_facts(chain: Any) -> None:
    link = real_year.counted()
    stores = real_year.open_stores(link)
    groups = groups_of(stores)
    real_year.bring_in(link, stores)
    folding.fold(now=NOW)
    keeping.keep(periods=KEPT, today=date(2018, 1, 2))

    compare(link, groups)
    year = figures.read(group_ids=[CHAIN], periods=PERIODS[:1]).of(PERIODS[0], CHAIN)
    assert len(stores) == 457
    assert (year.purchases, year.buyers) == (155_848, 2_469)
    assert year.sales_minor == 459_603_958

    real_year.add_late(link)
    real_year.bring_in(link, stores, where="number >= 80000000000")
    compare(link, groups)  # nothing of it is folded yet
    assert folding.fold(now=NOW).purchases > 1000
    compare(link, groups)
    assert verification.verify(now=NOW) == []
