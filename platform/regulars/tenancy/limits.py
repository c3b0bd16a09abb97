"""How often somebody may try something: counters in the cache, which carry the chain."""

from django.core.cache import cache

from regulars.errors import TooMany


def hit(*, what: str, who: str, most: int, seconds: int) -> None:
    """Count one try; raises TooMany (with `retry_after`) beyond `most` in a window of seconds."""
    key = f"limit:{what}:{who}"
    if cache.add(key, 1, timeout=seconds):
        return
    try:
        count = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        cache.set(key, 1, timeout=seconds)
        return
    if count > most:
        raise TooMany(retry_after=seconds)
