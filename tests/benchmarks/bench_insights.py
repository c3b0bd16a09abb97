"""Head office's page against raw SQL and DuckDB on the same rows, and what tills pay for it (B5).

``python -m tests.benchmarks.bench_insights [purchases] [pairs] [seconds]``; the full size is
10000000 9 30, the seconds being those of one run of the tills. Every ratio is the median of
interleaved pairs, with p10 and p90.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

import duckdb  # noqa: E402
from django.db import connection, connections  # noqa: E402

from regulars.audit import ALL, SYSTEM  # noqa: E402
from regulars.insights.models import CHAIN, Member  # noqa: E402
from regulars.insights.periods import Days  # noqa: E402
from regulars.insights.selectors import mapping, overviews, portraits  # noqa: E402
from regulars.insights.selectors import rows as lists  # noqa: E402
from regulars.insights.services import folding, keeping  # noqa: E402
from regulars.tenancy import context, directory  # noqa: E402
from tests import servers  # noqa: E402
from tests.benchmarks import insights_rows as rows  # noqa: E402

TODAY: Final = date(2026, 11, 21)
NOW: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
YEAR: Final = Days(TODAY - timedelta(days=364), TODAY)
BEFORE: Final = Days(TODAY - timedelta(days=729), TODAY - timedelta(days=365))
_TILLS: Final = 4


def main(purchases: int, pairs: int, seconds: int) -> None:
    """Fill a chain, check the answers, then measure."""
    running = servers.Servers()
    running.start()
    try:
        with servers.cloned("bench") as name:
            servers.point_at(name)
            chain = directory.find("aurum")
            assert chain is not None
            with context.inside(chain):
                _say(f"{purchases:,} purchases", _took(lambda: rows.fill(purchases, until=TODAY)))
                _say("rollups made from nothing", _took(lambda: folding.fold(now=NOW)))
                keeping.keep(periods=[YEAR, BEFORE, YEAR.until, BEFORE.until], today=TODAY)
                rows.sell(50, on=TODAY)  # what is not folded yet must be in the answer
                with _duckdb() as link:
                    _check(link)
                    _measure(link, pairs)
                _free_period()
                _lists()
                _write_tax(pairs, seconds)
            connection.close()
    finally:
        running.stop()


def page(days: Days = YEAR, compare: Days = BEFORE) -> overviews.Overview:
    """Ask for the page as head office sees it."""
    return overviews.overview(actor=SYSTEM, days=days, compare=compare)


def _measure(link: "duckdb.DuckDBPyConnection", pairs: int) -> None:
    raw_ratios, duck_ratios, ours = [], [], []
    for _ in range(pairs):
        ours.append(min(_took(page) for _ in range(3)))
        raw_ratios.append(_took(_raw) / ours[-1])
        duck_ratios.append(ours[-1] / _took(lambda: _duck(link)))
    _say("the page, with 50 sales not folded", statistics.median(ours))
    _ratio("raw SQL ÷ the page", raw_ratios, "reach ≥ 150")
    _ratio("the page ÷ DuckDB", duck_ratios, "reach ≤ 0.3")


def _check(link: "duckdb.DuckDBPyConnection") -> None:
    """Hold our answer against both others, for the chain and every store."""
    found = page()
    ours = {row.shop.id: row.figures.now for row in found.stores}
    answers = {"raw SQL": _raw(), "DuckDB": _duck(link)}
    for name, answer in answers.items():
        for which, figures in {**ours, CHAIN: found.figures.now}.items():
            numbers = (figures.sales_minor, figures.purchases, figures.buyers,
                       figures.repeat_buyers, figures.new_buyers)  # fmt: skip
            assert answer.get(str(which), (0,) * 5) == numbers, (name, which)
    _line("answers equal those of raw SQL and DuckDB")


def _free_period() -> None:
    days = Days(TODAY - timedelta(days=411), TODAY - timedelta(days=23))
    before = Days(days.first - timedelta(days=200), days.first - timedelta(days=1))
    _say("a period nobody had asked for", _took(lambda: page(days, before)))


def _lists() -> None:
    """Time the first page of the rows behind each figure, and the portrait, of the whole chain."""
    place = mapping.place_of(mapping.map_of(ALL))
    month = Days(TODAY - timedelta(days=29), TODAY)
    for name, days in (("30 days", month), ("a year", YEAR)):
        for kind in lists.FACTS:
            took = _took(lambda: lists.facts(place=place, days=days, kind=kind))  # noqa: B023
            _say(f"first page of {kind}, {name}", took)
        for which in lists.BUYERS:
            took = _took(lambda: lists.buyers(place=place, days=days, kind=which))  # noqa: B023
            _say(f"first page of {which}, {name}", took)
        _say(f"portrait of {name}", _took(lambda: portraits.portrait(place=place, days=days)))  # noqa: B023


def _write_tax(pairs: int, seconds: int) -> None:
    """Let tills sell as fast as they can, with and without folding and the indexes it needs."""
    _cost_of_folding()
    for index in range(2):  # the first round only warms up
        ratios = []
        for _ in range(pairs if index else 1):
            with _without_rollups():
                without = _tills(seconds, folds=False)
            ratios.append(without / _tills(seconds, folds=True))
    _ratio("till rate without rollups ÷ with", ratios, "reach ≤ 1.05")
    _line(f"last till rate with rollups: {without / ratios[-1]:,.0f} purchases a second")


def _cost_of_folding() -> None:
    """Say how much processor time a fold takes of its backend: no noise of others is in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    if not status.exists():
        return
    folding.fold(now=NOW)
    for count in (100, 2000):
        rows.sell(count, on=TODAY)
        before = _ticks(status)
        folding.fold(now=NOW)
        spent = (_ticks(status) - before) / os.sysconf("SC_CLK_TCK")
        _line(f"folding {count} purchases: {spent * 1000:.0f} ms of one core")


