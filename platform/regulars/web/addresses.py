"""What comes with an address before any page reads it."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_NUL: Final = "%00"


class AddressMiddleware:
    """Takes NUL out of what an address asks.

    Forms refuse it themselves. No text of ours contains it and PostgreSQL takes none: whatever
    page looked for it would fail.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as if nobody had written it."""
        asked = request.META.get("QUERY_STRING", "")
        while _NUL in asked:  # what is left may be one again: %0%000
            request.META["QUERY_STRING"] = asked = asked.replace(_NUL, "")
        return self.get_response(request)
