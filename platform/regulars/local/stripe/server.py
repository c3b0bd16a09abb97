"""The HTTP server: keys, parameters, idempotency, lists, errors; pages beside the API."""

import hashlib
import hmac
import json
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from regulars.local.stripe import (
    API_VERSION,
    delivering,
    faults,
    forms,
    parameters,
    routes,
    shapes,
)  # fmt: skip
from regulars.local.stripe.engine import falling_due
from regulars.local.stripe.given import Given
from regulars.local.stripe.pages import pages
from regulars.local.stripe.resources import included
from regulars.local.stripe.store import Store, Thing
from regulars.local.stripe.world import World

KEY: Final = "sk_test_regulars_simulator"
_LARGEST_BODY: Final = 1_000_000
_KEPT_SECONDS: Final = 86400
_MOST_ON_A_PAGE: Final = 100
_TICK: Final = 5.0
_HOSTS: Final = {"127.0.0.1", "localhost", "[::1]"}

assert included  # noqa: S101 - imported for what it registers


class Api:
    """The API of one account, whoever carries the requests to it."""

    def __init__(self, store: Store, *, address: str, key: str = KEY) -> None:
        """Serve a store; ``key`` is the only secret key that is let in."""
        self.store = store
        self.lock = threading.RLock()
        self.world = World(store, address=address)
        self.world.due = falling_due.due
        self.world.on_event = lambda event: delivering.enqueue(store, event)
        self._key = key

    def answer(
        self, method: str, path: str, text: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Answer one request: status, body, headers."""
        request_id = self.world.id("req", 14)
        sent = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
        key = headers.get("idempotency-key") if method == "POST" else None
        if key:
            sent["Idempotency-Key"] = key
        with self.lock:
            try:
                self._admit(headers.get("authorization", ""))
                found = routes.find(method, path)
                if found is None:
                    raise faults.Refused(
                        f"Unrecognized request URL ({method}: {path}).", code="url_unknown"
                    )
                route, ids = found
                given = parameters.check(f"{method} {route.path}", forms.decode(text))
            except faults.Refused as error:
                return error.status, _body(error), sent
            wanted = hashlib.sha256(f"{method} {path} {text}".encode()).hexdigest()
            kept = self._kept(key, wanted, sent)
            if kept:
                return kept
            self.world.request = {"id": request_id, "idempotency_key": key}
            # One transaction: a crash leaves both what was done and its answer, or neither.
            with self.store.transaction("answer"):
                status, body = self._perform(route, ids, given, path)
                if key:
                    self._keep(key, wanted, status, body, request_id)
            return status, body, sent

    def _admit(self, authorization: str) -> None:
        scheme, _, key = authorization.partition(" ")
        if not key:
            raise faults.Unauthorized(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY')."
            )
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.encode(), self._key.encode()):
            shown = f"{key[:8]}{'*' * 8}{key[-4:]}"
            raise faults.Unauthorized(f"Invalid API Key provided: {shown}")

    def _kept(
        self, key: str | None, wanted: str, sent: dict[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]] | None:
        """Give the answer that a request with this key had before."""
        if key is None:
            return None
        row = self.store.base.execute(
            "SELECT request, status, body, request_id FROM answer WHERE key = ? AND given_at > ?",
            (key, int(time.time()) - _KEPT_SECONDS),
        ).fetchone()
        if row is None:
            return None
        if row[0] != wanted:
            error = faults.KeyReused(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request."
            )
            return error.status, _body(error), sent
        again = {**sent, "Idempotent-Replayed": "true", "Original-Request": row[3]}
        return row[1], json.loads(row[2]), again

    def _keep(
        self, key: str, wanted: str, status: int, body: dict[str, Any], request_id: str
    ) -> None:
        self.store.base.execute(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)",
            (key, wanted, status, json.dumps(body), request_id, int(time.time())),
        )

    def _perform(
        self, route: routes.Route, ids: list[str], values: dict[str, Any], path: str
    ) -> tuple[int, dict[str, Any]]:
        try:
            with self.store.transaction():
                given = Given(values)
                found = route.does(self.world, given, *map(unquote, ids))
                given.refuse_unread()
                if isinstance(found, list):
                    found = self._page(found, values, path)
                return 200, shapes.show(self.store, found, values.get("expand", []))
        except faults.Refused as error:
            return error.status, _body(error)
        except Exception:  # noqa: BLE001 - a fault of ours is an answer too, and is logged
            traceback.print_exc(file=sys.stderr)
            words = "The simulator failed; its log says why."
            return 500, {"error": {"type": "api_error", "message": words}}
        finally:
            self.world.moment = None

    def _page(self, found: list[Thing], values: dict[str, Any], path: str) -> Thing:
        limit = values.get("limit", 10)
        if not 1 <= limit <= _MOST_ON_A_PAGE:
            raise faults.Refused(
                f"This value must be between 1 and {_MOST_ON_A_PAGE}.", param="limit",
                code="parameter_invalid_integer",
            )  # fmt: skip
        ids = [each.get("id") for each in found]
        for name in ("starting_after", "ending_before"):
            if name in values and values[name] not in ids:
                raise faults.Unknown("object", values[name], param=name, status=400)
        if "ending_before" in values:
            before = found[: ids.index(values["ending_before"])]
            return shapes.page(before[-limit:], url=path, has_more=len(before) > limit)
        if "starting_after" in values:
            found = found[ids.index(values["starting_after"]) + 1 :]
        return shapes.page(found[:limit], url=path, has_more=len(found) > limit)


def _body(error: faults.Refused) -> dict[str, Any]:
    shown: dict[str, Any] = shapes.bare(error.body())
    return shown


class Server:
    """The simulator: API, pages, webhooks and, for what is on no test clock, real time."""

    def __init__(
        self,
        file: Path | None = None,
        *,
        port: int = 0,
        key: str = KEY,
        delays: tuple[float, ...] = delivering.DELAYS,
    ) -> None:
        """Listen on 127.0.0.1; ``port=0`` takes a free one, ``file=None`` keeps nothing."""
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.address = f"http://127.0.0.1:{self.port}"
        self.key = key
        self.store = Store(file)
        self.api = Api(self.store, address=self.address, key=key)
        self.deliverer = delivering.Deliverer(self.store, self.api.lock, delays=delays)
        self._http.RequestHandlerClass = type("Handler", (_Handler,), {"simulator": self})
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True),
            threading.Thread(target=self._tick, daemon=True),
        ]

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Answer from now on."""
        self.deliverer.start()
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Answer no more and close the file."""
        self._ending.set()
        self._http.shutdown()
        self._http.server_close()
        self.deliverer.stop()
        for each in self._threads:
            each.join(5)
        with self.api.lock:
            self.store.close()

    def _tick(self) -> None:
        while not self._ending.wait(_TICK):
            self.keep_time()

    def keep_time(self) -> None:
        """Do what has fallen due by now for what is on no test clock."""
        with self.api.lock, self.store.transaction("tick"):
            falling_due.work_until(self.api.world, int(time.time()), clock=None)
        self.deliverer.ring()


class _Handler(BaseHTTPRequestHandler):
    """Carries requests to the API or to the pages."""

    simulator: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Log nothing: the events are the log."""

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer("POST")

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        where = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if length > _LARGEST_BODY:
            self._send(413, b"", {})
            return
        body = self.rfile.read(length).decode(errors="replace")
        text = body if method == "POST" else where.query
        headers = {name.lower(): value for name, value in self.headers.items()}
        if where.path.startswith("/v1/"):
            status, found, sent = self.simulator.api.answer(method, where.path, text, headers)
            sent = {**sent, "Content-Type": "application/json"}
            self._send(status, json.dumps(found, indent=2).encode(), sent)
        elif headers.get("host", "").rpartition(":")[0] not in _HOSTS:
            self._send(403, b"Only from this machine.", {"Content-Type": "text/plain"})
        else:
            try:
                page = pages.answer(self.simulator, method, where.path, where.query, body, headers)
            except Exception:  # noqa: BLE001 - as in the API
                traceback.print_exc(file=sys.stderr)
                self._send(500, b"The simulator failed; its log says why.", {})
                return
            self._send(page.status, page.body.encode(), page.headers)
        self.simulator.deliverer.ring()

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
