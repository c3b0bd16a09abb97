"""Which function does which kind of work. Registered by use cases and tasks at start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

type Work = Callable[..., None]


class NoUse(RuntimeError):
    """Raised by a handler that would fail again: its row waits for a person and is not tried."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A named piece of work.

    Without `lease` it runs in the transaction that marks it done, so it is done exactly once as
    far as this database goes. With `lease` it runs outside: it must be resumable, and is tried
    again when the lease ends without a word (see `services.extend`). What never `gives_up` is
    tried every hour until it is done.
    """

    name: str
    work: Work
    lease: timedelta | None = None
    gives_up: bool = True


_handlers: dict[str, Handler] = {}


def handler(
    name: str, *, lease: timedelta | None = None, gives_up: bool = True
) -> Callable[[Work], Work]:
    """Register a function under a permanent name; it takes the payload as keywords and `now`."""

    def register(work: Work) -> Work:
        if name in _handlers and _handlers[name].work is not work:
            raise RuntimeError(f"Two functions handle {name!r}.")
        _handlers[name] = Handler(name, work, lease, gives_up)
        return work

    return register


def find(name: str) -> Handler | None:
    """Return the handler of this name, if this code has it."""
    return _handlers.get(name)


def known() -> Mapping[str, Handler]:
    """Return every registered handler."""
    return dict(_handlers)


def payload_names(work: Work) -> Any:
    """Return the names a handler takes, for tests that hold payloads against handlers."""
    return work.__code__.co_varnames[: work.__code__.co_kwonlyargcount + work.__code__.co_argcount]
