"""Not more messages in a moment than a provider takes, over all workers of a chain."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

import redis
from django.core.cache import cache

from regulars.messages.gateways.contract import Gateway

type Clock = Callable[[], datetime]
type Sleep = Callable[[float], None]
_LOG = logging.getLogger(__name__)


def wait(gateway: Gateway, *, clock: Clock, sleep: Sleep = time.sleep) -> None:
    """Return when the provider takes another message; the cache counts, its keys are a chain's.

    While the cache is away each worker keeps the rate for itself.
    """
    length = gateway.rate.per.total_seconds()
    while True:
        moment = clock().timestamp()
        window = int(moment // length)
        try:
            if _count(f"sending:{gateway.name}:{window}", length) <= gateway.rate.count:
                return
        except redis.RedisError as error:
            _LOG.warning("Not counted together, the cache is away: %s", error)
            sleep(length / gateway.rate.count)
            return
        sleep((window + 1) * length - moment)


def _count(key: str, length: float) -> int:
    lasting = int(2 * length) + 1
    if cache.add(key, 1, timeout=lasting):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, timeout=lasting)
        return 1
