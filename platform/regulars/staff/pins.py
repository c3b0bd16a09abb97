"""PINs: four to eight digits by which colleagues take turns on the shop's shared device.

A PIN opens the counter only (`roles.BY_PIN`), only on a device that a manager marked as shared,
and only for people of that store. Five wrong tries lock a person's PIN for fifteen minutes.
"""

import re
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.audit.services import record
from regulars.errors import Invalid, NotFound, TooMany
from regulars.staff import granting
from regulars.staff.models import Staff

MOST_TRIES: Final = 5
LOCK_SECONDS: Final = 15 * 60
_SHAPE: Final = re.compile(r"[0-9]{4,8}")
_RUN: Final = "01234567890"
# Rows of the pad, lucky and loving numbers: the first a neighbour would try.
_TRIVIAL: Final = frozenset(
    {"1314", "2580", "0852", "1470", "3690", "1688", "6688", "8866", "9988", "1008"}
    | {"16888", "147258", "159357", "258369", "520520", "168168", "112233", "888666", "666888"}
    | {"5201314", "1314520", "7758258", "11223344"}
)


class PinRefused(Invalid):
    """The PIN is not four to eight digits, or the first one anybody would try."""

    code = "pin-refused"


class PinWrong(Invalid):
    """Not this person's PIN; `params["left"]` tries are left."""

    code = "pin-wrong"
    sentence = _("This is not the PIN. %(left)s tries left.")


class PinLocked(TooMany):
    """Too many wrong tries; `retry_after` says for how many seconds."""

    code = "pin-locked"
    sentence = _("Too many wrong tries. Wait %(minutes)s minutes, or sign in with your password.")


def hashed(pin: str) -> str:
    """Return the hash of a PIN that may be used. Raises PinRefused."""
    if not _SHAPE.fullmatch(pin):
        raise PinRefused(fields={"pin": [_("A PIN has four to eight digits.")]})
    if _is_trivial(pin):
        raise PinRefused(
            fields={"pin": [_("Everybody would try this PIN first. Choose another one.")]}
        )
    return make_password(pin)


@transaction.atomic
def set_pin(*, actor: Actor, staff_id: UUID, pin: str) -> None:
    """Set one's own PIN or that of a colleague one manages; an empty one takes it away.

    Raises PinRefused, NotFound and MoreThanYouHave. A lock after wrong tries ends.
    """
    staff = Staff.objects.select_for_update().filter(pk=staff_id).first()
    if staff is None or staff.state == Staff.State.LEFT:
        raise NotFound
    if staff.id != actor.id:
        granting.check_reaches(actor=actor, staff=staff)
    staff.pin = hashed(pin) if pin else ""
    staff.save(update_fields=["pin"])
    record(
        actor=actor,
        action="staff.pin-set" if pin else "staff.pin-removed",
        object_kind="staff",
        object_id=staff.id,
        store_id=staff.home_store_id,
    )
    transaction.on_commit(lambda: cache.delete_many([_tries(staff.id), _lock(staff.id)]))


def verify(*, staff: Staff, store_id: UUID | None, pin: str, address: str = "") -> None:
    """Do nothing if this is the PIN; raises PinWrong, or PinLocked without looking at it.

    Tries are counted before the PIN is checked, so that guessing in parallel gains nothing.
    """
    if cache.get(_lock(staff.id)):
        raise _locked()
    tried = _count_try(staff.id)
    if tried > MOST_TRIES:
        raise _locked()
    if staff.pin and check_password(pin, staff.pin):
        cache.delete(_tries(staff.id))
        return
    if tried < MOST_TRIES:
        raise PinWrong(left=MOST_TRIES - tried)
    cache.set(_lock(staff.id), 1, timeout=LOCK_SECONDS)
    cache.delete(_tries(staff.id))
    record(
        actor=Actor(kind=ActorKind.STAFF, id=staff.id, name=staff.name, address=address),
        action="staff.pin-locked",
        object_kind="staff",
        object_id=staff.id,
        store_id=store_id,
    )
    raise _locked()


def _count_try(staff_id: UUID) -> int:
    key = _tries(staff_id)
    cache.add(key, 0, timeout=LOCK_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, timeout=LOCK_SECONDS)
        return 1


def _locked() -> PinLocked:
    return PinLocked(retry_after=LOCK_SECONDS, minutes=LOCK_SECONDS // 60)


def _tries(staff_id: UUID) -> str:
    return f"pin-tries:{staff_id}"


def _lock(staff_id: UUID) -> str:
    return f"pin-lock:{staff_id}"


def _is_trivial(pin: str) -> bool:
    half = len(pin) // 2
    return (
        len(set(pin)) == 1
        or pin in _RUN
        or pin in _RUN[::-1]
        or pin in "9876543210987"
        or (len(pin) % 2 == 0 and pin[:half] == pin[half:])
        or pin in _TRIVIAL
    )
