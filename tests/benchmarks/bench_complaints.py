"""Complaints: a chain's hundredth year is read like its first, and the clocks like one scan.

Two chains in one database, one with a hundred times the complaints of the other and as many open
ones: what is over grows for ever, what is open does not. Every reading of the working page is made
in both by turns, several times after each change of chain. The sweep of the clocks is held against
one sequential scan of the table it works on, by the same client on the same connection.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor
from regulars.complaints import access, selectors
from regulars.complaints.models import Case, Entry
from regulars.complaints.selectors import Mark, Wanted, Whose
from regulars.complaints.services import escalating
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.benchmarks import complaints_rows, many_chains, measuring
from tests.benchmarks.complaints_rows import Cast
from tests.benchmarks.measuring import Reach, Report

TITLE: Final = "Complaints at a million"
NOW: Final = datetime(2026, 11, 21, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
_YEAR: Final = timedelta(days=365)
_ALIKE: Final = Reach(at_most=1.5)
_SCAN: Final = "SELECT count(*), sum(version) FROM complaints_case"
_STATEMENTS: Final = 3
_DUE: Final = 20  # clocks that run out within five minutes


@dataclass(frozen=True)
class Size:
    """How many complaints the old and the young chain have, how many of either are open.

    A side of a pair is as many runs as take `seconds`, so that a short reading is not mere noise.
    """

    old: int
    young: int
    still_open: int
    stores: int
    customers: int
    pairs: int
    seconds: float


FULL: Final = Size(
    old=1_000_000, young=10_000, still_open=2_000, stores=complaints_rows.STORES,
    customers=100_000, pairs=measuring.PAIRS, seconds=0.1,
)  # fmt: skip
SMALL: Final = Size(
    old=2_000, young=400, still_open=100, stores=10, customers=50, pairs=1, seconds=0
)  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One chain and who asks in it."""

    chain: ChainInfo
    cast: Cast

    @contextmanager
    def here(self) -> Iterator[None]:
        """Run the block in this chain."""
        with context.inside(self.chain):
            yield


def measure(report: Report, size: Size) -> None:
    """Fill both chains, check the answers, compare."""
    old = _filled("aurum", size.old, size)
    young = _filled("bloom", size.young, size)
    for side in (old, young):
        with side.here():
            _check(side.cast)
    report.check("the lists and figures of four roles are those of a plain reading of the table")
    report.figure("complaints of the old chain", size.old)
    with old.here():
        report.figure("open ones", Case.objects.exclude(state="closed").count())
    _readings(report, size, old, young)
    with old.here(), _one_core(), many_chains.no_bells():
        _sweeps(report, size)
        _more_open(report, size, old.cast)


def _filled(subdomain: str, total: int, size: Size) -> Side:
    chain = directory.find(subdomain)
    assert chain is not None
    with context.inside(chain):
        cast = complaints_rows.fill(
            total, still_open=size.still_open, customers=size.customers, stores=size.stores,
            now=NOW,
        )  # fmt: skip
    return Side(chain, cast)


def _check(cast: Cast) -> None:
    for actor in cast.everybody.values():
        seen = access.visible(actor)
        is_open = seen.exclude(state="closed")
        urgent = [each.case.pk for each in _page(actor, Wanted()).items]
        assert urgent == _keys(is_open.order_by("urgent_at", "id"))
        closed = seen.filter(state="closed", closed_at__gte=NOW - _YEAR)
        found = _page(actor, Wanted(closed=True, closed_since=NOW - _YEAR))
        assert [each.case.pk for each in found.items] == _keys(closed.order_by("-closed_at", "-id"))
        counts = selectors.tally(actor=actor, wanted=Wanted(), now=NOW)
        late = is_open.filter(urgent_at__lte=NOW).count()
        assert (counts.all, counts.late) == (is_open.count(), late)
        columns = selectors.board(actor=actor, wanted=Wanted(), now=NOW)
        assert {each.state: each.count for each in columns} == {
            each.state: is_open.filter(state=each.state).count() for each in columns
        }


def _keys(rows: Any) -> list[Any]:
    return list(rows.values_list("pk", flat=True)[:50])


def _page(actor: Actor, wanted: Wanted, after: Mark | None = None) -> selectors.Page:
    return selectors.page(actor=actor, wanted=wanted, now=NOW, after=after)


def _works(cast: Cast) -> dict[str, Callable[[], object]]:
    """Return every reading of the working page, by what it is called."""
    works: dict[str, Callable[[], object]] = {}
    for name, actor in cast.everybody.items():
        works |= _works_of(name, actor)
    words = Wanted(text="clasp")
    works["open ones with a word in them, head office"] = lambda: _page(cast.office, words)
    year = Wanted(closed=True, closed_since=NOW - _YEAR)
    for name, limit in (("head office", 50), ("a store manager", 10)):  # as many as both have
        works[f"the last {limit} closed within a year, {name}"] = partial(
            selectors.page, actor=cast.everybody[name], wanted=year, now=NOW, limit=limit
        )
    return works


