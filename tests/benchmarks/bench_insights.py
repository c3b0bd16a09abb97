"""Head office's page against raw SQL and DuckDB on the same rows, and what tills pay for it."""

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Final

import duckdb
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import ALL, SYSTEM
from regulars.insights.models import CHAIN, Member
from regulars.insights.periods import Days
from regulars.insights.selectors import mapping, overviews, portraits
from regulars.insights.selectors import rows as lists
from regulars.insights.services import folding, keeping
from regulars.tenancy import context
from tests.benchmarks import filling, insights_tills, measuring
from tests.benchmarks import insights_rows as rows
from tests.benchmarks.measuring import Reach, Report, took

TITLE: Final = "Head office's page over ten million purchases"
TODAY: Final = date(2026, 11, 21)
NOW: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
YEAR: Final = Days(TODAY - timedelta(days=364), TODAY)
BEFORE: Final = Days(TODAY - timedelta(days=729), TODAY - timedelta(days=365))
FREE: Final = Days(TODAY - timedelta(days=411), TODAY - timedelta(days=23))
FREE_BEFORE: Final = Days(TODAY - timedelta(days=612), TODAY - timedelta(days=412))
_UNFOLDED: Final = 50


@dataclass(frozen=True)
class Size:
    """How much there is, how often it is measured, and how long tills sell each time."""

    purchases: int
    pairs: int
    tills: int
    seconds: float


FULL: Final = Size(purchases=10_000_000, pairs=measuring.PAIRS, tills=4, seconds=5)
SMALL: Final = Size(purchases=4_000, pairs=1, tills=1, seconds=0.1)


def measure(report: Report, size: Size) -> None:
    """Fill a chain, check the answers, then measure."""
    with measuring.inside():
        measuring.say(f"filled in {took(lambda: rows.fill(size.purchases, until=TODAY)):.0f} s")
        made = took(lambda: folding.fold(now=NOW))
        report.figure("rollups of two years made from nothing", made, unit=" s")
        keeping.keep(periods=[YEAR, BEFORE, YEAR.until, BEFORE.until], today=TODAY)
        with filling.owner() as cursor:
            cursor.execute("ANALYZE insights_day, insights_period, insights_member, insights_state")
        rows.sell(_UNFOLDED, on=TODAY)  # what is not folded yet must be in the answer
        with _duckdb() as link:
            _check(report, link)
            _compare(report, link, size.pairs)
        _check_and_time_free(report, size.pairs)
        _sizes(report)
        _lists(report)
        _write_tax(report, size)


def page(days: Days = YEAR, compare: Days = BEFORE) -> overviews.Overview:
    """Ask for the page as head office sees it."""
    return overviews.overview(actor=SYSTEM, days=days, compare=compare)


