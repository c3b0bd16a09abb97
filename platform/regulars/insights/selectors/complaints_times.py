"""How long complaints took: the first answer and the settlement, on the clock and on the wall.

The clock of a complaint runs while its store is open by the hours that hold today, or always where
health is in danger; waiting for the customer is in it. Seconds everywhere.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, cast
from uuid import UUID

from regulars.complaints import templates, timing
from regulars.complaints.models import Case
from regulars.insights.keys import Keys
from regulars.insights.opening_time import Meter
from regulars.insights.quantiles import Spread, spread
from regulars.insights.selectors.complaints_asking import Asked
from regulars.insights.shares import Share
from regulars.stores.models import Store
from regulars.tenancy import statements

_COLUMNS: Final = """c.id, c.store_id, c.template, c.template_version, c.severity, c.wall_clock,
  extract(epoch FROM c.opened_at)::float8, extract(epoch FROM c.replied_at)::float8,
  extract(epoch FROM c.resolved_at)::float8, c.state = 'closed'"""


class Times(NamedTuple):
    """The times of one store or of all: on the clock and on the wall, and what is not over yet."""

    cases: int
    reply: Spread
    reply_wall: Spread
    resolve: Spread
    resolve_wall: Spread
    late_replies: int
    waiting: int

    @property
    def late_share(self) -> Share:
        """Those whose first answer was or is late, of all that were or had to be answered."""
        return Share(self.late_replies, self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Times by store and of all together; `late` are the complaints with a late first answer."""

    total: Times
    stores: dict[UUID, Times]
    late: Keys = field(default_factory=Keys)


@dataclass(slots=True)
class _Taken:
    """What was measured of some complaints."""

    cases: int = 0
    late: int = 0
    waiting: int = 0
    reply: list[float] = field(default_factory=list)
    reply_wall: list[float] = field(default_factory=list)
    resolve: list[float] = field(default_factory=list)
    resolve_wall: list[float] = field(default_factory=list)

    def times(self) -> Times:
        return Times(
            self.cases,
            spread(self.reply),
            spread(self.reply_wall),
            spread(self.resolve),
            spread(self.resolve_wall),
            self.late,
            self.waiting,
        )


type _Row = tuple[UUID, UUID, str, str, str, bool, float, float | None, float | None, bool]


def of_place(*, asked: Asked) -> Timed:
    """Return how long complaints took. Two statements."""
    rows = cast("list[_Row]", statements.every(asked.cases(_COLUMNS), asked.given))
    meters = _meters(
        {row[1] for row in rows},
        start=min((row[6] for row in rows), default=0.0),
        end=asked.now.timestamp(),
    )
    total, stores = _Taken(), defaultdict[UUID, _Taken](_Taken)
    allowed, now = _Allowed(), asked.now.timestamp()
    late = [
        row[0] for row in rows
        if _take(row, meters[row[1]], (total, stores[row[1]]), allowed[row[2:5]], now)
    ]  # fmt: skip
    return Timed(
        total=total.times(),
        stores={key: each.times() for key, each in stores.items()},
        late=Keys.of(late),
    )


def _take(row: _Row, meter: Meter, into: Sequence[_Taken], allowed: float, now: float) -> bool:
    """Measure one complaint; say whether its first answer was or is late."""
    by_wall, opened, replied, resolved, is_closed = row[5:]

    def ran(end: float) -> float:
        return end - opened if by_wall else meter.seconds(opened, end)

    waits = replied is None and not is_closed
    counts = replied is not None or waits
    is_late = counts and ran(now if replied is None else replied) > allowed
    for each in into:
        each.cases += counts
        each.waiting += waits
        each.late += is_late
        if replied is not None:
            each.reply.append(ran(replied))
            each.reply_wall.append(replied - opened)
        if resolved is not None:
            each.resolve.append(ran(resolved))
            each.resolve_wall.append(resolved - opened)
    return is_late


class _Allowed(dict[tuple[str, str, str], float]):
    """The seconds a first answer may take, by kind as it was at the time, and by severity."""

    def __missing__(self, key: tuple[str, str, str]) -> float:
        template, version, severity = key
        found = templates.of(Case(template=template, template_version=version))
        self[key] = timing.allowed(severity, found).reply.total_seconds()
        return self[key]


def _meters(store_ids: set[UUID], *, start: float, end: float) -> dict[UUID, Meter]:
    """Return a meter for each store; those with the same hours share one."""
    first = datetime.fromtimestamp(start, UTC) - timedelta(days=1)
    last = datetime.fromtimestamp(end, UTC) + timedelta(days=1)
    made: dict[str, Meter] = {}
    found = {}
    for store in Store.objects.filter(pk__in=store_ids):
        like = repr((store.hours, store.time_zone, store.opened_on, store.closed_on))
        if like not in made:
            made[like] = Meter(store, start=first, end=last)
        found[store.pk] = made[like]
    return found