def _ticks(status: Path) -> int:
    fields = status.read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def _without_rollups() -> Iterator[None]:
    """Take away the indexes that only the rollups need."""
    with context.inside(context.current(), using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("DROP INDEX purchase_tx; DROP INDEX posting_tx")
        try:
            yield
        finally:
            cursor.execute(
                "CREATE INDEX purchase_tx ON purchases_purchase (tx); "
                "CREATE INDEX posting_tx ON points_posting (tx)"
            )


def _tills(seconds: int, *, folds: bool) -> float:
    """Return how many purchases a second several tills record."""
    stop = Event()
    chain = context.current()

    def work() -> None:
        with context.inside(chain):
            while not stop.wait(5):
                folding.fold(now=NOW)
        connection.close()

    folder = Thread(target=work)
    if folds:
        folding.fold(now=NOW)
        folder.start()
    command = [sys.executable, "-m", "tests.benchmarks.insights_rows", str(seconds)]
    environment = {**os.environ, "BENCH_DATABASE": str(connection.settings_dict["NAME"])}
    tills = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(_TILLS)
    ]
    sold = sum(int(till.communicate()[0].split()[-1]) for till in tills)
    if folds:
        stop.set()
        folder.join()
        folding.fold(now=NOW)
    return sold / seconds


def _raw() -> dict[str, tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '256MB'")
        cursor.execute(rows.page_sql("purchases_purchase", "insights_member", YEAR, BEFORE))
        found = cursor.fetchall()
        cursor.execute("RESET work_mem")
    return rows.answers(found)


def _duck(link: "duckdb.DuckDBPyConnection") -> dict[str, tuple[int, ...]]:
    return rows.answers(link.execute(rows.page_sql("facts", "members", YEAR, BEFORE)).fetchall())


@contextmanager
def _duckdb() -> Iterator["duckdb.DuckDBPyConnection"]:
    """Give DuckDB the same rows, in its own tables."""
    with tempfile.TemporaryDirectory() as folder:
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
        link = duckdb.connect()
        link.execute(
            "CREATE TABLE facts (customer_id UUID, store_id UUID, business_day DATE, "
            "counts SMALLINT, paid_minor BIGINT)"
        )
        link.execute(f"COPY facts FROM '{path}' (FORMAT csv)")
        link.execute("CREATE TABLE members (store_id UUID, group_id UUID)")
        members = [(str(a), str(b)) for a, b in Member.objects.values_list("store_id", "group_id")]
        link.executemany("INSERT INTO members VALUES (?, ?)", members)
        yield link
        link.close()


def _took(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _say(what: str, seconds: float) -> None:
    text = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
    _line(f"{what}: {text}")


def _ratio(what: str, ratios: list[float], reach: str) -> None:
    ratios.sort()
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    _line(f"{what}: {statistics.median(ratios):.3g} (p10 {low:.3g}, p90 {high:.3g}; {reach})")


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = [int(each.replace("_", "")) for each in sys.argv[1:]]
    main(*(given + [1_000_000, 3, 10][len(given) :]))
