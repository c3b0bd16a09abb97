"""One side of B2 in a process of its own: does as many requests as it is told, and says so.

``python -m tests.benchmarks.requests_side HOST…`` with DJANGO_SETTINGS_MODULE and DATABASE_URL
reads orders as lines of JSON and answers each with one.
"""

import gc
import json
import sys
from collections.abc import Callable
from functools import partial
from itertools import count, cycle
from typing import Any, Final

from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connection

from tests.benchmarks import calling

PEOPLE: Final = 1000


def main(hosts: list[str]) -> None:
    """Serve orders until there are none."""
    application = get_internal_wsgi_application()
    gc.collect()
    gc.freeze()  # as our own does, so for both
    numbers, turns = count(), cycle(hosts)

    def ask(reads: int, first: int) -> tuple[int, bytes]:
        return calling.call(application, calling.request(next(turns), f"/people/{first}/{reads}/"))

    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        answer: Any = None
        if "look" in order:
            answer = [_watched(partial(ask, order["reads"], order["look"])) for _ in hosts]
        else:
            for _ in range(order["requests"]):
                status, _body = ask(order["reads"], next(numbers) * 7 % (PEOPLE - 5))
                if status != 200:
                    raise RuntimeError(f"A request was answered with {status}.")
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _watched(ask: Callable[[], tuple[int, bytes]]) -> dict[str, Any]:
    """Return what a request answers and every statement it sends, that of the path included."""
    connection.force_debug_cursor = True
    try:
        status, body = ask()
        sent = [str(each["sql"]) for each in connection.queries_log]
    finally:
        connection.force_debug_cursor = False
    return {"status": status, "body": json.loads(body), "statements": sent}


if __name__ == "__main__":
    main(sys.argv[1:])
