"""Addresses of a chain, and some more that do what goes wrong in a real day.

Each probe touches the database, the cache or the stream in the way its name says, and answers
with the name of the region it saw: the canary of the chain it worked for.
"""

import logging
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import include, path
from django.utils import timezone, translation

from regulars.outbox import services as outbox
from regulars.stores.models import Region
from regulars.tenancy.identifiers import new_id

_LOG = logging.getLogger(__name__)


class OnPurpose(RuntimeError):
    """What a view raises."""


def canary() -> str:
    """Return the canary of whatever chain this connection reads."""
    return str(Region.objects.get(code="canary").name)


@login_not_required
def here(request: HttpRequest) -> JsonResponse:
    """Tell what this request works with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
    _LOG.info("Seen %s", canary())
    return JsonResponse(
        {
            "schema": schema,
            "canary": canary(),
            "language": translation.get_language(),
            "zone": timezone.get_current_timezone_name(),
        }
    )


@login_not_required
def boom(request: HttpRequest) -> HttpResponse:
    """Fail after having read."""
    raise OnPurpose(canary())


@login_not_required
def rollback(request: HttpRequest) -> HttpResponse:
    """Write, and take back to a savepoint."""
    code = new_id().hex[-30:]
    with transaction.atomic():
        try:
            with transaction.atomic():
                Region(code=code, name="lost").save(force_insert=True)
                raise OnPurpose
        except OnPurpose:
            return HttpResponse(f"{canary()} {Region.objects.filter(code=code).count()}")


@login_not_required
def drop(request: HttpRequest) -> HttpResponse:
    """Lose the connection to the database in the middle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("unreachable")


@login_not_required
def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Read the database for each piece of an answer that is sent bit by bit."""

    def pieces() -> Iterator[str]:
        for _ in range(3):
            yield f"{canary()}\n"

    return StreamingHttpResponse(pieces())


@login_not_required
def cached(request: HttpRequest) -> HttpResponse:
    """Read through the cache, under a key that every chain uses."""
    return HttpResponse(str(cache.get_or_set("shared", canary, timeout=60)))


@login_not_required
def commit(request: HttpRequest) -> HttpResponse:
    """Write work down, whose bell is rung when the transaction commits."""
    with transaction.atomic():
        outbox.enqueue(handler="tests.canary", payload={"canary": canary()})
    return HttpResponse(canary())


_PROBES = (here, boom, rollback, drop, stream, cached, commit)
urlpatterns = [
    *[path(f"probe/{each.__name__}/", each) for each in _PROBES],
    path("", include("regulars.urls_chain")),
]
