"""Who has a conversation open, and who is typing: kept for seconds, in the cache only."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import redis
from django.core.cache import cache

from regulars.audit import Actor

_LASTS: Final = timedelta(seconds=20)  # a page says every few seconds that it is open
_LOG = logging.getLogger(__name__)
type Seen = dict[str, tuple[str, float, bool]]


def seen(
    *, actor: Actor, customer_id: UUID, now: datetime, is_writing: bool = False
) -> list[tuple[str, bool]]:
    """Say that somebody has the conversation open; return the others: name, and whether typing.

    Without the cache nobody is seen: what was answered shows all the same.
    """
    key = f"talking:{customer_id}"
    try:
        kept: Mapping[str, tuple[str, float, bool]] = cache.get(key) or {}
        since = (now - _LASTS).timestamp()
        here: Seen = {who: each for who, each in kept.items() if each[1] > since}
        here[str(actor.id)] = (actor.name, now.timestamp(), is_writing)
        cache.set(key, here, timeout=int(_LASTS.total_seconds()))
    except redis.RedisError as error:
        _LOG.warning("Who talks is not known, the cache is away: %s", error)
        return []
    others = [each for who, each in here.items() if who != str(actor.id)]
    return sorted((name, writing) for name, _at, writing in others)
