"""Which stores' figures somebody may see, and the place a page is about."""

from uuid import UUID

from django.db.models import F

from regulars.audit import Scope
from regulars.errors import NotFound
from regulars.insights.places import Map, Place, Shop, known_groups
from regulars.stores import selectors as stores
from regulars.stores.models import Store


def map_of(scope: Scope) -> Map:
    """Return the stores whose figures this scope covers, by code; one statement."""
    rows = (
        Store.objects.annotate(region_name=F("region__name"), is_open=stores.still_open())
        .order_by("code")
        .values_list(
            "id", "code", "name", "region_id", "region_name", "ownership",
            "shares_figures", "shares_customers", "is_open",
        )
    )  # fmt: skip
    shops = tuple(
        Shop(
            id=key,
            code=code,
            name=name,
            region_id=region_id,
            region_name=region_name or "",
            shares_figures=ownership != Store.Ownership.FRANCHISE or shares_figures,
            shares_customers=ownership != Store.Ownership.FRANCHISE or shares_customers,
            is_closed=not is_open,
        )
        for (
            key, code, name, region_id, region_name, ownership,
            shares_figures, shares_customers, is_open,
        ) in rows
    )  # fmt: skip
    visible = tuple(each for each in shops if scope.covers_figures(each.id))
    return Map(shops=visible, groups=known_groups(shops))


def place_of(found: Map, *, region_id: UUID | None = None, store_id: UUID | None = None) -> Place:
    """Return the place asked for, or everything visible. Raises NotFound for what is not."""
    place: Place | None
    if store_id is not None:
        place = found.store(store_id)
    elif region_id is not None:
        place = found.region(region_id)
    else:
        place = found.everything()
    if place is None:
        raise NotFound
    return place
