"""Who a host belongs to is read once and kept for as long as changes are heard of."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.tenancy import directory
from regulars.tenancy.context import ChainInfo

type Message = dict[str, Any] | None


class Channel:
    """A subscription that says what it is told to, then breaks off."""

    def __init__(self, *messages: Message) -> None:
        self._messages = iter(messages)
        self.pings = 0

    def get_message(self, *, timeout: float) -> Message:
        assert timeout < directory.TTL
        try:
            return next(self._messages)
        except StopIteration:
            raise ConnectionError from None

    def ping(self) -> None:
        self.pings += 1


@pytest.fixture(autouse=True)
def _nothing_heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no thread listen, and leave nothing heard behind."""
    monkeypatch.setattr(directory, "_listen", lambda: None)
    yield
    directory._heard_until = 0.0
    directory._entries.clear()


def hear(*messages: Message) -> Channel:
    channel = Channel(*messages)
    with pytest.raises(ConnectionError):
        directory._take_messages(channel)  # type: ignore[arg-type]
    return channel


def is_asked_again(chain: ChainInfo, *, after: float) -> bool:
    """Say whether a host looked up some seconds ago is looked up in the control plane again."""
    _read_at, info = directory._entries[chain.subdomain]
    directory._entries[chain.subdomain] = (time.monotonic() - after, info)
    with CaptureQueriesContext(connection) as sent:
        assert directory.find(chain.subdomain) == chain
    return len(sent) > 0


def test_while_changes_are_heard_a_host_is_not_asked_for_again(aurum: ChainInfo) -> None:
    channel = hear({"type": "subscribe"}, None, {"type": "pong"})
    directory.find(aurum.subdomain)

    assert channel.pings
    assert not is_asked_again(aurum, after=10 * directory.TTL)


def test_but_now_and_then_it_is(aurum: ChainInfo) -> None:
    hear({"type": "subscribe"}, None, {"type": "pong"})
    directory.find(aurum.subdomain)

    assert is_asked_again(aurum, after=directory.LONGEST + 1)


def test_without_an_answer_nothing_is_kept_beyond_its_seconds(aurum: ChainInfo) -> None:
    hear({"type": "subscribe"}, None, None)
    directory.find(aurum.subdomain)

    assert not is_asked_again(aurum, after=directory.TTL - 1)
    assert is_asked_again(aurum, after=directory.TTL + 1)


def test_a_change_that_is_heard_makes_us_ask_at_once(aurum: ChainInfo) -> None:
    hear({"type": "subscribe"}, None, {"type": "pong"})
    directory.find(aurum.subdomain)

    hear({"type": "message", "data": aurum.subdomain.encode()})

    assert aurum.subdomain not in directory._entries


def test_what_was_read_while_a_change_came_is_not_kept(
    aurum: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ChainInfo.of
    directory._entries.clear()

    def changed_meanwhile(*arguments: Any, **named: Any) -> ChainInfo:
        found = read(*arguments, **named)
        hear({"type": "message", "data": aurum.subdomain.encode()})
        return found

    monkeypatch.setattr(ChainInfo, "of", changed_meanwhile)
    directory.find(aurum.subdomain)

    assert aurum.subdomain not in directory._entries


def test_after_a_silence_nothing_of_before_is_kept(aurum: ChainInfo) -> None:
    directory.find(aurum.subdomain)

    hear({"type": "subscribe"})

    assert not directory._entries


def test_that_redis_is_away_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_given: Any, **_options: Any) -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(directory, "_is_away", False)
    monkeypatch.setattr(redis.Redis, "from_url", away)

    for label in ("one", "two", "three"):
        directory.forget(label)

    assert caplog.text.count("Until Redis is back") == 1
