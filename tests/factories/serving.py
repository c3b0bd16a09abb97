"""The pages of the chains on a free port of this machine, for a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections

from regulars.web import assets
from tests import pools

_LOOKS_UP: float = 0.02  # seconds until the server notices that it is to end


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@cache
def build() -> None:
    """Build what browsers load, if need be; it does not change while tests run."""
    assets.build()


@contextmanager
def port() -> Iterator[int]:
    """Serve whatever the settings say; each request has a thread of its own."""
    build()
    application = StaticFilesHandler(get_wsgi_application())
    server = make_server("127.0.0.1", 0, application, _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(_LOOKS_UP,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chain(subdomain: str = "aurum") -> Iterator[str]:
    """Serve a chain and return its address.

    Requests take connections from the product's pool: one that has never been used reads the
    catalogue of every table of a page first.
    """
    with pools.pooled(), port() as number:
        yield f"http://{subdomain}.localhost:{number}"
    connections.close_all()
