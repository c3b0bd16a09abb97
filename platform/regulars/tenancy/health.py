"""Health pages for load balancers and `make up`."""

import redis
from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from regulars.tenancy import pooling, releases


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "live"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether it is usable: database with sessions of its own, template, broker."""
    faults: dict[str, str] = {}
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        pooling.prove()
        releases.needed()
    except (DatabaseError, pooling.SessionsNotKept, releases.TemplateBehind) as error:
        faults["database"] = str(error)
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.ping()
    except redis.RedisError as error:
        faults["broker"] = str(error)
    status = 503 if faults else 200
    return JsonResponse({"status": "not ready" if faults else "ready", **faults}, status=status)
