"""Calls a WSGI application in this process, as a server would and with nothing in between."""

import io
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

type Application = Callable[[dict[str, Any], Callable[..., Any]], Any]
_ALWAYS: Final[dict[str, Any]] = {
    "REMOTE_ADDR": "127.0.0.1",
    "SCRIPT_NAME": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.errors": sys.stderr,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.url_scheme": "http",
    "wsgi.version": (1, 0),
}


def request(
    host: str,
    path: str,
    *,
    query: str = "",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the environment of a GET, or, with a body of JSON, of a POST."""
    named = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in (headers or {}).items()
    }
    sent = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body or b""))}
    return {
        **_ALWAYS,
        **named,
        **(sent if body is not None else {}),
        "HTTP_HOST": host,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "wsgi.input": io.BytesIO(body or b""),
    }


def call(application: Application, environ: dict[str, Any]) -> tuple[int, bytes]:
    """Let the application answer to the end; return its status and body."""
    begun: list[str] = []
    answer = application(environ, lambda status, _headers, *_: begun.append(status))
    try:
        body = b"".join(answer)
    finally:
        answer.close()
    return int(begun[0].split()[0]), body
