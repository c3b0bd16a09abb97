"""Head office's view of a place: its figures against another period, over time, store by store."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from regulars.audit import Actor
from regulars.insights.models import CHAIN
from regulars.insights.periods import Days, Step, step_of, steps
from regulars.insights.places import Map, Place, Shop
from regulars.insights.selectors import figures as reading
from regulars.insights.selectors import mapping, uncounted
from regulars.insights.selectors.figures import NOTHING, Figures
from regulars.staff import permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Figures of a period and of the one it is compared with, if any."""

    now: Figures
    before: Figures | None
    held: int  # points that customers hold at the end of the period
    held_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """One store in the table of stores."""

    shop: Shop
    figures: Compared


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRow:
    """One region in the table of regions."""

    id: UUID
    name: str
    figures: Compared


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a series."""

    days: Days
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything the page shows; `fresh` and `not_kept` say what the next look could be spared."""

    map: Map
    place: Place
    days: Days
    compare: Days | None
    figures: Compared
    step: Step
    series: tuple[Point, ...]
    series_before: tuple[Point, ...]
    stores: tuple[StoreRow, ...]
    regions: tuple[RegionRow, ...]
    fresh: int
    not_kept: tuple[Days, ...]


def overview(
    *,
    actor: Actor,
    days: Days,
    compare: Days | None = None,
    region_id: UUID | None = None,
    store_id: UUID | None = None,
) -> Overview:
    """Return the figures of a place the actor may see. Raises Forbidden, NotFound.

    Three statements, two more at most for what is not kept or not folded yet; more only where a
    place is no kept group (several stores of one manager) or stores have just changed region.
    """
    permissions.require(actor, "insights.view")
    found = mapping.map_of(actor.scope)
    place = mapping.place_of(found, region_id=region_id, store_id=store_id)
    step = step_of(days)
    asked = _Asked(days, compare, step)
    shops = [found.by_id[each] for each in place.store_ids]
    regions = _regions(found, place)
    groups = {each.id for each in shops} | {each.group_id for each in regions if each.group_id}
    broken = reading.regrouped()
    whole = place.group_id if place.group_id not in broken else None
    if whole is not None:
        groups.add(whole)
    answer = reading.read(
        group_ids=groups - broken,
        periods=asked.periods,
        group_id=whole or CHAIN,
        steps=asked.steps if whole is not None else (),
    )
    known = {
        group: asked.compared({each: answer.of(each, group) for each in asked.periods})
        for group in groups - broken
    }
    series = {each: answer.series.get(each, NOTHING) for each in asked.steps}
    if whole is None:
        by_period = uncounted.of_stores(
            store_ids=place.store_ids,
            periods=list(dict.fromkeys([*asked.periods, *asked.steps])),
            with_rest=place.group_id == CHAIN,
        )
        figures, series = asked.compared(by_period), by_period
    else:
        figures = known[whole]
    return Overview(
        map=found,
        place=place,
        days=days,
        compare=compare,
        figures=figures,
        step=step,
        series=tuple(Point(each, series[each]) for each in steps(days, step)),
        series_before=tuple(Point(each, series[each]) for each in _steps(compare, step)),
        stores=tuple(StoreRow(shop=each, figures=known[each.id]) for each in _by_code(shops)),
        regions=_region_rows(regions, known, asked),
        fresh=answer.fresh,
        not_kept=tuple(each for each in asked.periods if each not in answer.kept),
    )


def of_place(*, place: Place, days: Days) -> Compared:
    """Return the figures of one place and period alone, as the overview would show them."""
    asked = _Asked(days, None, step_of(days))
    if place.group_id is None or place.group_id in reading.regrouped():
        found = uncounted.of_stores(
            store_ids=place.store_ids,
            periods=asked.periods,
            with_rest=place.group_id == CHAIN,
        )
        return asked.compared(found)
    answer = reading.read(group_ids=[place.group_id], periods=asked.periods)
    return asked.compared({each: answer.of(each, place.group_id) for each in asked.periods})


@dataclass(frozen=True, slots=True)
class _Asked:
    """The periods an overview asks for, and how the answers make its figures."""

    days: Days
    compare: Days | None
    step: Step

    @property
    def periods(self) -> list[Days]:
        both = [self.days] if self.compare is None else [self.days, self.compare]
        return list(dict.fromkeys([*both, *(each.until for each in both)]))

    @property
    def steps(self) -> list[Days]:
        return list(dict.fromkeys([*steps(self.days, self.step), *_steps(self.compare, self.step)]))

    def compared(self, found: dict[Days, Figures]) -> Compared:
        compare = self.compare
        return Compared(
            now=found[self.days],
            before=found[compare] if compare else None,
            held=found[self.days.until].points,
            held_before=found[compare.until].points if compare else None,
        )


def _steps(days: Days | None, step: Step) -> list[Days]:
    return steps(days, step) if days else []


def _by_code(shops: Sequence[Shop]) -> list[Shop]:
    return sorted(shops, key=lambda each: each.code)


def _regions(found: Map, place: Place) -> list[Place]:
    """Return the regions to show beside the stores: none when the place lies within one."""
    if place.kind != "all" or len(found.regions) < 2:
        return []
    places = [found.region(each) for each in found.regions]
    return [each for each in places if each is not None]


def _region_rows(
    regions: list[Place], known: dict[UUID, Compared], asked: _Asked
) -> tuple[RegionRow, ...]:
    return tuple(
        RegionRow(id=each.id, name=each.name, figures=_of_region(each, known, asked))
        for each in regions
        if each.id is not None
    )


def _of_region(place: Place, known: dict[UUID, Compared], asked: _Asked) -> Compared:
    if place.group_id in known:
        return known[place.group_id]
    return asked.compared(uncounted.of_stores(store_ids=place.store_ids, periods=asked.periods))
