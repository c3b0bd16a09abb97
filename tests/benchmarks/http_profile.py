"""Where the time of a call goes: each part is timed by a clock, without its inner parts.

A profiler counts every function and makes small ones look dear; a dozen clocks do not.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import Any, Final
from unittest import mock

_SHARED: Final = {
    "everything else: Django, middleware, DRF": "django.core.handlers.wsgi:WSGIHandler.__call__",
    "the search path": ("regulars.tenancy.backend.base:DatabaseWrapper._handle_search_path"),
    "a connection of the pool": "django.db.backends.base.base:BaseDatabaseWrapper.connect",
}
_PARTS: Final[dict[str, dict[str, str]]] = {
    "till": {
        **_SHARED,
        "the key": "regulars.api.keys:recognise",
        "limits of key and chain, in Valkey": "regulars.tenancy.limits:hits",
        "checking the body": "regulars.api.views:checked",
        "the Idempotency-Key, looked at and kept": "regulars.api.idempotency:once",
        "store, guide and customer meant": "regulars.api.resolving:meant",
        "reading the scene": "regulars.usecases.till:read",
        "the points rules": "regulars.usecases.earning:earn",
        "settling, writing, answering": "regulars.usecases.record_purchase:record",
        "COMMIT": "django.db.backends.base.base:BaseDatabaseWrapper.commit",
    },
    "search": {
        **_SHARED,
        "session and person": "regulars.staff.arriving:person_of",
        "what begins so or holds it": "regulars.customers.selectors:search",
        "who answers to it exactly": "regulars.customers.selectors:anything",
        "the page": "django.template.backends.django:Template.render",
    },
}


@contextmanager
def watched(call: str) -> Iterator[dict[str, float]]:
    """Time the parts of a call inside the block; seconds in all by part, without inner parts."""
    spent = dict.fromkeys(_PARTS[call], 0.0)
    inner: list[float] = []

    def timed(part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def clocked(*arguments: Any, **named: Any) -> Any:
            inner.append(0.0)
            begin = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                took = time.perf_counter() - begin
                spent[part] += took - inner.pop()
                if inner:
                    inner[-1] += took

        return clocked

    patches = []
    for part, where in _PARTS[call].items():
        module, _colon, path = where.partition(":")
        owner: Any = import_module(module)
        *holders, name = path.split(".")
        for holder in holders:
            owner = getattr(owner, holder)
        patches.append(mock.patch.object(owner, name, timed(part, getattr(owner, name))))
    for patch in patches:
        patch.start()
    try:
        yield spent
    finally:
        for patch in patches:
            patch.stop()
