"""A contact budget in words and as a small picture: what it lets through in two weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.messages.budgets import Budget
from regulars.messages.windows import Counted, Limit

DAYS: Final = 14
_MOST_DOTS: Final = 60
_MINUTES_OF_A_DAY: Final = 24 * 60
_BEGINS: Final = 10  # o'clock


def sentences(budget: Budget) -> Iterator[str]:
    """Yield what holds, one sentence for each rule."""
    for limit in budget.limits:
        yield _limit(limit)
    if not budget.limits:
        yield _("There is no limit to how many contacts a customer gets.")
    minutes = int(budget.distance.total_seconds() // 60)
    if minutes and minutes % 60 == 0:
        hours = minutes // 60
        yield ngettext(
            "At least %(n)d hour lies between two contacts.",
            "At least %(n)d hours lie between two contacts.",
            hours,
        ) % {"n": hours}
    elif minutes:
        yield ngettext(
            "At least %(n)d minute lies between two contacts.",
            "At least %(n)d minutes lie between two contacts.",
            minutes,
        ) % {"n": minutes}
    if budget.quiet is not None and budget.quiet.start != budget.quiet.until:
        yield _("Nobody is contacted from %(start)s to %(until)s by the customer's own clock.") % {
            "start": f"{budget.quiet.start:%H:%M}",
            "until": f"{budget.quiet.until:%H:%M}",
        }


def _limit(limit: Limit) -> str:
    said = {
        "any": ngettext(
            "At most %(n)d contact, greetings and offers together, in any %(days)d days.",
            "At most %(n)d contacts, greetings and offers together, in any %(days)d days.",
            limit.most,
        ),
        "care": ngettext(
            "At most %(n)d greeting or care contact in any %(days)d days.",
            "At most %(n)d greetings and care contacts in any %(days)d days.",
            limit.most,
        ),
        "selling": ngettext(
            "At most %(n)d offer in any %(days)d days.",
            "At most %(n)d offers in any %(days)d days.",
            limit.most,
        ),
    }
    return said[limit.purpose] % {"n": limit.most, "days": limit.days}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Fourteen days as columns of 24 hours: `bands` are quiet (top, height), `dots` contacts.

    Places are in percent of the height and of the width.
    """

    bands: list[tuple[float, float]]
    dots: list[tuple[float, float]]
    moments: list[datetime]
    days: list[float]


def picture(budget: Budget, *, purpose: str, now: datetime, zone: ZoneInfo) -> Picture:
    """Return what goes through if somebody tries from ten o'clock on, as often as they can."""
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = list(_earliest(budget, purpose, start + timedelta(hours=_BEGINS), zone))
    return Picture(
        bands=_bands(budget),
        dots=[_dot(each.astimezone(zone), start) for each in moments],
        moments=moments,
        days=[round(100 * number / DAYS, 2) for number in range(1, DAYS)],
    )


def _earliest(budget: Budget, purpose: str, at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the contacts of two weeks, each as early as it may be."""
    end = at + timedelta(days=DAYS)
    done: list[Counted] = []
    while len(done) < _MOST_DOTS:
        refusal = budget.refusal(done, purpose=purpose, at=at, zone=zone)
        if refusal is not None and refusal.possible_at is None:
            return
        at = refusal.possible_at if refusal and refusal.possible_at else at
        if at >= end:
            return
        yield at
        done.append(Counted(at, purpose))
        at += max(budget.distance, timedelta(hours=1))


def _dot(at: datetime, start: datetime) -> tuple[float, float]:
    day = (at.date() - start.date()).days
    minutes = at.hour * 60 + at.minute
    return round(100 * (day + 0.5) / DAYS, 2), round(100 * minutes / _MINUTES_OF_A_DAY, 2)


def _bands(budget: Budget) -> list[tuple[float, float]]:
    quiet = budget.quiet
    if quiet is None or quiet.start == quiet.until:
        return []
    start, until = (
        round(100 * (each.hour * 60 + each.minute) / _MINUTES_OF_A_DAY, 2)
        for each in (quiet.start, quiet.until)
    )
    if start < until:
        return [(start, until - start)]
    return [(0.0, until), (start, 100 - start)]
