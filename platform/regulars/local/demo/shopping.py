"""Who comes when, and to which store: plain Python, nothing of the product.

A few people come often and buy dear things, many come once; some stopped coming; some go to two
stores; some nobody knows by name. Visits follow the seasons and end with those of today.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from regulars.local.demo import drawing, seasons
from regulars.local.demo.content import Company
from regulars.local.demo.drawing import Dice, Urn

MOST_VISITS: Final = 90
_NEVER_CAME: Final = 3  # per cent who only left their name
_STAYED_AWAY: Final = 42  # per cent who stopped coming some time
_FEWEST_TODAY: Final = 8


@dataclass(frozen=True, kw_only=True)
class Size:
    """How big a chain's story is. `days` is its length, up to and with today."""

    customers: int = 2_000
    purchases: int = 10_000
    days: int = 730


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody buys something: when (aware), in which store, and who (None: nobody knows)."""

    at: datetime
    store: int
    shopper: int | None


class Shops:
    """The stores of a chain through time."""

    def __init__(self, company: Company, *, today: date, zone: ZoneInfo) -> None:
        """Know when each opened and closed."""
        self.stores = company.stores
        self.zone = zone
        self._bands = company.habits.hours
        self._codes = {store.code: at for at, store in enumerate(self.stores)}
        self._opened = [_ago(today, store.opened_days_ago) for store in self.stores]
        self._closed = [_ago(today, store.closed_days_ago) for store in self.stores]

    def is_open(self, at: int, day: date) -> bool:
        """Say whether a store exists on a day."""
        opened, closed = self._opened[at], self._closed[at]
        return (opened is None or day >= opened) and (closed is None or day < closed)

    def instead(self, at: int, day: date) -> int:
        """Return the store, or the one that serves its people while it is not there."""
        if self.is_open(at, day):
            return at
        store = self.stores[at]
        if store.successor:
            return self._codes[store.successor]
        near = [n for n, each in enumerate(self.stores) if each.region == store.region]
        return next(n for n in near if self.is_open(n, day))

    def urn(self, day: date) -> Urn[int]:
        """Return the stores that exist on a day, by how busy they are."""
        there = [at for at in range(len(self.stores)) if self.is_open(at, day)]
        return Urn(there, [self.stores[at].share for at in there])

    def neighbours(self, at: int) -> list[int]:
        """Return the other stores of the region; of the web shop, all."""
        store = self.stores[at]
        return [
            n
            for n, each in enumerate(self.stores)
            if n != at and (store.web or each.web or each.region == store.region)
        ]

    def moment(self, at: int, day: date, rng: Dice) -> datetime:
        """Draw a time of a day at which people come to a store; the web shop is always open."""
        if self.stores[at].web and not self.stores[at].extra:
            return self.midnight(day) + timedelta(seconds=rng.randrange(24 * 3600))
        band = rng.choices(self._bands, [each.weight for each in self._bands])[0]
        seconds = rng.randrange(_minutes(band.start) * 60, _minutes(band.end) * 60)
        return self.midnight(day) + timedelta(seconds=seconds)

    def midnight(self, day: date) -> datetime:
        """Return the beginning of a day."""
        return datetime.combine(day, time(), tzinfo=self.zone)

    def circumstances(self, at: int, moment: datetime) -> dict[str, str]:
        """Return what the hour and the store make of a purchase."""
        clock = f"{moment:%H:%M}"
        found = next((each for each in self._bands if each.start <= clock < each.end), None)
        return {**(found.extra if found else {}), **self.stores[at].extra}


def plan(company: Company, size: Size, *, now: datetime, rng: Dice) -> list[Visit]:
    """Return exactly `size.purchases` visits in the order of time, today's included.

    `now` is in the chain's zone: nothing happens after it.
    """
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)  # noqa: S101
    today = now.date()
    shops = Shops(company, today=today, zone=zone)
    first = today - timedelta(days=size.days)
    year = seasons.year(company.habits, first=first, last=today - timedelta(days=1))
    anonymous = round(size.purchases * company.habits.anonymous / 100)
    counts = _counts(company, size, total=size.purchases - anonymous, rng=rng)
    visits = [
        visit
        for shopper, count in enumerate(counts)
        for visit in _of_one(shopper, count, company, shops, year, rng)
    ]
    for _each in range(anonymous):
        day = year.days[year.at(rng.random())]
        store = shops.urn(day).draw(rng)
        visits.append(Visit(shops.moment(store, day, rng), store, None))
    visits.sort(key=_by_time)
    return _with_today(visits, shops, size, now=now, rng=rng)


def _by_time(visit: Visit) -> tuple[datetime, int, int]:
    return visit.at, visit.store, -1 if visit.shopper is None else visit.shopper


def _counts(company: Company, size: Size, *, total: int, rng: Dice) -> list[int]:
    """Share visits out: one for many, many for a few; they add up to the total."""
    habits = company.habits
    wishes = []
    for _each in range(size.customers):
        if drawing.happens(rng, _NEVER_CAME):
            wishes.append(0.0)
        elif drawing.happens(rng, habits.single_visit):
            wishes.append(1.0)
        else:
            wishes.append(1 + rng.paretovariate(habits.tail))
    more = _scale(wishes, total)
    counts = [_rounded(_stretched(wish, more), rng) for wish in wishes]
    often = [at for at, count in enumerate(counts) if count > 1]
    while (gap := total - sum(counts)) != 0:
        at = rng.choice(often)
        if gap > 0 or counts[at] > 1:
            counts[at] += 1 if gap > 0 else -1
    return counts


def _scale(wishes: Sequence[float], total: int) -> float:
    """Find the factor that makes the visits beyond the first add up, by halving."""
    low, high = 0.0, float(MOST_VISITS)
    for _step in range(40):
        middle = (low + high) / 2
        if sum(_stretched(wish, middle) for wish in wishes) < total:
            low = middle
        else:
            high = middle
    return low


def _stretched(wish: float, more: float) -> float:
    return wish if wish <= 1 else min(1 + (wish - 1) * more, MOST_VISITS)


def _rounded(wish: float, rng: Dice) -> int:
    whole = int(wish)
    return whole + (rng.random() < wish - whole)


def _of_one(
    shopper: int, count: int, company: Company, shops: Shops, year: seasons.Year, rng: Dice
) -> list[Visit]:
    """Spread one person's visits over the time in which they come."""
    if not count:
        return []
    begin = rng.random() * (1 - min(count / 30, 0.95))
    end = 1.0
    if drawing.happens(rng, _STAYED_AWAY):
        end = begin + (1 - begin) * (0.1 + 0.9 * rng.random())
    parts = [(n + rng.random()) / count for n in range(count)]
    days = [year.days[year.at(begin + (end - begin) * part)] for part in parts]
    home = shops.urn(days[0]).draw(rng)
    second = home
    if drawing.happens(rng, company.habits.wanders):
        second = rng.choice(shops.neighbours(home) or [home])
    visits = []
    for day in days:
        store = shops.instead(second if drawing.happens(rng, 35) else home, day)
        visits.append(Visit(shops.moment(store, day, rng), store, shopper))
    return visits


