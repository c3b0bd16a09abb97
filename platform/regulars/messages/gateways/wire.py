"""One HTTP request for adapters without an official package: never repeated, never redirected.

It tells apart what the contract needs: a connection that never came about (`TryLater`), and
silence after the request was written (`Uncertain`). Errors carry no address: some hold tokens.
"""

import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from regulars.messages.gateways.contract import Refused, TryLater, Uncertain

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0
_LARGEST: Final = 1024 * 1024  # bytes of an answer
_AGAIN: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the object in the body. Raises `Uncertain` if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise Uncertain("nonsense", f"HTTP {self.status}")
        return value


def post_json(url: str, value: object, *, read: float = READ_SECONDS) -> Answer:
    """Post an object as JSON in UTF-8, unescaped as the Chinese platforms want it."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return call("POST", url, body, {"content-type": "application/json; charset=utf-8"}, read=read)


def call(
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    read: float = READ_SECONDS,
    public_only: bool = False,
) -> Answer:
    """Send one request and return whatever answer comes, of any status.

    `read` is how many seconds the whole answer may take. `public_only` refuses addresses inside
    our own network, for addresses that a person typed. Raises `Refused`, `TryLater`, `Uncertain`.
    """
    parts = urlsplit(url)
    connection = _connect(parts, read, public_only=public_only)
    try:
        return _exchange(connection, method, parts, body, headers or {}, time.monotonic() + read)
    except (OSError, http.client.HTTPException) as error:
        raise Uncertain("silent", type(error).__name__) from None
    finally:
        connection.close()


def _connect(parts: SplitResult, read: float, *, public_only: bool) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    try:
        port = parts.port or (443 if secure else 80)
        address = _address(host, port, public_only=public_only)
        plain = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        ready = _secured(plain, host) if secure else plain
    except (OSError, ValueError) as error:
        raise TryLater("away", type(error).__name__, after=_AGAIN) from None
    ready.settimeout(read)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = ready
    return connection


def _address(host: str, port: int, *, public_only: bool) -> str:
    found = [each[4][0] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    addresses = [str(each) for each in found]
    if public_only and not all(ipaddress.ip_address(each).is_global for each in addresses):
        raise Refused("address-wrong", "This address lies inside our own network.")
    return addresses[0]


def _secured(plain: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    parts: SplitResult,
    body: bytes,
    headers: Mapping[str, str],
    until: float,
) -> Answer:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    connection.request(method, target, body or None, {"host": host, **headers})
    response = connection.getresponse()
    received = b""
    while len(received) <= _LARGEST and (piece := response.read1(65536)):
        received += piece
        if time.monotonic() > until:
            raise TimeoutError
    return Answer(
        response.status, {name.lower(): value for name, value in response.getheaders()}, received
    )


def retry_after(answer: Answer, otherwise: timedelta = _AGAIN) -> timedelta:
    """Return how long the answer asks us to wait (its seconds form), at most a day."""
    seconds = answer.headers.get("retry-after", "")
    if not seconds.isdecimal():
        return otherwise
    return timedelta(seconds=min(int(seconds), 86_400))