def _works_of(name: str, actor: Actor) -> dict[str, Callable[[], object]]:
    first = _page(actor, Wanted())
    return {
        f"the list, {name}": lambda: _page(actor, Wanted()),
        f"a later page, {name}": lambda: _page(actor, Wanted(), first.after),
        f"mine, {name}": lambda: _page(actor, Wanted(whose=Whose.MINE)),
        f"the board, {name}": lambda: selectors.board(actor=actor, wanted=Wanted(), now=NOW),
        f"the figures of the tabs, {name}": lambda: selectors.tally(
            actor=actor, wanted=Wanted(), now=NOW
        ),
        f"the number in the rail, {name}": lambda: selectors.waiting(actor=actor, now=NOW),
    }


def _readings(report: Report, size: Size, old: Side, young: Side) -> None:
    """Compare each reading in the old chain with the same in the young one."""
    with old.here():
        of_old = _works(old.cast)
    with young.here():
        of_young = _works(young.cast)
    asked = {name: (_asked(old, of_old[name]), _asked(young, of_young[name])) for name in of_old}
    assert all(max(both) <= _STATEMENTS for both in asked.values()), asked
    report.check(f"every reading takes at most {_STATEMENTS} statements in either chain")
    report.figure("statements of a reading, at most", max(map(max, asked.values())))
    for name, work in of_old.items():
        runs = 1 + int(size.seconds / measuring.took(partial(_often, old, work, 1)))
        ratios = measuring.paired(
            partial(_often, young, of_young[name], runs),
            partial(_often, old, work, runs),
            pairs=size.pairs,
        )
        report.ratio(f"{name}: old chain ÷ young", ratios, _ALIKE)


def _asked(side: Side, work: Callable[[], object]) -> int:
    with side.here():
        work()  # the first one also points the connection at the chain
        with CaptureQueriesContext(connection) as asked:
            work()
    return len(asked)


def _often(side: Side, work: Callable[[], object], runs: int) -> None:
    with side.here():
        for _ in range(runs):
            work()


def _sweeps(report: Report, size: Size) -> None:
    """Compare sweeps with one scan: one that finds nothing, and one of usual five minutes."""
    ratios = measuring.paired(_scan, lambda: escalating.sweep(now=NOW), pairs=size.pairs)
    assert not escalating.sweep(now=NOW)
    report.ratio("a sweep that finds nothing ÷ one scan", ratios, Reach(at_most=0.05))
    due = min(_DUE, size.still_open // (size.pairs + 1))
    moments = _wake(due, size.pairs)
    drawn: list[int] = []

    def sweep() -> None:
        drawn.append(escalating.sweep(now=next(moments)))

    ratios = measuring.paired(_scan, sweep, pairs=size.pairs)
    report.ratio(f"a sweep in which {due} clocks ran out ÷ one scan", ratios)
    assert min(drawn) >= due, drawn
    assert Entry.objects.filter(kind=escalating.ESCALATED).count() == sum(drawn)
    report.check("each clock that ran out was told of once")
    alone = [measuring.took(lambda: escalating.sweep(now=NOW)) for _ in range(max(3, size.pairs))]
    report.figure("a sweep that finds nothing", min(alone) * 1000, unit=" ms")


def _wake(due: int, times: int) -> Iterator[datetime]:
    """Let some clocks have run out for each of so many sweeps; yield when each is."""
    late = Case.objects.filter(reply_due_at__isnull=False).order_by("pk")
    keys = list(late.values_list("pk", flat=True)[: due * times])
    moments = [NOW + timedelta(seconds=n + 1) for n in range(times)]
    for n, at in enumerate(moments):
        some = Case.objects.filter(pk__in=keys[n * due : (n + 1) * due])
        some.update(reply_due_at=at, urgent_at=at, look_at=at)
    return iter(moments)


def _more_open(report: Report, size: Size, cast: Cast) -> None:
    """Say how it is when ten times as many are open, which no chain should see."""
    is_over = Case.objects.filter(state="closed").order_by("pk").values("pk")
    Case.objects.filter(pk__in=is_over[: 9 * size.still_open]).update(
        state="investigating", ended="", satisfied=None, closed_at=None, urgent_at=NOW
    )
    complaints_rows.settle()
    for name, work in _works_of("head office", cast.office).items():
        took = [measuring.took(work) for _ in range(max(3, size.pairs))]
        report.figure(f"with ten times as many open: {name}", min(took) * 1000, unit=" ms")


def _scan() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SCAN)
        cursor.fetchall()


@contextmanager
def _one_core() -> Iterator[None]:
    """Let neither side use a second core: a sweep is one statement after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET max_parallel_workers_per_gather")