def _with_today(
    visits: list[Visit], shops: Shops, size: Size, *, now: datetime, rng: Dice
) -> list[Visit]:
    """Move some of the last visits to today, so that today is never empty."""
    midnight = shops.midnight(now.date())
    passed = (now - midnight) / timedelta(days=1)
    wanted = max(_FEWEST_TODAY, round(size.purchases / size.days * 1.6 * passed))
    recent = bisect_right(visits, midnight - timedelta(days=45), key=lambda visit: visit.at)
    recent = min(recent, max(len(visits) - 3 * wanted, 0))
    moved = set(rng.sample(range(recent, len(visits)), min(wanted, len(visits) - recent)))
    kept = [visit for at, visit in enumerate(visits) if at not in moved]
    todays = [
        _today(visits[at], shops, midnight=midnight, now=now, rng=rng) for at in sorted(moved)
    ]
    return sorted([*kept, *todays], key=_by_time)


def _today(visit: Visit, shops: Shops, *, midnight: datetime, now: datetime, rng: Dice) -> Visit:
    """Let somebody come today: to their store since it opened, or before that to the web shop."""
    at = shops.instead(visit.store, now.date())
    opens = midnight + timedelta(minutes=_minutes(shops.stores[at].hours[0]))
    if shops.stores[at].web or opens >= now:
        at = next(n for n, store in enumerate(shops.stores) if store.web)
        opens = midnight
    moment = opens + (now - opens) * rng.random()
    return Visit(moment.replace(microsecond=0), at, visit.shopper)


def _ago(today: date, days: int | None) -> date | None:
    return None if days is None else today - timedelta(days=days)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
