"""Where a chain's pages are, for what leaves the product: mails, messages, addresses to copy."""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from regulars.tenancy import context

FOR_CUSTOMERS: Final = ("/complain/", "/c/", "/s/")  # pages that customers open, without an account


def address(path: str) -> str:
    """Return the absolute address of a page of the current chain; `path` begins with a slash."""
    public = urlsplit(settings.PUBLIC_URL)
    port = f":{public.port}" if public.port else ""
    host = f"{context.current().subdomain}.{settings.BASE_DOMAIN}{port}"
    return urlunsplit((public.scheme, host, path, "", ""))
