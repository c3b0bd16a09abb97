"""The account as operations see it: objects, what time it is for each, and what happened."""

import secrets
import string
import time
from collections.abc import Callable
from typing import Any, Final

from regulars.local.stripe import API_VERSION, faults, shapes
from regulars.local.stripe.store import Store, Thing

_LETTERS: Final = string.ascii_letters + string.digits
ACCOUNT: Final = "acct_1RegularsSimulator"
NOBODY: Final = {"id": None, "idempotency_key": None}


class World:
    """One simulated account.

    `due` says when an object wants attention, `on_event` is told of each event; both are set by the
    server, so that this module knows neither the engine nor the deliveries.
    """

    def __init__(self, store: Store, *, address: str) -> None:
        """Work on a store; pages are under ``address``."""
        self.store = store
        self.address = address
        self.request: dict[str, str | None] = dict(NOBODY)
        self.due: Callable[[Thing], int | None] = lambda thing: None
        self.on_event: Callable[[Thing], int] = lambda event: 0
        self.moment: int | None = None
        """The second at which work that fell due is done; None outside such work."""

    def id(self, prefix: str, length: int = 24) -> str:
        """Make an id that nobody can guess."""
        return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(length))

    def clock_of(self, thing: Thing) -> str | None:
        """Give the test clock that an object lives on."""
        if thing["object"] == "test_helpers.test_clock":
            return None
        clock = thing.get("test_clock") or thing.get("_clock")
        if clock is None and isinstance(thing.get("customer"), str):
            customer = self.store.get(thing["customer"])
            clock = customer.get("test_clock") if customer else None
        return clock

    def now(self, thing: Thing | None = None) -> int:
        """Say what time it is, for an object on a test clock or for all others."""
        if self.moment is not None:
            return self.moment
        clock = self.clock_of(thing) if thing else None
        found = self.store.get(clock) if clock else None
        return int(found["frozen_time"]) if found else int(time.time())

    def find(self, kind: str, key: str, *, param: str | None = None) -> Thing:
        """Give an object; ``param`` names the parameter that asked for it. Raises Unknown.

        One that was deleted can be looked at, and not named in a parameter any more.
        """
        thing = self.store.get(key)
        is_gone = bool(thing and param and thing.get("deleted"))
        if thing is None or thing["object"] != kind or is_gone:
            raise faults.Unknown(kind, key, param=param or "id", status=400 if param else 404)
        return thing

    def save(self, thing: Thing, *, event: str | None = None) -> Thing:
        """Write an object; an event of a change is sent only if something changed."""
        before = self.store.written(thing["id"])
        thing["_due"] = self.due(thing)
        self.store.put(thing, clock=self.clock_of(thing))
        if event is None:
            return thing
        if event.endswith(".updated") and before is not None:
            previous = {
                name: before.get(name)
                for name in {**before, **thing}
                if not name.startswith("_") and before.get(name) != thing.get(name)
            }
            if not previous:
                return thing
            self.emit(event, thing, previous=previous)
        else:
            self.emit(event, thing)
        return thing

    def emit(self, kind: str, thing: Thing, *, previous: Thing | None = None) -> Thing:
        """Write that something happened, with the object as it is now."""
        data: dict[str, Any] = {"object": shapes.bare(thing)}
        if previous is not None:
            data["previous_attributes"] = shapes.bare(previous)
        event: Thing = {
            "id": self.id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(thing),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": dict(self.request) if self.moment is None else dict(NOBODY),
            "type": kind,
            "_clock": self.clock_of(thing),
        }
        event["pending_webhooks"] = self.on_event(event)
        self.store.put(event, clock=event["_clock"])
        return event
