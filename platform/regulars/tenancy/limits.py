"""How often somebody may try something: counters in the cache, which carry the chain."""

import math
import time

from django.core.cache import cache

from regulars.errors import TooMany


def hit(*, what: str, who: str, most: int, seconds: int) -> None:
    """Count one try; raises TooMany beyond `most` in a window of seconds from the first one on.

    Its `retry_after` is what is left of the window.
    """
    key = f"limit:{what}:{who}"
    if cache.add(key, 1, timeout=seconds):
        cache.set(f"{key}:until", time.time() + seconds, timeout=seconds)
        return
    try:
        count = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, timeout=seconds)
        return
    if count > most:
        until = cache.get(f"{key}:until")
        left = seconds if until is None else math.ceil(until - time.time())
        raise TooMany(retry_after=min(max(left, 1), seconds))
