"""How many conversations wait for one person: kept for seconds, as every page asks."""

import logging
from datetime import timedelta
from typing import Final

import redis
from django.core.cache import cache
from django.http import HttpRequest

_LASTS: Final = timedelta(seconds=20)
_LOG = logging.getLogger(__name__)


def kept(request: HttpRequest) -> int | None:
    """Return what was counted a moment ago for whoever asks; None: count anew."""
    try:
        found = cache.get(_key(request))
    except redis.RedisError as error:
        _LOG.warning("What waits is counted each time, the cache is away: %s", error)
        return None
    return found if isinstance(found, int) else None


def keep(request: HttpRequest, total: int) -> None:
    """Remember what was counted."""
    try:
        cache.set(_key(request), total, timeout=int(_LASTS.total_seconds()))
    except redis.RedisError as error:
        _LOG.warning("What waits is not remembered, the cache is away: %s", error)


def forget(request: HttpRequest) -> None:
    """Count anew next time: this person has just settled something."""
    try:
        cache.delete(_key(request))
    except redis.RedisError as error:
        _LOG.warning("What waits is told some seconds late, the cache is away: %s", error)


def _key(request: HttpRequest) -> str:
    # The chain is part of every key (see `tenancy.caching`).
    return f"talking:count:{request.user.pk}"
