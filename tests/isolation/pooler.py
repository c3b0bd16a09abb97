"""A pooler as small as can be: each transaction goes to whichever backend is free.

It speaks just enough of PostgreSQL's protocol to know where a transaction ends. Backends are made
by the clients that come; which is given out first is PgBouncer's `server_round_robin`.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_SSL_REQUEST: Final = 80877103
_ENDS_A_TURN: Final = (b"Q", b"S", b"F")  # after Query, Sync and FunctionCall the server is ready
_IDLE: Final = b"I"


class Pooler:
    """Listens on a port of its own; with `sharing` backends change hands after transactions."""

    def __init__(self, host: str, port: int, *, sharing: bool, in_turn: bool) -> None:
        self._upstream = (host, port)
        self._sharing = sharing
        self._given_first = 0 if in_turn else -1
        self._free: list[socket.socket] = []
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Take clients until closed."""
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Hang up on everybody."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            each.close()

    def _talk(self, client: socket.socket) -> None:
        first = socket.create_connection(self._upstream)
        self._sockets += [client, first]
        with suppress(OSError, EOFError):
            first.sendall(self._startup(client))
            ready = self._sign_in(client, first)
            held = self._put_back(first)
            client.sendall(ready)  # whoever hears it finds the backend free
            while True:
                kind, message = _message(client)
                if kind == b"X":
                    break
                held = held or self._take()
                held.sendall(message)
                if kind in _ENDS_A_TURN:
                    ready = _relay(held, client)
                    if ready[5:6] == _IDLE:
                        held = self._put_back(held)
                    client.sendall(ready)
        client.close()
        if not self._sharing:
            first.close()

    @staticmethod
    def _startup(client: socket.socket) -> bytes:
        """Return the first message; encryption is refused as often as it is asked for."""
        while True:
            size = _exactly(client, 4)
            rest = _exactly(client, struct.unpack("!i", size)[0] - 4)
            if len(rest) != 4 or struct.unpack("!i", rest)[0] != _SSL_REQUEST:
                return size + rest
            client.sendall(b"N")

    @staticmethod
    def _sign_in(client: socket.socket, backend: socket.socket) -> bytes:
        """Pass questions and answers on until the server says it is ready; return that word."""
        while True:
            kind, message = _message(backend)
            if kind == b"Z":
                return message
            client.sendall(message)
            asks = kind == b"R" and struct.unpack("!i", message[5:9])[0] not in (0, 12)
            if asks:
                backend.sendall(_message(client)[1])

    def _put_back(self, backend: socket.socket) -> socket.socket | None:
        if not self._sharing:
            return backend
        with self._lock:
            self._free.append(backend)
        return None

    def _take(self) -> socket.socket:
        with self._lock:
            return self._free.pop(self._given_first)  # there are as many backends as clients


def _message(link: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(link, 5)
    return head[:1], head + _exactly(link, struct.unpack("!i", head[1:])[0] - 4)


def _exactly(link: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = link.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return parts


def _relay(backend: socket.socket, client: socket.socket) -> bytes:
    """Pass an answer on; return its last word, which says whether a transaction is open."""
    while True:
        kind, message = _message(backend)
        if kind == b"Z":
            return message
        client.sendall(message)


@contextmanager
def between(host: str, port: int, *, sharing: bool = True, in_turn: bool = False) -> Iterator[int]:
    """Put a pooler in front of a server; gives the port where it listens."""
    pooler = Pooler(host, port, sharing=sharing, in_turn=in_turn)
    thread = threading.Thread(target=pooler.serve, daemon=True)
    thread.start()
    try:
        yield pooler.port
    finally:
        pooler.close()
        thread.join()
