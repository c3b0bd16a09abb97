"""What a page of figures is about: the chain, a region, a store, or all that somebody may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID

from regulars.insights.models import CHAIN

type Kind = Literal["all", "region", "store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A store as figures need it."""

    id: UUID
    code: str
    name: str
    region_id: UUID | None
    region_name: str
    shares_figures: bool
    shares_customers: bool
    is_closed: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Some stores whose figures are shown as one; `all` is everything the person may see."""

    kind: Kind
    id: UUID | None
    name: str
    store_ids: frozenset[UUID]
    group_id: UUID | None
    """The group that is kept ready for exactly these stores, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Map:
    """The stores somebody may see figures of, by region, and the groups of the whole chain."""

    shops: tuple[Shop, ...]
    groups: Mapping[frozenset[UUID], UUID]

    @cached_property
    def by_id(self) -> dict[UUID, Shop]:
        """The visible stores."""
        return {each.id: each for each in self.shops}

    @cached_property
    def regions(self) -> dict[UUID, str]:
        """The regions of the visible stores by name."""
        named = {each.region_id: each.region_name for each in self.shops if each.region_id}
        return dict(sorted(named.items(), key=lambda item: item[1]))

    def everything(self) -> Place:
        """Return all visible stores as one place."""
        return self._place("all", None, "", self.shops)

    def region(self, region_id: UUID) -> Place | None:
        """Return the visible stores of a region, or None when there are none."""
        shops = [each for each in self.shops if each.region_id == region_id]
        return self._place("region", region_id, shops[0].region_name, shops) if shops else None

    def store(self, store_id: UUID) -> Place | None:
        """Return one visible store."""
        shop = self.by_id.get(store_id)
        return self._place("store", store_id, shop.name, [shop]) if shop else None

    def pair(self, store_id: UUID, other_id: UUID) -> Place | None:
        """Return two visible stores as one place."""
        shops = [self.by_id[each] for each in (store_id, other_id) if each in self.by_id]
        if len(shops) < 2:
            return None
        return self._place("all", None, " + ".join(each.name for each in shops), shops)

    def _place(self, kind: Kind, key: UUID | None, name: str, shops: Iterable[Shop]) -> Place:
        stores = frozenset(each.id for each in shops)
        group = next(iter(stores)) if len(stores) == 1 else self.groups.get(stores)
        return Place(kind=kind, id=key, name=name, store_ids=stores, group_id=group)


def known_groups(shops: Iterable[Shop]) -> dict[frozenset[UUID], UUID]:
    """Return the groups that are kept for all stores of a chain, by their members."""
    sharing = [each for each in shops if each.shares_figures]
    regions: dict[UUID, set[UUID]] = {}
    for shop in sharing:
        if shop.region_id:
            regions.setdefault(shop.region_id, set()).add(shop.id)
    groups = {frozenset(stores): region for region, stores in regions.items()}
    return {**groups, frozenset(each.id for each in sharing): CHAIN}
