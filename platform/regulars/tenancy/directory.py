"""From host name to chain, without asking the database on a warm request.

Every process keeps what it looked up for TTL seconds at the most. A change is published over
Redis, and every process forgets the entry at once; if Redis is away the TTL is the bound.
"""

import logging
import os
import threading
import time
from typing import Final
from uuid import UUID

import redis
from django.conf import settings
from django.db import transaction

from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain, Domain

TTL: Final = 10.0
_CHANNEL: Final = "regulars:chain-changed"
_LOG = logging.getLogger(__name__)
_entries: dict[str, tuple[float, ChainInfo | None]] = {}
_listener: tuple[int, threading.Thread] | None = None
_starting = threading.Lock()


def find(label: str) -> ChainInfo | None:
    """Return the chain under a sub-domain label, or None if there is none."""
    _listen()
    now = time.monotonic()
    entry = _entries.get(label)
    if entry is not None and entry[0] > now:
        return entry[1]
    with context.public():
        row = Domain.objects.select_related("tenant").filter(domain=label).first()
        info = None
        if row is not None:
            primary = label if row.is_primary else None
            info = ChainInfo.of(row.tenant, subdomain=primary)
    if len(_entries) > 10_000:  # strangers may ask for any number of names
        _entries.clear()
    _entries[label] = (now + TTL, info)
    return info


def by_id(chain_id: UUID | str) -> ChainInfo | None:
    """Return the chain with this id, fresh from the control plane."""
    with context.public():
        chain = Chain.objects.filter(pk=chain_id).first()
        return ChainInfo.of(chain) if chain is not None else None


def changed(chain: Chain) -> None:
    """Make every process forget what it knew of the chain, once the change is committed."""
    labels = [domain.domain for domain in chain.domains.all()]
    transaction.on_commit(lambda: forget(*labels))


def forget(*labels: str) -> None:
    """Forget these sub-domains here and in every other process."""
    for label in labels:
        _entries.pop(label, None)
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.publish(_CHANNEL, " ".join(labels))
    except redis.RedisError as error:
        _LOG.warning("Other processes learn of %s within %s s: %s", labels, TTL, error)


def _listen() -> None:
    global _listener
    if _listener is not None and _listener[0] == os.getpid() and _listener[1].is_alive():
        return
    with _starting:
        if _listener is None or _listener[0] != os.getpid() or not _listener[1].is_alive():
            _entries.clear()
            thread = threading.Thread(target=_hear, name="chain-changed", daemon=True)
            _listener = (os.getpid(), thread)
            thread.start()


def _hear() -> None:
    while True:
        try:
            with redis.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
                channel.subscribe(_CHANNEL)
                _entries.clear()  # changes published while we were away
                for message in channel.listen():
                    if message["type"] == "message":
                        for label in message["data"].decode().split():
                            _entries.pop(label, None)
        except redis.RedisError:
            time.sleep(TTL / 2)
