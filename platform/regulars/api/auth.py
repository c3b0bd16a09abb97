"""Who calls the API: a key in the Authorization header, bound to the chain it was made in."""

from typing import TYPE_CHECKING, Any, cast

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from regulars import audit
from regulars.api import keys
from regulars.api.models import Key
from regulars.billing import refusals
from regulars.errors import Forbidden
from regulars.staff import selectors as staff
from regulars.tenancy import context, limits

if TYPE_CHECKING:  # its settings name this module, so it cannot be imported here at run time
    from rest_framework.views import APIView

TILL = "till"  # the scope of calls that go on while the subscription is not paid
PER_KEY_MINUTE = 1200
PER_CHAIN_MINUTE = 12_000


def key_of(request: Request) -> Key:
    """Return the key a call was made with; HasScope has let it in."""
    return cast(Key, request.auth)


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer rk_…``. Keys are looked up in the chain of the host, nowhere else."""

    def authenticate(self, request: Request) -> tuple[audit.Actor, Any] | None:
        """Return the actor and the key; None without a header; raises KeyRefused or TooMany."""
        header = request.headers.get("Authorization", "")
        kind, _space, text = header.partition(" ")
        if not header:
            return None
        address = staff.address_of(request._request)
        if kind.lower() != "bearer":
            raise keys.KeyRefused
        try:
            key = keys.recognise(text=text.strip(), now=timezone.now())
        except keys.KeyRefused:
            who = limits.network(address)
            limits.hit(what="key-refused", who=who, most=60, seconds=60)
            raise
        limits.hits(
            limits.Try(what="key", who=str(key.id), most=PER_KEY_MINUTE, seconds=60),
            limits.Try(what="api", who="chain", most=PER_CHAIN_MINUTE, seconds=60),
        )
        return keys.actor_of(key, address=address), key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing key is 401 and not 403."""
        return "Bearer"


class HasScope(BasePermission):
    """The view says which scope it needs, by method: ``scopes = {"GET": "customers.read"}``."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Let the key in if it has one of the scopes; raises Forbidden naming them.

        A method the view does not have is MethodNotAllowed, to anybody who has a key. While the
        subscription is not paid, only what a till does goes on: raises ReadOnly, then Closed.
        """
        if request.auth is None:
            raise keys.KeyRefused
        wanted = getattr(view, "scopes", {}).get(request.method)
        if wanted is None:
            raise MethodNotAllowed(str(request.method))
        names = (wanted,) if isinstance(wanted, str) else wanted
        held = set(key_of(request).scopes)
        if not set(names) & held:
            raise Forbidden(
                f"This key lacks the scope {' or '.join(names)}. Make another one in the settings."
            )
        refusals.refuse(
            context.current(),
            is_reading=request.method in SAFE_METHODS,
            is_till=TILL in names and TILL in held,
        )
        return True
