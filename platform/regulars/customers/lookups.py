"""How many numbers somebody may look up: enough for a busy till, too few to walk through phones.

Whoever may recognise customers could otherwise ask for one phone after the other. Counted are
numbers, per member of staff or key, within the chain: the same number twice in ten minutes is one
look-up, so that a reload, a form sent twice or a sale after the search costs nothing. Codes and
cards count when somebody answers to them; phones always.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

import redis
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor, ActorKind
from regulars.audit.services import record
from regulars.errors import TooMany
from regulars.tenancy import context, limits

_LOG = logging.getLogger(__name__)
SAME_SECONDS: Final = 600
_DAY: Final = 24 * 3600
# (how many, within how many seconds)
OF_STAFF: Final = ((120, 600), (1_000, _DAY))
OF_A_STORES_KEY: Final = ((1_200, 600), (10_000, _DAY))
OF_A_CHAINS_KEY: Final = ((12_000, 600), (100_000, _DAY))


class TooManyLookups(TooMany):
    """Somebody looked up more numbers than one does at a till."""

    code = "too-many-lookups"
    sentence = _(
        "You have looked up more phones, codes and cards than a till does. "
        "You can go on at %(when)s."
    )

    def __init__(self, *, actor: Actor, most: int, seconds: int, retry_after: int) -> None:
        """Take who asked, and the limit that was reached."""
        until = timezone.now() + timedelta(seconds=retry_after)
        super().__init__(retry_after=retry_after, when=_clock(until))
        self._actor, self._most, self._seconds = actor, most, seconds

    def settle(self) -> None:
        """Audit the refusal, once for each time the limit is reached."""
        name = f"lookups-told:{self._actor.kind}:{self._actor.id}:{self._seconds}"
        if cache.add(name, True, timeout=self.retry_after):
            record(
                actor=self._actor,
                action="customers.lookups-refused",
                data={"most": self._most, "seconds": self._seconds},
            )


def count(*, actor: Actor, number: str) -> None:
    """Count a look-up of a number by a person or a key. Raises TooManyLookups."""
    if actor.kind not in {ActorKind.STAFF, ActorKind.KEY}:
        return
    who = f"{actor.kind}:{actor.id}"
    digest = salted_hmac("regulars.customers.lookups", number, algorithm="sha256").hexdigest()
    try:
        is_new = cache.add(f"looked-up:{who}:{digest}", True, timeout=SAME_SECONDS)
    except redis.RedisError as error:  # as in `limits`: a shop must be able to sell
        _LOG.warning("A look-up of %s is not counted, the cache is away: %s", who, error)
        return
    if not is_new:
        return
    for most, seconds in _limits(actor):
        try:
            limits.hit(what=f"lookups-{seconds}", who=who, most=most, seconds=seconds)
        except TooMany as refusal:
            cache.delete(f"looked-up:{who}:{digest}")  # it was not looked up after all
            raise TooManyLookups(
                actor=actor, most=most, seconds=seconds, retry_after=refusal.retry_after or seconds
            ) from None


def _limits(actor: Actor) -> tuple[tuple[int, int], ...]:
    if actor.kind == ActorKind.STAFF:
        return OF_STAFF
    return OF_A_CHAINS_KEY if actor.scope.everything else OF_A_STORES_KEY


def _clock(at: datetime) -> str:
    """Return a time of day where head office is, with the day unless it is today."""
    zone = context.current().zone
    local, today = at.astimezone(zone), timezone.now().astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"
