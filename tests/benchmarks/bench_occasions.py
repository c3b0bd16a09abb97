"""Whose day it is among a million customers, as a ratio to one scan of the table (issue 4).

The other side is one sequential scan that reads a number out of every row, by the same client on
the same connection. What is held against it: a night, which moves on what went by; working
everything out anew; and the lists of a day, which read nothing but that day.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor
from regulars.audit.actors import ALL
from regulars.customers import calendar, services
from regulars.customers.models import Customer, LifeEvent, Possession
from regulars.followups.models import Occasion
from regulars.followups.occasions import keeping, selectors, telling
from regulars.followups.occasions.selectors import Wanted
from regulars.staff.models import Assignment, Role, Staff
from tests.benchmarks import measuring, occasions_rows
from tests.benchmarks.measuring import Reach, Report
from tests.factories import people

TITLE: Final = "Occasions of a day among a million customers"
_FIRST_NIGHT: Final = datetime(2026, 11, 21, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
_NIGHT: Final = timedelta(days=1)
_SCAN: Final = "SELECT count(*), sum(month + day) FROM customers_lifeevent"
_SCANS: Final = (
    "SELECT count(*), sum(length(kind)) FROM customers_possession WHERE acquired_on IS NOT NULL",
    "SELECT count(extra ->> 'engagement-day') FROM customers_customer",
    "SELECT count(*), max(next_on) FROM followups_occasion",
)


@dataclass(frozen=True)
class Size:
    """How many customers there are, and how often a comparison is made."""

    customers: int
    pairs: int


FULL: Final = Size(customers=1_000_000, pairs=measuring.PAIRS)
SMALL: Final = Size(customers=1_500, pairs=1)


def measure(report: Report, size: Size) -> None:
    """Fill a chain, check the answers, compare."""
    with measuring.inside():
        occasions_rows.fill(size.customers, str(_FIRST_NIGHT.date()))
        services.advance_occasions(now=_FIRST_NIGHT, everything=True)
        keeping.refresh_all(now=_FIRST_NIGHT)
        occasions_rows.settle()
        report.figure("life events", LifeEvent.objects.count())
        report.figure("things", Possession.objects.count())
        report.figure("occasions of dates and things", Occasion.objects.count())
        _check(report, _FIRST_NIGHT.date())
        with _one_core():
            _lists(report, size)
            _nights(report, size)


def _check(report: Report, today: date) -> None:
    """Hold the lists against the calendar itself, asked about every day that was noted."""
    combinations = LifeEvent.objects.values_list("lunar", "leap_month", "month", "day").distinct()
    wrong = 0
    for on in (today, date(2027, 2, 28), date(2027, 9, 15)):
        of_day = {
            (lunar, leap, month, day)
            for lunar, leap, month, day in combinations
            if calendar.next_on(month=month, day=day, lunar=lunar, leap_month=leap, on_or_after=on)
            == on
        }
        rows = LifeEvent.objects.filter(
            month__in={month for *_, month, _day in of_day},
            day__in={day for *_, day in of_day},
        ).values_list("pk", "lunar", "leap_month", "month", "day")
        expected = {pk for pk, *day in rows if tuple(day) in of_day}
        found = selectors.read(ALL, Wanted(first=on, last=on, kinds=("customer.birthday",)))
        found += selectors.read(ALL, Wanted(first=on, last=on, kinds=("customer.wedding",)))
        wrong += {each.id for each in found} != expected
        assert found
    assert not wrong
    report.check("the lists of three days are those the calendar gives for every day noted")
    told = telling.tomorrow(now=_FIRST_NIGHT)
    tomorrow = Wanted(first=today + _NIGHT, last=today + _NIGHT)
    assert sum(map(len, told.values())) == len(selectors.read(ALL, tomorrow))
    report.check("whom to tell tomorrow's occasions is said of each once")


def _lists(report: Report, size: Size) -> None:
    """Compare the lists of a day with one scan."""
    day = _FIRST_NIGHT.date() + _NIGHT
    week = Wanted(first=day, last=day + timedelta(days=6))

    def tell() -> None:
        telling.tomorrow(now=_FIRST_NIGHT)

    def whole_day() -> None:
        selectors.read(ALL, Wanted(first=day, last=day))

    ratios = measuring.paired(lambda: _run(_SCAN), tell, pairs=size.pairs)
    report.ratio("whom to tell of a day's occasions ÷ one scan", ratios, Reach(at_most=1))
    ratios = measuring.paired(lambda: _run(_SCAN), whole_day, pairs=size.pairs)
    report.ratio("the same with names, places and things, as a list ÷ one scan", ratios)
    report.figure("occasions on that day", len(selectors.read(ALL, Wanted(first=day, last=day))))
    for who, actor in _people().items():
        with CaptureQueriesContext(connection) as asked:
            selectors.page(actor=actor, wanted=week)
        report.figure(f"statements of a page of {who}", len(asked))
        took = [
            measuring.took(lambda: selectors.page(actor=actor, wanted=week))  # noqa: B023
            for _ in range(max(3, size.pairs))
        ]
        report.figure(f"a page of the next week, {who}", min(took) * 1000, unit=" ms")


def _nights(report: Report, size: Size) -> None:
    """Compare a night's work with scans of what it is about, each night a day later."""
    nights = iter(range(1, 10_000))
    moved: list[int] = []

    def night() -> None:
        moved.append(services.advance_occasions(now=_FIRST_NIGHT + next(nights) * _NIGHT))

    def dates() -> None:
        keeping.advance(now=_FIRST_NIGHT + next(nights) * _NIGHT)

    def sunday() -> None:
        keeping.refresh_all(now=_FIRST_NIGHT + next(nights) * _NIGHT)

    before = measuring.log_written()
    ratios = measuring.paired(lambda: _run(_SCAN), night, pairs=size.pairs)
    report.ratio("a night of life events ÷ one scan", ratios, Reach(at_most=1))
    report.figure("life events moved in a night", sum(moved) / len(moved))
    report.figure(
        "WAL of such a night", (measuring.log_written() - before) / len(moved) / 1e6, unit=" MB"
    )
    late = _FIRST_NIGHT + next(nights) * _NIGHT
    services.advance_occasions(now=late)

    def anew() -> None:
        services.advance_occasions(now=late, everything=True)

    ratios = measuring.paired(lambda: _run(_SCAN), anew, pairs=size.pairs)
    report.ratio("every life event worked out anew ÷ one scan", ratios)
    ratios = measuring.paired(lambda: _run(*_SCANS), dates, pairs=size.pairs)
    report.ratio("a night of dates and things ÷ one scan of their tables", ratios, Reach(at_most=1))
    ratios = measuring.paired(lambda: _run(*_SCANS), sunday, pairs=size.pairs)
    report.ratio("all dates and things worked out anew ÷ one scan of their tables", ratios)


def _people() -> dict[str, Actor]:
    """Return head office, a store manager and a guide of a full store."""
    owner, store = Customer.objects.values_list("owner", "home_store")[0]
    guide = Staff.objects.get(pk=owner)
    Assignment.objects.create(staff=guide, store_id=store)
    manager = people.staff(name="Carol", role=Role.STORE_MANAGER)
    Assignment.objects.create(staff=manager, store_id=store)
    office = people.staff(name="Dora", role=Role.HEAD_OFFICE)
    return {
        "head office": people.actor(office),
        "a store manager": people.actor(manager),
        "a guide": people.actor(guide),
    }


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


@contextmanager
def _one_core() -> Iterator[None]:
    """Let neither side use a second core: a night is one statement after the other."""
    _run_alone("SET max_parallel_workers_per_gather = 0")
    yield
    _run_alone("RESET max_parallel_workers_per_gather")


def _run_alone(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
