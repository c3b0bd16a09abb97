"""Reading regions and stores within what somebody may see."""

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from regulars.audit import Scope
from regulars.stores.models import Region, Store
from regulars.tenancy import context

# The stores that keep something from the whole chain (H4), read beside whoever asks.
KEPT_BACK: Final = """(
SELECT json_agg(json_build_array(s.id, s.shares_customers, s.shares_figures)) FROM stores_store s
 WHERE s.ownership = 'franchise' AND NOT (s.shares_customers AND s.shares_figures))"""


def whole_chain(kept_back: Iterable[tuple[str, bool, bool]] | None) -> Scope:
    """Return what sees the whole chain but what `KEPT_BACK` read."""
    kept = list(kept_back or ())
    return Scope(
        everything=True,
        withheld_customers=frozenset(UUID(key) for key, customers, _ in kept if not customers),
        withheld_figures=frozenset(UUID(key) for key, _, figures in kept if not figures),
    )


def visible(scope: Scope) -> QuerySet[Store]:
    """Return the stores somebody may see, closed ones included, by code."""
    stores = Store.objects.order_by("code")
    return stores if scope.everything else stores.filter(pk__in=scope.store_ids)


def open_stores(scope: Scope) -> QuerySet[Store]:
    """Return the visible stores that are open, the day of closing ahead included."""
    return visible(scope).filter(still_open())


def still_open(prefix: str = "") -> Q:
    """Return the condition of stores that count as open: the one place where it is written.

    A store is open until the day on which it closes has come, by the chain's calendar. `prefix`
    leads to the store, such as ``stores__``.
    """
    return Q(**{f"{prefix}closed_on": None}) | Q(**{f"{prefix}closed_on__gt": _today()})


def is_open(store: Store) -> bool:
    """Say of one store what `still_open` says of many."""
    return store.closed_on is None or store.closed_on > _today()


def count_open() -> int:
    """Return how many stores of the chain are open today, as plans count and bill them (S3)."""
    return Store.objects.filter(still_open()).count()


def _today() -> date:
    return timezone.now().astimezone(context.current().zone).date()


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
