"""Tries are counted alike in any cache, and in one round trip where it is Redis."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import cache

import regulars
from regulars.errors import TooMany
from regulars.local import valkey
from regulars.tenancy import context, limits
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.limits import Try


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"),
        ("2001:0DB8:0000:0007::", "2001:db8:0:7::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_whoever_has_a_line_of_ipv6_is_one(address: str, who: str) -> None:
    assert limits.network(address) == who


def test_no_page_counts_by_a_whole_address() -> None:
    """Whoever needs the address itself, for the record, is named here."""
    home = Path(str(regulars.__path__[0]))
    found = {
        str(each.relative_to(home))
        for each in home.rglob("*.py")
        if "address_of(request)" in each.read_text(encoding="utf-8")
    }

    assert found == {"staff/selectors.py", "web/account/switching.py"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[valkey.Server]:
    """A Valkey of these tests alone."""
    with valkey.Server(Path(tmp_path_factory.mktemp("limits")) / "valkey") as running:
        yield running


@pytest.fixture(params=["memory", "redis"])
def counters(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    """Counters in this process's memory, as in most tests, and in Redis, as in a shop."""
    if request.param == "redis":
        server: valkey.Server = request.getfixturevalue("broker")
        keys = settings.CACHES["default"]["KEY_FUNCTION"]
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {
            "default": {"BACKEND": backend, "LOCATION": server.url(), "KEY_FUNCTION": keys}
        }
    limits._made.cache_clear()
    cache.clear()
    yield str(request.param)
    cache.clear()
    limits._made.cache_clear()


def tried(what: str, *, most: int = 2) -> Try:
    return Try(what=what, who="Charlie", most=most, seconds=60)


@pytest.mark.usefixtures("counters")
def test_one_more_than_the_most_is_refused_until_the_window_ends(inside_aurum: ChainInfo) -> None:
    for _ in range(2):
        limits.hits(tried("door"))

    with pytest.raises(TooMany) as refusal:
        limits.hits(tried("door"))

    assert refusal.value.retry_after is not None
    assert 55 <= refusal.value.retry_after <= 60


@pytest.mark.usefixtures("counters")
def test_each_chain_and_each_thing_has_a_counter_of_its_own(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    for chain in (aurum, bloom):
        with context.inside(chain):
            limits.hits(tried("door"), tried("window"))
            limits.hits(tried("door"), tried("window"))


@pytest.mark.usefixtures("counters")
def test_of_several_the_one_beyond_its_most_is_refused(inside_aurum: ChainInfo) -> None:
    limits.hits(tried("door", most=5), tried("window", most=1))

    with pytest.raises(TooMany):
        limits.hits(tried("door", most=5), tried("window", most=1))


def test_in_redis_several_are_counted_in_one_round_trip(
    counters: str, inside_aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    send = redis.Connection.send_packed_command

    def noted(link: redis.Connection, command: Any, **named: Any) -> None:
        sent.append(command)
        send(link, command, **named)  # type: ignore[no-untyped-call]

    limits.hits(tried("door"), tried("window"))
    monkeypatch.setattr(redis.Connection, "send_packed_command", noted)
    limits.hits(tried("door"), tried("window"))

    assert len(sent) == (1 if counters == "redis" else 0)


def test_while_redis_is_away_nothing_is_refused(settings: Any, inside_aurum: ChainInfo) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    limits._made.cache_clear()
    try:
        for _ in range(3):
            limits.hits(tried("door", most=1))
    finally:
        limits._made.cache_clear()
