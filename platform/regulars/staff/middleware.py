"""Who is asking: the signed-in member of staff, on chain hosts only."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from regulars.tenancy.middleware import chain_of


class StaffMiddleware(LoginRequiredMiddleware, AuthenticationMiddleware):
    """Attach `request.user`, and let nobody into a workspace page without signing in.

    Views that strangers may see say so with Django's `login_not_required`.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Attach the person lazily, so that pages without one cost no query."""
        if chain_of(request) is None:
            request.user = AnonymousUser()
        else:
            request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Ask for a sign-in on chain hosts; the public site is open."""
        if chain_of(request) is None:
            return None
        answer: HttpResponseBase | None = super().process_view(
            request, view_func, view_args, view_kwargs
        )
        return answer
