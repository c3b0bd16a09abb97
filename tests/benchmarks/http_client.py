"""Eight clients that call a server over connections they keep, each in a thread of its own (HTTP).

``python -m tests.benchmarks.http_client PORT CALL CALLS RUN`` reads the shop as JSON and prints
how long each call took and how long all of them together. The requests are written before the
clock starts, and answers are read with as little work as will do: the server's cores are ours.
"""

import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.benchmarks import http_shop
from tests.benchmarks.http_shop import CALLS, CLIENTS, GOOD, Shop

_HEADERS_END = b"\r\n\r\n"


def main(port: int, name: str, calls: int, run: str) -> None:
    """Let the clients begin at the same moment."""
    shop = Shop(**json.loads(sys.stdin.readline()))
    begin = Barrier(CLIENTS + 1)
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            pool.submit(_client, port, _requests(shop, port, name, client, calls, run), begin)
            for client in range(CLIENTS)
        ]
        begin.wait()
        started = time.perf_counter()
        answered = [each for client in clients for each in client.result()]
        took = time.perf_counter() - started
    wrong = [status for status, _seconds in answered if status != GOOD[name]]
    result = {"took": took, "wrong": wrong, "seconds": [seconds for _status, seconds in answered]}
    sys.stdout.write(json.dumps(result) + "\n")


def _requests(shop: Shop, port: int, name: str, client: int, calls: int, run: str) -> list[bytes]:
    """Write a client's requests; its numbers are those that its own key is for."""
    return [
        _written(shop, port, *CALLS[name](shop, client + number * CLIENTS, run))
        for number in range(calls)
    ]


def _written(
    shop: Shop, port: int, path: str, query: str, body: bytes | None, headers: "http_shop.Headers"
) -> bytes:
    method = "GET" if body is None else "POST"
    named = {**headers, "host": f"{shop.host}:{port}", "accept": "*/*"}
    if body is not None:
        named |= {"content-type": "application/json", "content-length": str(len(body))}
    target = f"{path}?{query}" if query else path
    lines = [f"{method} {target} HTTP/1.1", *(f"{key}: {value}" for key, value in named.items())]
    return "\r\n".join(lines).encode() + _HEADERS_END + (body or b"")


def _client(port: int, requests: list[bytes], begin: Barrier) -> list[tuple[int, float]]:
    """Send each request once the one before is answered; return status and seconds of each."""
    found = []
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin.wait()
        for request in requests:
            sent = time.perf_counter()
            link.sendall(request)
            status = _answer(link)
            found.append((status, time.perf_counter() - sent))
    return found


def _answer(link: socket.socket) -> int:
    """Read one answer to its end and return its status; raises ConnectionError if it is cut."""
    text = b""
    while _HEADERS_END not in text:
        text += _more(link)
    head, _end, body = text.partition(_HEADERS_END)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    missing = int(fields[b"content-length"]) - len(body)
    while missing > 0:
        missing -= len(_more(link))
    return int(head.split(b" ", 2)[1])


def _more(link: socket.socket) -> bytes:
    received = link.recv(65_536)
    if not received:
        raise ConnectionError("The server closed the connection within an answer.")
    return received


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
