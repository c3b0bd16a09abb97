"""From host name to chain, without asking the database on a warm request.

A change is published over Redis, and every process forgets the entry at once. What a process
looked up it keeps for as long as it can tell that it hears of changes: Redis answered it within
the last TTL seconds. When Redis is away nothing is kept for longer than TTL seconds, and never
for longer than LONGEST.
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
LONGEST: Final = 600.0
_ASK_EVERY: Final = TTL / 4
_CHANNEL: Final = "regulars:chain-changed"
_LOG = logging.getLogger(__name__)
_entries: dict[str, tuple[float, ChainInfo | None]] = {}  # with the moment of reading
_heard_until = 0.0  # until then no change can have passed us by
_is_away = False  # and said so
_changes = 0  # how many we heard of: what was read meanwhile may be of before one
_listener: tuple[int, threading.Thread] | None = None
_starting = threading.Lock()


def find(label: str) -> ChainInfo | None:
    """Return the chain under a sub-domain label, or None if there is none."""
    _listen()
    now = time.monotonic()
    entry = _entries.get(label)
    if entry is not None and now < entry[0] + (LONGEST if now < _heard_until else TTL):
        return entry[1]
    before = _changes
    with context.public():
        row = Domain.objects.select_related("tenant").filter(domain=label).first()
        info = None
        if row is not None:
            primary = label if row.is_primary else None
            info = ChainInfo.of(row.tenant, subdomain=primary)
    if len(_entries) > 10_000:  # strangers may ask for any number of names
        _entries.clear()
    if before == _changes:
        _entries[label] = (now, info)
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
    global _is_away
    _forget(*labels)
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.publish(_CHANNEL, " ".join(labels))
        _is_away = False
    except redis.RedisError as error:
        if not _is_away:
            _LOG.warning("Until Redis is back others learn of changes within %s s: %s", TTL, error)
        _is_away = True


def _forget(*labels: str) -> None:
    global _changes
    _changes += 1
    for label in labels:
        _entries.pop(label, None)


def _listen() -> None:
    global _listener
    if _listener is not None and _listener[0] == os.getpid() and _listener[1].is_alive():
        return
    with _starting:
        if _listener is None or _listener[0] != os.getpid() or not _listener[1].is_alive():
            _begin_anew()
            thread = threading.Thread(target=_hear, name="chain-changed", daemon=True)
            _listener = (os.getpid(), thread)
            thread.start()


def _begin_anew() -> None:
    """Keep nothing of before: changes may have passed us by."""
    global _changes, _heard_until
    _heard_until = 0.0
    _changes += 1
    _entries.clear()


def _hear() -> None:
    global _heard_until
    while True:
        try:
            with (
                redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TTL) as client,
                client.pubsub() as channel,
            ):
                channel.subscribe(_CHANNEL)
                _take_messages(channel)
        except redis.RedisError:
            _heard_until = 0.0
            time.sleep(TTL / 2)


def _take_messages(channel: "redis.client.PubSub") -> None:
    """Hear what is published, and ask now and then whether we still would.

    Messages and answers come in one order, so an answer to what we asked at a moment proves that
    everything published before it has been heard.
    """
    global _heard_until
    asked = 0.0
    while True:
        message = channel.get_message(timeout=_ASK_EVERY)
        kind = message["type"] if message else None
        if kind == "subscribe":
            _begin_anew()  # changes published while we were away
        elif kind == "message":
            _forget(*message["data"].decode().split())
        elif kind == "pong":
            _heard_until = asked + TTL
        if time.monotonic() - asked >= _ASK_EVERY:
            asked = time.monotonic()
            channel.ping()
