"""Shared devices: a tablet at the counter on which the people of one store take turns by PIN.

A manager marks a browser with a signed cookie that names chain, store and the store's
`device_epoch`; `stores.services.forget_devices` raises the epoch and so ends all of them.
"""

from typing import Final, cast
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.audit.services import record
from regulars.errors import NotFound
from regulars.stores import selectors as stores
from regulars.stores.models import Store
from regulars.tenancy import context

IDLE_SECONDS: Final = 180  # after which a shared device returns to its chooser
_DAYS: Final = 180
_SALT: Final = "regulars.staff.device"
_SEEN: Final = "seen_at"
_SEEN_EVERY: Final = 20  # seconds between two writes of the session
_KEPT: Final = "_device_store"


@transaction.atomic
def mark(*, actor: Actor, store_id: UUID) -> Store:
    """Allow a device to be shared by the people of a store; the caller then calls `remember`.

    Raises Forbidden and NotFound (outside the actor's stores, or closed).
    """
    require(actor, "stores.edit")
    reached = actor.scope.everything or store_id in actor.scope.store_ids
    found = Store.objects.filter(stores.still_open(), pk=store_id) if reached else None
    store = found.first() if found is not None else None
    if store is None:
        raise NotFound
    record(
        actor=actor,
        action="store.device-shared",
        object_kind="store",
        object_id=store.id,
        store_id=store.id,
    )
    return store


def remember(response: HttpResponseBase, store: Store) -> None:
    """Mark the browser that gets this answer as a shared device of the store."""
    content = {
        "chain": str(context.current().id),
        "store": str(store.id),
        "epoch": store.device_epoch,
    }
    response.set_cookie(
        _cookie_name(),
        signing.dumps(content, salt=_SALT),
        max_age=_DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponseBase) -> None:
    """Make the browser somebody's own again."""
    response.delete_cookie(_cookie_name(), samesite="Lax")


def may_be_shared(request: HttpRequest) -> bool:
    """Say whether the browser carries a mark at all, without asking the database."""
    return _cookie_name() in request.COOKIES


def store_of(request: HttpRequest) -> Store | None:
    """Return the store whose shared device this is, if it still is one; one query per request."""
    if not hasattr(request, _KEPT):
        setattr(request, _KEPT, _look_up(request))
    return cast("Store | None", getattr(request, _KEPT))


def is_idle(request: HttpRequest) -> bool:
    """Say whether nobody touched a shared device for a while, and note that somebody does now."""
    now = int(timezone.now().timestamp())
    seen = request.session.get(_SEEN)
    if seen is not None and now - seen > IDLE_SECONDS:
        return True
    if seen is None or now - seen > _SEEN_EVERY:
        request.session[_SEEN] = now
    return False


def _look_up(request: HttpRequest) -> Store | None:
    value = request.COOKIES.get(_cookie_name())
    if value is None:
        return None
    try:
        content = signing.loads(value, salt=_SALT, max_age=_DAYS * 24 * 3600)
    except signing.BadSignature:
        return None
    if content["chain"] != str(context.current().id):
        return None
    return Store.objects.filter(
        stores.still_open(), pk=content["store"], device_epoch=content["epoch"]
    ).first()


def _cookie_name() -> str:
    return "__Host-device" if settings.SESSION_COOKIE_SECURE else "device"
