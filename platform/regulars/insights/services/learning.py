"""What complaints teach, where it takes too long to work out while somebody waits.

Worked out by the worker and kept in the cache, under the chain's name; it can always be made
again. While the cache is away nothing is kept and the page says that it is being worked out.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import redis
from django.core.cache import cache

from regulars.audit import ALL
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.insights.selectors import complaints_effect, complaints_lesson, mapping
from regulars.insights.selectors.complaints_asking import Asked
from regulars.insights.selectors.complaints_effect import Followed
from regulars.insights.selectors.complaints_lesson import Lesson
from regulars.outbox import services as outbox
from regulars.tenancy import context

STALE_AFTER: Final = timedelta(minutes=10)
LASTS: Final = timedelta(days=3)
DEFAULT_DAYS: Final = 90
_LOG = logging.getLogger(__name__)
_WORDS: Final = ("kind", "cause", "product", "batch", "severity", "raised")


def lesson(*, asked: Asked, readable: Place) -> Lesson | None:
    """Return what complaints teach, now or as it is kept; None while it is being worked out.

    What is kept and older than ten minutes is asked for anew, and shown until it is there.
    """
    if complaints_lesson.is_quick(asked):
        return complaints_lesson.of_place(asked=asked, readable=readable)
    payload = _payload(asked, readable)
    kept: Lesson | None = _kept(_lesson_key(payload, _epoch()))
    if kept is None or kept.at < asked.now - STALE_AFTER:
        _ask("insights.learn", {"about": payload}, now=asked.now)
    return kept


def followed(*, now: datetime) -> tuple[Followed, datetime] | None:
    """Return how later purchases compare, of the whole chain, as it is kept; None before."""
    kept: tuple[Followed, datetime] | None = _kept(_EFFECT)
    if kept is None:
        _ask("insights.follow", {}, now=now)
    return kept


def learn(*, payload: Mapping[str, Any], now: datetime) -> Lesson:
    """Work a lesson out and keep it."""
    asked, readable = _asked(payload, now)
    epoch = _epoch()  # before anything is read: what is erased meanwhile shall not be kept
    made = complaints_lesson.of_place(asked=asked, readable=readable)
    _keep(_lesson_key(payload, epoch), made)
    return made


def forget(*, now: datetime) -> None:
    """Let no lesson be shown again that was made before now. Raises RedisError.

    Lessons tell of words customers wrote; what was erased stays in them otherwise while they last.
    """
    cache.set(_EPOCH, now.isoformat(), timeout=int(2 * LASTS.total_seconds()))


def follow(*, now: datetime) -> Followed:
    """Compare later purchases in the stores that share their customers, and keep it."""
    shops = mapping.map_of(ALL).shops
    stores = frozenset(each.id for each in shops if each.shares_customers)
    place = Place(kind="all", id=None, name="", store_ids=stores, group_id=None)
    today = now.astimezone(context.current().zone).date()
    made = complaints_effect.of_place(place=place, today=today)
    _keep(_EFFECT, (made, now))
    return made


def prepare(*, now: datetime) -> None:
    """Have ready what head office looks at first, where that takes long."""
    everything = mapping.map_of(ALL).everything()
    shared = [each.id for each in mapping.map_of(ALL).shops if each.shares_customers]
    today = now.astimezone(context.current().zone).date()
    days = Days(today - timedelta(days=DEFAULT_DAYS - 1), today)
    asked = Asked(place=everything, days=days, now=now)
    readable = Place(
        kind="all", id=None, name="", store_ids=frozenset(shared), group_id=None
    )  # fmt: skip
    if not complaints_lesson.is_quick(asked):
        learn(payload=_payload(asked, readable), now=now)


_EFFECT: Final = "complaints.effect"
_EPOCH: Final = "complaints.lessons-since"


def _payload(asked: Asked, readable: Place) -> dict[str, Any]:
    """Return what a lesson is about as JSON; its marks and lists only narrow the rows behind it."""
    return {
        "stores": sorted(map(str, asked.place.store_ids)),
        "readable": sorted(map(str, readable.store_ids)),
        "first": asked.days.first.isoformat(),
        "last": asked.days.last.isoformat(),
        "seller": str(asked.seller_id or ""),
        **{name: getattr(asked, name) for name in _WORDS},
    }


def _asked(payload: Mapping[str, Any], now: datetime) -> tuple[Asked, Place]:
    def place(ids: list[str]) -> Place:
        stores = frozenset(map(UUID, ids))
        group = next(iter(stores)) if len(stores) == 1 else None
        return Place(kind="all", id=None, name="", store_ids=stores, group_id=group)

    days = Days(date.fromisoformat(payload["first"]), date.fromisoformat(payload["last"]))
    asked = Asked(
        place=place(payload["stores"]),
        days=days,
        now=now,
        seller_id=UUID(payload["seller"]) if payload["seller"] else None,
        **{name: payload[name] for name in _WORDS},
    )
    return asked, place(payload["readable"])


def _epoch() -> str:
    return _kept(_EPOCH) or ""


def _lesson_key(payload: Mapping[str, Any], epoch: str) -> str:
    return f"complaints.lesson:{_named(payload)}:{epoch}"


def _named(payload: Mapping[str, Any]) -> str:
    """Return a short name of what something is about."""
    return blake2b(repr(sorted(payload.items())).encode(), digest_size=16).hexdigest()


def _ask(handler: str, payload: Mapping[str, Any], *, now: datetime) -> None:
    """Ask for it; the same is asked for at most every ten minutes."""
    slot = int(now.timestamp() // STALE_AFTER.total_seconds())
    key = f"{handler}:{_named(payload)}:{slot}"
    outbox.enqueue(handler=handler, payload=payload, key=key)


def _kept(key: str) -> Any:
    return _with_cache(lambda: cache.get(key))


def _keep(key: str, made: object) -> None:
    _with_cache(lambda: cache.set(key, made, timeout=int(LASTS.total_seconds())))


def _with_cache(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except redis.RedisError as error:
        _LOG.warning("Nothing is kept of what complaints teach, the cache is away: %s", error)
        return None
