"""The places of the workspace. One that does not exist yet, or is not for a role, is not shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_MANAGERS = frozenset({"owner", "head-office", "region-manager", "store-manager", "analyst"})
_SETTERS = frozenset({"owner", "head-office", "region-manager", "store-manager"})
_SELLERS = frozenset({"owner", "head-office", "region-manager", "store-manager", "guide"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the rail; `roles` is who sees it, nobody named meaning everybody."""

    key: str
    label: str | Promise
    icon: str
    url_name: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place as a page shows it."""

    key: str
    label: str
    icon: str
    url: str
    is_current: bool


PLACES = (
    Place(key="today", label=_("Today"), icon="sun", url_name="today", roles=_SELLERS),
    Place(
        key="counter", label=_("Counter"), icon="building-store", url_name="counter", roles=_SELLERS
    ),
    Place(key="customers", label=_("Customers"), icon="users", url_name="customers"),
    Place(
        key="messages", label=_("Messages"), icon="messages", url_name="messages", roles=_SELLERS
    ),
    Place(key="complaints", label=_("Complaints"), icon="message-report", url_name="complaints"),
    Place(key="campaigns", label=_("Campaigns"), icon="speakerphone", url_name="campaigns"),
    Place(
        key="insights",
        label=_("Head office"),
        icon="chart-histogram",
        url_name="insights",
        roles=_MANAGERS,
    ),
    Place(
        key="settings", label=_("Settings"), icon="settings", url_name="settings", roles=_SETTERS
    ),
)

SITE = (
    Place(key="product", label=_("Product"), icon="", url_name="home"),
    Place(key="verticals", label=_("Industries"), icon="", url_name="verticals"),
    Place(key="prices", label=_("Prices"), icon="", url_name="prices"),
    Place(key="docs", label=_("Docs"), icon="", url_name="docs"),
)


def links(*, role: str, current: str, places: Iterable[Place] = PLACES) -> list[Link]:
    """Return the places this role sees and this installation has, in their order."""
    seen = (place for place in places if not place.roles or role in place.roles)
    found = ((place, address(place.url_name)) for place in seen)
    return [
        Link(
            key=place.key,
            label=str(place.label),
            icon=place.icon,
            url=url,
            is_current=place.key == current,
        )
        for place, url in found
        if url
    ]


def address(url_name: str) -> str:
    """Return the path of a named page, or nothing where there is no such page."""
    return _address(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@lru_cache(maxsize=500)  # every page asks for some twenty, always the same
def _address(url_name: str, urlconf: str, _prefix: str) -> str:
    try:
        return reverse(url_name, urlconf=urlconf)
    except NoReverseMatch:
        return ""
