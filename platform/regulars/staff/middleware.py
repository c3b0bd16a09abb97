"""Who is asking: the signed-in member of staff, on chain hosts only."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from regulars.staff import arriving, devices
from regulars.tenancy.middleware import chain_of

CHOOSER = "switch_person"


class StaffMiddleware(LoginRequiredMiddleware, AuthenticationMiddleware):
    """Attach `request.user`, and let nobody into a workspace page without signing in.

    Views that strangers may see say so with Django's `login_not_required`. On a shared device
    whoever has been idle is signed out, and the way in leads to the chooser of persons.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Attach the person lazily, so that pages without one cost no query."""
        if chain_of(request) is None:
            request.user = AnonymousUser()
            return
        is_shared = devices.may_be_shared(request)
        if is_shared and SESSION_KEY in request.session and devices.is_idle(request):
            request.session.flush()
        request.user = SimpleLazyObject(lambda: arriving.person_of(request))  # type: ignore[assignment]

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

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseRedirect:
        """Lead to the chooser on a shared device, to the sign-in page on any other."""
        if devices.may_be_shared(request) and devices.store_of(request) is not None:
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse(CHOOSER)}?{query}")
        answer: HttpResponseRedirect = super().handle_no_permission(request, view_func)
        return answer