def _compare(report: Report, link: "duckdb.DuckDBPyConnection", pairs: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        page()
    report.figure("statements of the page, some sales not folded", len(queries))
    alone = statistics.median(took(page) for _ in range(9)) * 1000
    report.figure("the page, year against year before", alone, unit=" ms")
    ratios = measuring.paired(page, _raw, pairs=pairs)
    report.ratio("raw SQL ÷ the page", ratios, Reach(at_least=150))
    ratios = measuring.paired(page, lambda: _duck(link), pairs=pairs)
    report.ratio("the page ÷ DuckDB", [1 / each for each in ratios], Reach(at_most=0.3))


def _check(report: Report, link: "duckdb.DuckDBPyConnection") -> None:
    """Hold our answer against both others, for the chain, every region and every store."""
    found = page()
    assert found.fresh >= _UNFOLDED
    assert len(found.stores) >= rows.STORES
    raw = _raw()
    for answer in (raw, _duck(link)):
        _equal(_figures(found), answer)
    report.check(
        f"chain, {rows.REGIONS} regions and {rows.STORES} stores in both periods equal raw SQL "
        f"and DuckDB, {_UNFOLDED} sales of which no rollup knew yet included"
    )
    folding.fold(now=NOW)
    _equal(_figures(page()), raw)
    report.check("the same when they were folded")
    rows.sell(_UNFOLDED, on=TODAY)


def _check_and_time_free(report: Report, pairs: int) -> None:
    """Time a period nobody had asked for; nothing of it is kept, so each look is like the first."""
    free = partial(page, FREE, FREE_BEFORE)
    found = free()
    assert {FREE, FREE_BEFORE} <= set(found.not_kept)
    _equal(_figures(found), _raw(FREE, FREE_BEFORE))
    report.check("the same of a free period and the one before it, which no rollup keeps")
    seconds = statistics.median(took(free) for _ in range(max(3, pairs // 3)))
    what = f"a free period of {FREE.length} days against {FREE_BEFORE.length}, kept nowhere"
    report.figure(what, seconds, unit=" s", reach=Reach(at_most=1, unit=" s"))


def _lists(report: Report) -> None:
    """Time the first page of the rows behind each figure, and the portrait, of the whole chain."""
    place = mapping.place_of(mapping.map_of(ALL))
    month = Days(TODAY - timedelta(days=29), TODAY)
    for name, days in (("30 days", month), ("a year", YEAR)):
        asked: dict[str, Callable[[], list[Any]]] = {
            **{k: partial(lists.facts, place=place, days=days, kind=k) for k in lists.FACTS},
            **{k: partial(lists.buyers, place=place, days=days, kind=k) for k in lists.BUYERS},
        }
        for what, ask in asked.items():
            assert ask()
            report.figure(f"first page of {what}, {name}", took(ask), unit=" s")
    portrait = partial(portraits.portrait, place=place, days=month)
    report.figure("portrait of 30 days", took(portrait), unit=" s")


def _sizes(report: Report) -> None:
    with connection.cursor() as cursor:
        for what, tables in (
            ("purchases with their indexes", ["purchases_purchase"]),
            ("all rollups with theirs", ["insights_day", "insights_period", "insights_member"]),
        ):
            cursor.execute(
                "SELECT sum(pg_total_relation_size(name::regclass)) "
                "FROM unnest(%s::text[]) AS name",
                [tables],
            )
            report.figure(what, int(cursor.fetchone()[0]) / 1e6, unit=" MB")


def _write_tax(report: Report, size: Size) -> None:
    """Let tills sell, with and without folding and the indexes it needs.

    Without, sales pile up for one round; with, just so many are folded while tills sell.
    """
    folding.fold(now=NOW)
    _cost_of_folding(report)
    database = str(connection.settings_dict["NAME"])
    ratios, rate = [], 0.0
    with insights_tills.opened(size.tills, database=database) as tills:
        tills.rate(size.seconds / 2)
        for _ in range(size.pairs):
            folding.fold(now=NOW)
            with _without_rollups():
                without = tills.rate(size.seconds)
            with _folding():
                rate = tills.rate(size.seconds)
            ratios.append(without / rate)
    report.figure(f"till rate of {size.tills} tills, with rollups", rate, unit=" a second")
    report.ratio("till rate without rollups ÷ with", ratios, Reach(at_most=1.05))


@contextmanager
def _folding() -> Iterator[None]:
    """Fold beside the block, once, as the worker would."""
    chain = context.current()

    def work() -> None:
        with context.inside(chain):
            folding.fold(now=NOW)
        connection.close()

    folder = Thread(target=work)
    folder.start()
    yield
    folder.join()


def _cost_of_folding(report: Report) -> None:
    """Say how much processor time and log a fold takes: no noise of others is in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    for count in (100, 2000):
        rows.sell(count, on=TODAY)
        log, spent = measuring.log_written(), _spent(status)
        folding.fold(now=NOW)
        each = f"folding {count} purchases, for each"
        report.figure(f"{each}, one core", (_spent(status) - spent) / count * 1e6, unit=" µs")
        report.figure(f"{each}, log", (measuring.log_written() - log) / count, unit=" bytes")


def _spent(status: Path) -> float:
    """Return the processor time of a backend in seconds, its system calls included."""
    fields = status.read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


@contextmanager
def _without_rollups() -> Iterator[None]:
    """Take away the indexes that only the rollups need."""
    with filling.owner() as cursor:
        cursor.execute("DROP INDEX purchase_tx; DROP INDEX posting_tx")
        try:
            yield
        finally:
            cursor.execute(
                "CREATE INDEX purchase_tx ON purchases_purchase (tx); "
                "CREATE INDEX posting_tx ON points_posting (tx)"
            )


def _figures(found: overviews.Overview) -> dict[str, tuple[int, ...]]:
    """Return the page's figures as the other sides give theirs."""
    shown = {
        CHAIN: found.figures,
        **{each.id: each.figures for each in found.regions},
        **{each.shop.id: each.figures for each in found.stores},
    }
    return {str(group): _numbers(figures) for group, figures in shown.items()}


def _numbers(compared: overviews.Compared) -> tuple[int, ...]:
    assert compared.before is not None
    return tuple(
        number
        for figures in (compared.now, compared.before)
        for number in (
            figures.sales_minor,
            figures.purchases,
            figures.buyers,
            figures.repeat_buyers,
            figures.new_buyers,
        )
    )


def _equal(ours: dict[str, tuple[int, ...]], theirs: dict[str, tuple[int, ...]]) -> None:
    """Compare every group; one without any purchase is missing on the other side."""
    assert theirs
    for group, numbers in ours.items():
        assert theirs.get(group, (0,) * len(numbers)) == numbers, group


def _raw(days: Days = YEAR, before: Days = BEFORE) -> dict[str, tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '1500MB'")
        cursor.execute(rows.page_sql("purchases_purchase", "insights_member", days, before))
        found = cursor.fetchall()
        cursor.execute("RESET work_mem")
    return rows.answers(found)


def _duck(link: "duckdb.DuckDBPyConnection") -> dict[str, tuple[int, ...]]:
    return rows.answers(link.execute(rows.page_sql("facts", "members", YEAR, BEFORE)).fetchall())


@contextmanager
def _duckdb() -> Iterator["duckdb.DuckDBPyConnection"]:
    """Give DuckDB the same rows, in its own tables."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as link:
        path = Path(folder) / "facts.csv"
        with (
            connection.cursor() as cursor,
            path.open("wb") as file,
            cursor.copy(
                "COPY (SELECT customer_id, store_id, business_day, counts, paid_minor "
                "FROM purchases_purchase) TO STDOUT (FORMAT csv)"
            ) as copy,
        ):
            for chunk in copy:
                file.write(bytes(chunk))
        link.execute(
            "CREATE TABLE facts (customer_id UUID, store_id UUID, business_day DATE, "
            "counts SMALLINT, paid_minor BIGINT)"
        )
        link.execute(f"COPY facts FROM '{path}' (FORMAT csv)")
        path.unlink()
        link.execute("CREATE TABLE members (store_id UUID, group_id UUID)")
        members = [(str(a), str(b)) for a, b in Member.objects.values_list("store_id", "group_id")]
        link.executemany("INSERT INTO members VALUES (?, ?)", members)
        yield link
