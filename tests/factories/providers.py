"""Providers of messages on this machine: they answer as told and remember what they were sent."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from regulars.messages.gateways.contract import Outgoing, Received

# Aliyun's and Tencent's still ask for the time in a way that Python warns of.
OFFICIAL_PACKAGES = pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
KEY = "0193d0c2-7a41-7b1e-8000-000000000001"


def outgoing(**changes: Any) -> Outgoing:
    """Return a greeting to a phone at home."""
    values: dict[str, Any] = {
        "key": KEY,
        "to": "+8613800138000",
        "channel": "sms",
        "text": "李女士，生日快乐！小陈 138",
        "template": "SMS_1",
        "variables": (("name", "李女士"), ("guide", "小陈")),
        "signature": "金石",
    }
    return Outgoing(**{**values, **changes})


@dataclass(frozen=True)
class Seen:
    """A request that arrived; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """Read the body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Told:
    """What to do with a request: answer it, or say nothing, or hang up without a word."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


SILENCE = Told(silent=True)
HANG_UP = Told(status=0)

type Behaviour = Callable[[Seen], Told]


class Provider:
    """A server on a port of its own; `answers` may be changed while it runs."""

    def __init__(self, answers: Behaviour) -> None:
        self.answers = answers
        self.seen: list[Seen] = []
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                parts = urlsplit(self.path)
                seen = Seen(
                    method=self.command,
                    path=parts.path,
                    query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=self.rfile.read(length),
                )
                provider.seen.append(seen)
                self._do(provider.answers(seen))

            def do_GET(self) -> None:
                self.do_POST()

            def _do(self, told: Told) -> None:
                self.close_connection = True
                if told.silent:
                    provider._over.wait(10)
                if told.silent or not told.status:
                    return
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def running(answers: Behaviour) -> Iterator[Provider]:
    """Run a provider for a block."""
    provider = Provider(answers)
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()


def closed_port() -> str:
    """Return an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def callback(body: bytes = b"", **changes: Any) -> Received:
    """Return a request of a provider to us, with the secret that ours carry in tests."""
    values: dict[str, Any] = {
        "method": "POST",
        "url": "https://aurum.example/hooks/messages/sms",
        "query": {"secret": "hush"},
        "body": body,
        "at": NOW,
    }
    return Received(**{**values, **changes})
