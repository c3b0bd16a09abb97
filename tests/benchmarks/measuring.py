"""What every benchmark shares: a database of its own, paired runs, and the page they end up on.

A benchmark is a module with two sizes, ``FULL`` and ``SMALL``, and ``measure(report, size)``. It
checks first that the answers are right, then compares. `make bench` runs it full and writes what
it found into docs/performance.md; `make test` runs it small, for the answers alone.
"""

import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.db import connections

from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests import servers
from tests.factories.standing import stands

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
PAIRS: Final = 9  # fewer say nothing about the spread


@dataclass(frozen=True)
class Reach:
    """The limit a figure is held to."""

    at_least: float | None = None
    at_most: float | None = None
    unit: str = ""

    def holds(self, value: float) -> bool:
        """Say whether a figure keeps the limit."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        bounds = (("≥", self.at_least), ("≤", self.at_most))
        return " ".join(f"{sign} {number(n)}{self.unit}" for sign, n in bounds if n is not None)


@dataclass
class Report:
    """Says what a benchmark finds as it goes, and keeps it as rows of a table."""

    number: str
    title: str
    checked: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    def check(self, sentence: str, /) -> None:
        """Note an answer that was held against another before anything was timed."""
        self.checked.append(sentence)
        say(f"right: {sentence}")

    def ratio(self, what: str, ratios: Sequence[float], reach: Reach | None = None) -> float:
        """Note a comparison by the ratio of each pair; return the median."""
        ordered = sorted(ratios)
        middle = statistics.median(ordered)
        low, high = spread(ordered)
        pairs = f"p10 {number(low)}, p90 {number(high)}, {len(ordered)} pairs"
        self._row(what, f"{number(middle)} ({pairs})", reach, middle)
        return middle

    def figure(
        self, what: str, value: float, *, unit: str = "", reach: Reach | None = None
    ) -> None:
        """Note a figure that stands alone: statements, round trips, bytes, memory, seconds."""
        self._row(what, f"{number(value)}{unit}", reach, value)

    def _row(self, what: str, value: str, reach: Reach | None, measured: float) -> None:
        verdict = ""
        if reach is not None and not reach.holds(measured):
            verdict = "**short**"
            self.short.append(what)
        elif reach is not None:
            verdict = "reached"
        self.rows.append(f"| {what} | {value} | {reach or ''} | {verdict} |")
        say(f"{what}: {value}" + (f"; reach {reach}: {verdict.strip('*')}" if reach else ""))

    def write(self, page: Path = PAGE) -> None:
        """Put the table where docs/performance.md keeps this benchmark's last figures."""
        begin, end = f"<!-- B{self.number} -->", f"<!-- end B{self.number} -->"
        checked = "; ".join(self.checked)
        table = ["| what | figure | reach | |", "|---|---|---|---|", *self.rows]
        text = "\n".join([begin, machine(), "", f"Right before anything was timed: {checked}.", "",
                          *table, end])  # fmt: skip
        kept = page.read_text(encoding="utf-8")
        if begin not in kept:
            kept += f"\n## B{self.number} {self.title}\n\n{begin}\n{end}\n"
        whole = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        page.write_text(whole.sub(lambda _: text, kept), encoding="utf-8")


def machine() -> str:
    """Name what the figures were measured on, and how busy it was."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with connections["default"].cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0].split()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"PostgreSQL {server} without fsync; load {os.getloadavg()[0]:.1f} at the end."
    )


@contextmanager
def database(name: str = "bench") -> Iterator[str]:
    """Give the block a fresh clone of the prepared database, on this run's servers or own ones."""
    running = None if servers.running() else servers.Servers()
    if running is not None:
        running.start()
    before = {alias: dict(connections[alias].settings_dict) for alias in ("default", "owner")}
    try:
        with servers.cloned(name):
            servers.point_at(name)
            yield name
            for alias in before:
                connections[alias].close()
    finally:
        for alias, settings in before.items():
            connections[alias].close()
            connections[alias].settings_dict.update(settings)
        if running is not None:
            running.stop()


@contextmanager
def inside(subdomain: str = "aurum") -> Iterator[ChainInfo]:
    """Run the block inside one of the prepared chains, on the plan that has no limits."""
    chain = directory.find(subdomain)
    if chain is None:
        raise LookupError(f"The prepared database has no chain {subdomain!r}.")
    with context.inside(stands(chain, plan="group")) as chain:
        yield chain


def paired(
    ours: Callable[[], object], theirs: Callable[[], object], *, pairs: int = PAIRS
) -> list[float]:
    """Time both in turn, each first every other time; return theirs ÷ ours of each pair."""
    ratios = []
    for index in range(pairs):
        first, second = (ours, theirs) if index % 2 else (theirs, ours)
        one, other = took(first), took(second)
        ratios.append(one / other if first is theirs else other / one)
    return ratios


def log_written() -> int:
    """Return how many bytes of log the server has written since it was made."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def took(work: Callable[[], object]) -> float:
    """Return how many seconds a piece of work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def spread(ordered: Sequence[float]) -> tuple[float, float]:
    """Return the 10th and the 90th percentile of sorted figures."""
    return ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]


def number(value: float) -> str:
    """Write a figure with three digits that mean something."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def say(text: str) -> None:
    """Tell the person who waits."""
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()
