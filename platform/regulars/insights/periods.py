"""Periods of business days, both ends included, and those that are kept ready every day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

type Step = Literal["day", "week", "month"]
_TRAILING: Final = (7, 30, 90, 365)
_LONGEST_BY_DAY: Final = 92
_LONGEST_BY_WEEK: Final = 400


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """The days from `first` to `last`."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse days that make no period; the caller's form has checked them before."""
        if self.first > self.last:
            raise ValueError(f"{self.first} comes after {self.last}.")

    @property
    def length(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    @property
    def until(self) -> "Days":
        """Everything up to the last day: what points are held is a sum over all of it."""
        return Days(date.min, self.last)


def step_of(days: Days) -> Step:
    """Return how finely a period is drawn: at most some hundred points."""
    if days.length <= _LONGEST_BY_DAY:
        return "day"
    return "week" if days.length <= _LONGEST_BY_WEEK else "month"


def steps(days: Days, step: Step) -> list[Days]:
    """Divide a period into days, ISO weeks or months; the outer ones end where the period does."""
    found = []
    first = days.first
    while first <= days.last:
        last = min(_end(first, step), days.last)
        found.append(Days(first, last))
        if last == date.max:
            break
        first = last + timedelta(days=1)
    return found


def prepared(today: date) -> list[Days]:
    """Return the periods that are kept ready on a day, each with those it is compared with.

    Today, trailing 7, 30, 90 and 365 days, and the week, month, quarter and year so far: as they
    are, against the period before (of a calendar period: its same days), and a year earlier.
    """
    return sorted({each for days in _of_today(today) for each in days})


def months_earlier(on: date, months: int) -> date:
    """Return the same day of an earlier month, or its last when it has no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return min(
        date(year, month + 1, 1) + timedelta(days=on.day - 1), _end_of_month(year, month + 1)
    )


def _of_today(today: date) -> Iterator[tuple[Days, Days, Days]]:
    for length in (1, *_TRAILING):
        first = today - timedelta(days=length - 1)
        before = Days(first - timedelta(days=length), first - timedelta(days=1))
        yield Days(first, today), before, _earlier(Days(first, today), 12)
    week = Days(today - timedelta(days=today.weekday()), today)
    days = timedelta(days=7)
    yield week, Days(week.first - days, week.last - days), _earlier(week, 12)
    for months in (1, 3, 12):
        first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
        so_far = Days(first, today)
        yield so_far, _earlier(so_far, months), _earlier(so_far, 12)


def _earlier(days: Days, months: int) -> Days:
    return Days(months_earlier(days.first, months), months_earlier(days.last, months))


def _end(first: date, step: Step) -> date:
    if step == "day":
        return first
    if step == "month":
        return _end_of_month(first.year, first.month)
    return first + timedelta(days=6 - first.weekday())


def _end_of_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
