"""How often somebody may try something: counters in the cache, which carry the chain."""

import ipaddress
import logging
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache as once
from typing import Any, Final, cast

import redis
from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, cache, caches
from django.core.cache.backends.redis import RedisCache

from regulars.errors import TooMany

_LOG = logging.getLogger(__name__)
_making: Final = threading.Lock()
_LINE: Final = 64  # bits of an IPv6 address that name a line; the rest is chosen by who has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of somebody: `most` are fine in a window of seconds from the first one on."""

    what: str
    who: str
    most: int
    seconds: int

    @property
    def key(self) -> str:
        """Name of the counter, before the cache adds the chain."""
        return f"limit:{self.what}:{self.who}"


def network(address: str) -> str:
    """Return what stands for whoever asks from an address, as the `who` of a try.

    A home or a phone has a whole IPv6 network of 64 bits to itself, and a new address whenever it
    likes; an IPv4 address written as IPv6 is that IPv4 address. What is no address stays.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _LINE), strict=False))


def hit(*, what: str, who: str, most: int, seconds: int) -> None:
    """Count one try; see `hits`."""
    hits(Try(what=what, who=who, most=most, seconds=seconds))


def hits(*tries: Try) -> None:
    """Count tries, in one round trip for all of them; raises TooMany for the first beyond its most.

    Its `retry_after` is what is left of the window. While the cache is away nothing is counted:
    a shop must be able to sell.
    """
    counted = _in_redis if isinstance(caches[DEFAULT_CACHE_ALIAS], RedisCache) else _in_cache
    try:
        for each, (count, left) in zip(tries, list(counted(tries)), strict=True):
            if count > each.most:
                raise TooMany(retry_after=min(max(left, 1), each.seconds))
    except redis.RedisError as error:
        what = ", ".join(f"{each.what} of {each.who}" for each in tries)
        _LOG.warning("Not counted, the cache is away: %s: %s", what, error)


def is_known(*, what: str, who: str) -> bool:
    """Say whether somebody was noted lately (`note`); while the cache is away nobody was."""
    try:
        return cache.get(_noted(what, who)) is not None
    except redis.RedisError as error:
        _LOG.warning("Not looked up, the cache is away: %s of %s: %s", what, who, error)
        return False


def note(*, what: str, who: str, seconds: int) -> None:
    """Note that somebody did something, for so many seconds from the first time on."""
    try:
        cache.add(_noted(what, who), 1, timeout=seconds)
    except redis.RedisError as error:
        _LOG.warning("Not noted, the cache is away: %s of %s: %s", what, who, error)


def _noted(what: str, who: str) -> str:
    return f"noted:{what}:{who}"


def _in_redis(tries: tuple[Try, ...]) -> Iterator[tuple[int, int]]:
    """Yield (count, seconds left) of each; a till's call comes here, so Django is left out."""
    asked = _link().pipeline(transaction=False)
    for each in tries:
        key = cache.make_key(each.key)
        asked.incr(key)
        asked.expire(key, each.seconds, nx=True)
        asked.ttl(key)
    found = asked.execute()
    yield from zip(found[::3], found[2::3], strict=True)


def _link() -> redis.Redis:
    """Return this process's client; it finds out by itself when it was forked.

    One only: a second one, made at the same moment and dropped, would close what it had opened.
    """
    with _making:
        return _made()


@once
def _made() -> redis.Redis:
    of_cache = settings.CACHES[DEFAULT_CACHE_ALIAS]
    options = cast("dict[str, Any]", of_cache.get("OPTIONS", {}))
    return redis.Redis.from_url(str(of_cache["LOCATION"]), **options)


def _in_cache(tries: tuple[Try, ...]) -> Iterator[tuple[int, int]]:
    """Yield the same with any of Django's caches."""
    for each in tries:
        until = f"{each.key}:until"
        if cache.add(each.key, 1, timeout=each.seconds):
            cache.set(until, time.time() + each.seconds, timeout=each.seconds)
            yield 1, each.seconds
            continue
        try:
            count = cache.incr(each.key)
        except ValueError:  # the window ended between the two calls
            cache.set(each.key, 1, timeout=each.seconds)
            count = 1
        yield count, math.ceil(cache.get(until, 0) - time.time())
