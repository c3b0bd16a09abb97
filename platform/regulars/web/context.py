"""What the shell of every page knows: the chain, the person, the places, the words for scripts."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.staff import devices
from regulars.tenancy import accent
from regulars.web import navigation

LANGUAGE_NAMES = {"zh-hans": "简体中文", "zh-hant": "繁體中文", "en": "English"}
_SHELL_PAGES = (
    "search",
    "switch_person",
    "account_logout",
    "account_login",
    "profile",
    "my_card",
    "choose_language",
)
_SITE_PAGES = ("signup", "which_chain", "status", "home", "prices", "verticals", "docs")


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the shell. Nothing here asks the database by itself."""
    chain = getattr(request, "chain", None)
    person = getattr(request, "user", None)
    return {
        "chain": chain,
        "person": person,
        "accent": accent.of(getattr(chain, "accent", "") or accent.BRAND),
        "currency": getattr(chain, "currency", ""),
        "languages": [(code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES],
        "shell": SimpleLazyObject(lambda: _addresses(_SHELL_PAGES)),
        "site": SimpleLazyObject(lambda: _addresses(_SITE_PAGES)),
        "public_url": settings.PUBLIC_URL,
        "site_links": SimpleLazyObject(lambda: _site_links(request)),
        "texts": _texts,
        "is_shared_device": chain is not None and devices.may_be_shared(request),
        "idle_seconds": devices.IDLE_SECONDS,
    }


def _addresses(names: tuple[str, ...]) -> dict[str, str]:
    return {name: navigation.address(name) for name in names}


def _site_links(request: HttpRequest) -> list[navigation.Link]:
    match = request.resolver_match
    current = {"home": "product"}.get(match.url_name or "", match.url_name or "") if match else ""
    return navigation.links(role="", current=current, places=navigation.SITE)


def _texts() -> dict[str, str]:
    return _texts_in(get_language())


@lru_cache(maxsize=8)
def _texts_in(_language: str | None) -> dict[str, str]:
    return {
        "offline": _("No connection. What you type is kept on this device."),
        "online": _("Connected again."),
        "fault": _("That did not work, and nothing was changed. Please try again."),
        "forbidden": _("You are not allowed to do this."),
        "gone": _("This is no longer there. Reload the page to see how things stand."),
        "signed_out": _("You have been signed out. Sign in to go on."),
        "slow": _("This takes longer than usual…"),
        "busy": _("One moment…"),
        "copied": _("Copied"),
        "copy_failed": _("Copying is not allowed here. Select the text instead."),
        "draft": _("Restored what you had typed."),
        "discard": _("Discard"),
        "close": _("Close"),
        "undo": _("Undo"),
        "look": _("Look at it"),
        "waiting": _("Waiting to be sent: %s"),
        "waiting_signed_out": _("You have been signed out. Sign in, and it is sent."),
        "queue_sent": _("What was waiting has been sent."),
    }
