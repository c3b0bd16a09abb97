"""Asking for a permission, in services and on pages."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from regulars.audit import Actor
from regulars.audit.decisions import PasswordNeeded, allows, require
from regulars.staff import selectors
from regulars.staff.models import Staff

__all__ = ["PasswordNeeded", "acting", "allows", "by_password", "needs", "require"]

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def acting(request: HttpRequest) -> Actor:
    """Return who acts behind this request of a signed-in person."""
    return selectors.actor_of(cast(Staff, request.user), request=request)


def needs[**P](permission: str) -> Callable[[View[P]], View[P]]:
    """Let only people with the permission see a page; others get the page that says so (403)."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            require(acting(request), permission)
            return view(request, *args, **kwargs)

        return cast(View[P], checked)

    return decorate


def by_password[**P](view: View[P]) -> View[P]:
    """Refuse a page to somebody who came by PIN (PasswordNeeded), whatever their role."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.session.get(selectors.BY_PIN):
            raise PasswordNeeded
        return view(request, *args, **kwargs)

    return cast(View[P], checked)
