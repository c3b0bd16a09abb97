"""Reading regions and stores within what somebody may see."""

from typing import Literal

from django.db.models import Q, QuerySet

from regulars.audit import Scope
from regulars.stores.models import Region, Store


def visible(scope: Scope) -> QuerySet[Store]:
    """Return the stores somebody may see, closed ones included, by code."""
    stores = Store.objects.order_by("code")
    return stores if scope.everything else stores.filter(pk__in=scope.store_ids)


def open_stores(scope: Scope) -> QuerySet[Store]:
    """Return the visible stores that have not been closed for good."""
    return visible(scope).filter(closed_on=None)


def visible_regions(scope: Scope) -> QuerySet[Region]:
    """Return the regions in which somebody sees at least one store; head office sees all."""
    regions = Region.objects.order_by("code")
    if scope.everything:
        return regions
    return regions.filter(pk__in=visible(scope).order_by().values("region_id"))


def within(scope: Scope, field: str, *, of: Literal["customers", "figures"] = "customers") -> Q:
    """Return the condition that keeps rows whose store (`field`, such as ``home_store``) is seen.

    What franchises withhold (H4) is left out. Use it wherever rows are filtered by store.
    """
    withheld = scope.withheld_customers if of == "customers" else scope.withheld_figures
    if not scope.everything:
        return Q(**{f"{field}__in": scope.store_ids - withheld})
    return ~Q(**{f"{field}__in": withheld}) if withheld else Q()
