"""Customers who have gone quiet and are worth saving (V5), each with the reason.

There are two orders. `missed`: who is missed most so far, which is what was measured to find those
who stay away (docs/quiet-customers.md), and has an index. `saving`: what a customer brings a week,
fading until the day they are given up; so whoever is worth most and only just late comes before
somebody who is nearly lost. That is a guide's order of calls, and sorted: their own are few.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from django.utils.translation import gettext, npgettext

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers.selectors import rows, visibility
from regulars.customers.selectors.rows import Listed
from regulars.tenancy import context, statements

_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.44}
_AS_WEEKS: Final = 14  # days from which one speaks of weeks
_AS_MONTHS: Final = 70  # days from which one speaks of months
# Who came since the night, however the receipt reached us, is quiet no more; the days of stores
# in other zones differ from head office's by one at most.
_STILL: Final = """
q.due_on <= %s AND NOT EXISTS (
  SELECT FROM purchases_standing t WHERE t.customer_id = q.customer_id
   AND t.last_at >= (q.last_day + 2)::timestamp AT TIME ZONE %s)"""
_NEW: Final = f"""
SELECT q.customer_id, c.owner_id, c.home_store_id, q.last_day, q.usual_days, q.missed_minor
FROM insights_silence q JOIN customers_customer c ON c.id = q.customer_id
WHERE q.noticed_on = %s AND q.customer_id > %s AND c.state = 'active' AND {_STILL}
ORDER BY q.customer_id LIMIT %s"""
_NOBODY: Final = UUID(int=0)
_TOO_MUCH: Final = 2**63
type Order = Literal["missed", "saving"]
LOST: Final = 6
"""After so many times as long as too long is, a customer is given up."""
# A week's worth, whole on the day it became too long, nothing on the day they are given up.
_SAVING: Final = f"""(q.weekly_minor * greatest(0,
  {LOST} * (q.due_on - q.last_day) - (%s::date - q.last_day))
  / ({LOST - 1} * greatest(1, q.due_on - q.last_day)))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A quiet customer: days between visits as usual, days away now, and what that costs.

    The usual is their own mean gap, drawn to the chain's. `weekly_minor` is what they spend a week
    at that pace; `missed_minor` what they would have spent since the last visit. From `due_on` on
    it was too long. `rank` is what the list is in order of.
    """

    person: Listed
    last_day: date
    usual_days: int
    away_days: int
    weekly_minor: int
    missed_minor: int
    due_on: date
    rank: int

    @property
    def until(self) -> date:
        """The day on which they are given up, if they do not come."""
        return self.last_day + LOST * (self.due_on - self.last_day) + timedelta(days=1)

    @property
    def reason(self) -> str:
        """Why they are on the list, as a sentence in the reader's language."""
        return sentence(usual_days=self.usual_days, away_days=self.away_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list; `after` leads to the next, empty at the end."""

    customers: list[Quiet]
    after: str


class Silent(NamedTuple):
    """A silence that was noticed: whose it is, and since when. `key` is the same for ever."""

    customer_id: UUID
    owner_id: UUID | None
    home_store_id: UUID | None
    last_day: date
    usual_days: int
    missed_minor: int

    @property
    def key(self) -> str:
        """What names this silence, so that nothing is started for it twice."""
        return f"customer.silent:{self.customer_id}:{self.last_day}"


def page(
    *,
    actor: Actor,
    today: date,
    store_id: UUID | None = None,
    owner_id: UUID | None = None,
    after: str = "",
    limit: int = 30,
    order: Order = "missed",
) -> Page:
    """Return the quiet customers of the actor's scope in one of the orders.

    `today` is the chain's. One statement; by `missed` a page far down costs what the first does;
    an `after` that makes no sense begins at the front. Raises Forbidden.
    """
    require(actor, "customers.view")
    where, values = visibility.within_sql(actor.scope)
    where += f" AND {_STILL}"
    values += [today, context.current().time_zone]
    for column, wanted in (("c.home_store_id", store_id), ("c.owner_id", owner_id)):
        if wanted is not None:
            where += f" AND {column} = %s"
            values.append(wanted)
    rank, days = ("q.missed_minor", []) if order == "missed" else (_SAVING, [today])
    if (key := _read(after)) is not None:
        where += f" AND ({rank}, q.customer_id) < (%s::bigint, %s)"
        values += [*days, *key]
    sql = (
        f"SELECT {rows.COLUMNS}, q.last_day, q.usual_days, q.weekly_minor, q.missed_minor, "
        f"q.due_on, {rank} AS rank FROM {rows.SOURCE} "
        f"JOIN insights_silence q ON q.customer_id = c.id "
        f"WHERE {where} ORDER BY {rank} DESC, q.customer_id DESC LIMIT {limit + 1:d}"
    )
    values = [*days, *values, *days]
    found = [_quiet(row, today) for row in rows.running(actor.scope)(sql, values)]
    more, found = len(found) > limit, found[:limit]
    return Page(customers=found, after=_mark(found[-1]) if more else "")


def newly_silent(*, day: date, after: UUID | None = None, limit: int = 1_000) -> list[Silent]:
    """Return the silences noticed on a day of the chain, by customer; each on one day only.

    Ask again with the last customer's id as `after` until nothing comes. Who came meanwhile is
    left out. For the system: no scope is asked for.
    """
    given = (day, after or _NOBODY, day, context.current().time_zone, limit)
    return [Silent(*row) for row in statements.every(_NEW, given)]


def sentence(*, usual_days: int, away_days: int) -> str:
    """Say how often somebody comes and how long they have not: "every 5 weeks", "11 weeks ago".

    Both in days, weeks or months, as one would say the first.
    """
    unit = "day" if usual_days < _AS_WEEKS else "week" if usual_days < _AS_MONTHS else "month"
    usual, away = (round(days / _DAYS[unit]) for days in (usual_days, away_days))
    said = {"usual": _every(usual, unit), "away": _ago(away, unit)}
    return gettext("Comes about every %(usual)s; the last visit was %(away)s ago.") % said


def _every(number: int, unit: str) -> str:
    texts = {
        "day": npgettext("every", "day", "%(number)d days", number),
        "week": npgettext("every", "week", "%(number)d weeks", number),
        "month": npgettext("every", "month", "%(number)d months", number),
    }
    return texts[unit] % {"number": number}


def _ago(number: int, unit: str) -> str:
    texts = {
        "day": npgettext("ago", "%(number)d day", "%(number)d days", number),
        "week": npgettext("ago", "%(number)d week", "%(number)d weeks", number),
        "month": npgettext("ago", "%(number)d month", "%(number)d months", number),
    }
    return texts[unit] % {"number": number}


def _quiet(row: tuple[Any, ...], today: date) -> Quiet:
    *person, last_day, usual_days, weekly, missed, due_on, rank = row
    return Quiet(
        person=Listed(*person),
        last_day=last_day,
        usual_days=usual_days,
        away_days=(today - last_day).days,
        weekly_minor=weekly,
        missed_minor=missed,
        due_on=due_on,
        rank=rank,
    )


def _mark(last: Quiet) -> str:
    return f"{last.rank}:{last.person.id}"


def _read(after: str) -> tuple[int, UUID] | None:
    """Return the key in a mark, or None for none and for one somebody made up."""
    missed, _, customer_id = after.partition(":")
    try:
        key = int(missed), UUID(customer_id)
    except ValueError:
        return None
    return key if abs(key[0]) < _TOO_MUCH else None
