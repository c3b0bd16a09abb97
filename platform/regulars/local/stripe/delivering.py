"""Telling endpoints of events: signed, tried again when nobody answers well."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any, Final

from regulars.local.stripe import shapes
from regulars.local.stripe.store import Store, Thing

PATIENCE: Final = 10.0
DELAYS: Final = (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
"""Seconds from each failed try to the next; after the last an event is given up (three days)."""
_ANSWER_KEPT: Final = 300


def signature(body: bytes, secret: str, *, at: int) -> str:
    """Give the ``Stripe-Signature`` header of a body."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def enqueue(store: Store, event: Thing) -> int:
    """Note whom an event has to be told to; say to how many. Nothing is sent yet."""
    told = 0
    for endpoint in store.every("webhook_endpoint"):
        kinds = endpoint["enabled_events"]
        if endpoint["status"] == "enabled" and ("*" in kinds or event["type"] in kinds):
            store.base.execute(
                "INSERT INTO delivery (event, endpoint, due) VALUES (?, ?, ?)",
                (event["id"], endpoint["id"], time.time()),
            )
            told += 1
    return told


def again(store: Store, event: str) -> None:
    """Tell an event once more to everyone it was told to, else to whom it would be told now."""
    done = store.base.execute("UPDATE delivery SET due = ? WHERE event = ?", (time.time(), event))
    found = store.get(event)
    if not done.rowcount and found:
        enqueue(store, found)


class Deliverer:
    """A thread that sends what is due; ``lock`` guards the store."""

    def __init__(
        self, store: Store, lock: threading.RLock, *, delays: tuple[float, ...] = DELAYS
    ) -> None:
        """Describe the thread; `start` starts it."""
        self._store = store
        self._lock = lock
        self._delays = delays
        self._bell = threading.Event()
        self._is_ending = False
        self._busy = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def ring(self) -> None:
        """Say that something may be due."""
        self._bell.set()

    def stop(self) -> None:
        """End once the request under way is answered."""
        self._is_ending = True
        self._bell.set()
        self._thread.join(PATIENCE + 1)

    def settle(self, *, timeout: float = 10.0) -> bool:
        """Wait until nothing is due at this moment; say whether that came about."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with self._busy:
                if not self._due():
                    return True
            self._bell.set()
            time.sleep(0.002)
        return False

    def _run(self) -> None:
        while not self._is_ending:
            self._bell.wait(self._pause())
            self._bell.clear()
            with self._busy:
                while not self._is_ending and (found := self._due()):
                    self._send(*found)

    def _pause(self) -> float:
        with self._lock:
            row = self._store.base.execute(
                "SELECT min(due) FROM delivery WHERE due IS NOT NULL"
            ).fetchone()
        return 60.0 if row[0] is None else min(60.0, max(0.0, row[0] - time.time()))

    def _due(self) -> tuple[int, int, bytes, Thing] | None:
        with self._lock:
            row = self._store.base.execute(
                "SELECT place, attempts, event, endpoint FROM delivery WHERE due <= ?"
                " ORDER BY due, place LIMIT 1",
                (time.time(),),
            ).fetchone()
            if row is None:
                return None
            event, endpoint = self._store.get(row[2]), self._store.get(row[3])
            if event is None or endpoint is None or endpoint["status"] != "enabled":
                self._note(row[0], row[1], None, "nobody to tell", due=None)
                return self._due()
        body = json.dumps(shapes.bare(event), indent=2).encode()
        return row[0], row[1], body, endpoint

    def _send(self, place: int, attempts: int, body: bytes, endpoint: Thing) -> None:
        at = int(time.time())
        request = urllib.request.Request(  # noqa: S310 - checked when it was registered
            endpoint["url"],
            data=body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(body, endpoint["_secret"], at=at),
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            },
        )
        status, words = post(request)
        is_well = status is not None and 200 <= status < 300
        due = None
        if not is_well and attempts < len(self._delays):
            due = time.time() + self._delays[attempts]
        with self._lock:
            self._note(place, attempts + 1, status, words, due=due)
            if is_well:
                self._told(place)

    def _note(
        self, place: int, attempts: int, status: int | None, words: str, *, due: float | None
    ) -> None:
        self._store.base.execute(
            "UPDATE delivery SET attempts = ?, status = ?, answer = ?, due = ? WHERE place = ?",
            (attempts, status, words[:_ANSWER_KEPT], due, place),
        )

    def _told(self, place: int) -> None:
        row = self._store.base.execute(
            "SELECT event FROM delivery WHERE place = ?", (place,)
        ).fetchone()
        event: dict[str, Any] | None = self._store.get(row[0])
        if event:
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
            self._store.put(event, clock=event.get("_clock"))


def post(request: urllib.request.Request) -> tuple[int | None, str]:
    """Send a request; give the status and the beginning of the answer, or None and why."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read(_ANSWER_KEPT).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(_ANSWER_KEPT).decode(errors="replace")
    except OSError as error:
        return None, str(error)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: for Stripe one is a failure."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Give no request to go on with."""
        return
