"""Who comes with a session: the person, and the stores that matter to their scope.

What Django's `get_user` does, in one statement that stays prepared and reads both: every page
begins with it. The rare cases, such as a session signed with an older secret, are left to Django.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import AnonymousUser
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, JSONField
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from regulars.staff import places
from regulars.staff.models import Staff
from regulars.tenancy import statements


def person_of(request: HttpRequest) -> Staff | AnonymousUser:
    """Return who is signed in, with the places of their scope read along; or nobody."""
    session = request.session
    key, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if key is None or backend is None:
        return AnonymousUser()
    person = _read(key) if backend in settings.AUTHENTICATION_BACKENDS else None
    if person is None or not person.is_active:
        return AnonymousUser()
    signed = session.get(HASH_SESSION_KEY)
    if signed and constant_time_compare(signed, person.get_session_auth_hash()):
        return person
    return get_user(request)


def _read(key: str) -> Staff | None:
    row = statements.one(_statement(), (key,))
    if row is None:
        return None
    *values, found = row
    person: Staff = Staff.from_db(DEFAULT_DB_ALIAS, _columns(), values)
    person.places = places.of_json(found)
    return person


def _fields() -> "list[Field[Any, Any]]":
    """Return what every page reads of a person; what is JSON is read where it is wanted."""
    return [field for field in Staff._meta.concrete_fields if not isinstance(field, JSONField)]


@cache
def _columns() -> tuple[str, ...]:
    return tuple(field.attname for field in _fields())


@cache
def _statement() -> str:
    columns = ", ".join(f"p.{field.column}" for field in _fields())
    sql = f"SELECT {columns}, {places.AS_JSON} FROM staff_staff p WHERE p.id = %s::uuid"  # noqa: S608
    return statements.squeezed(sql)
