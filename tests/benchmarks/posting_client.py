"""One client of B3: a process that sells in the way it is told to, until it is told to stop.

``python -m tests.benchmarks.posting_client NAME`` reads orders from its standard input, a JSON
object a line, and answers each with one.
"""

import json
import os
import re
import sys
import tempfile
import time
from random import Random
from typing import Any, Final, cast
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

if __name__ == "__main__":
    django.setup()

import psycopg
from django.db import connection

from regulars import registry
from regulars.points.models import Account
from regulars.purchases.drafts import LineDraft
from regulars.stores.models import Store
from regulars.tenancy import context, directory, statements
from regulars.tenancy.context import ChainInfo
from tests import servers
from tests.benchmarks import posting_sides as sides
from tests.benchmarks.posting_sides import Done, Place, Side
from tests.factories.purchases import vertical

type Order = dict[str, Any]
type Receipt = tuple[str, Place, tuple[LineDraft, ...]]

BOOKS: Final = "aurum"  # where the ledger is kept
LOOSE: Final = "bloom"  # where rows are only inserted
_WAL: Final = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
_OWN_RULES: Final = registry.vertical
_SMALL: Final = vertical()
_WARM: Final = 5  # sales until psycopg has prepared what comes again
_DRAWN: Final = 200  # receipts drawn before a run


class Client:
    """A client with the places of both chains at hand."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chance = Random(name)
        self.chains: dict[str, ChainInfo] = {}
        self.places: dict[str, tuple[list[UUID], list[tuple[UUID, UUID]]]] = {}
        for subdomain in (BOOKS, LOOSE):
            chain = directory.find(subdomain)
            assert chain is not None
            self.chains[subdomain] = chain
            with context.inside(chain):
                self.places[subdomain] = (
                    list(Store.objects.filter(code__startswith="p").values_list("id", flat=True)),
                    list(Account.objects.order_by("id").values_list("customer_id", "id")),
                )
        self.bare: dict[str, sides.Bare] = {}

    def follow(self, order: Order) -> dict[str, Any]:
        """Do what is asked."""
        subdomain = LOOSE if order["side"] == "bare" else BOOKS
        own = order["rules"] == "jewelry"
        registry.vertical = _OWN_RULES if own else (lambda: _SMALL)
        if order["side"] == "bare" and order["rules"] not in self.bare:
            with context.inside(self.chains[BOOKS]):
                self.bare[order["rules"]] = sides.Bare(UUID(order["samples"][order["rules"]]))
        with context.inside(self.chains[subdomain]):
            statements.one("SELECT 1")  # points the connection at the chain, for all sides alike
            if "trace" in order:
                return self._traced(order, subdomain)
            return self._sold(order, subdomain)

    def _sold(self, order: Order, subdomain: str) -> dict[str, Any]:
        """Sell from one moment to another, or so many times."""
        write, count, most = self._side(order), 0, order.get("count", sys.maxsize)
        # What is sold is drawn beforehand: neither side's work, it took a twentieth of the till's.
        drawn = [self._receipt(order, subdomain, n) for n in range(min(most, _DRAWN))]
        done: list[Done] = []
        while time.monotonic() < order.get("begin", 0.0):
            time.sleep(0.001)
        begin = time.perf_counter()
        while count < most and time.monotonic() < order.get("end", sys.maxsize):
            one = drawn[count] if count < _DRAWN else self._receipt(order, subdomain, count)
            done.append(write(*one))
            count += 1
        return {
            "calls": count,
            "seconds": time.perf_counter() - begin,
            "new": sum(not each.repeated for each in done),
            "points": sum(each.points for each in done if not each.repeated),
            "waits": sum(each.waits for each in done),
            "purchases": [str(each.purchase_id) for each in done],
        }

    def _traced(self, order: Order, subdomain: str) -> dict[str, Any]:
        """Count the round trips of one sale as the wire saw them, and the WAL of some."""
        write = self._side(order)
        link = cast("psycopg.Connection[Any]", connection.connection)
        for count in range(-_WARM, 0):  # with every statement prepared
            write(*self._receipt(order, subdomain, count))
        with tempfile.TemporaryFile("w+") as file:
            one = self._receipt(order, subdomain, -1 if order["mode"] == "again" else 0)
            link.pgconn.trace(file.fileno())
            write(*one)
            link.pgconn.untrace()
            file.seek(0)
            trips = len(re.findall(r"\tReadyForQuery\t", file.read()))
        before = statements.one(_WAL)
        for count in range(1, order["trace"] + 1):
            write(*self._receipt(order, subdomain, count))
        after = statements.one(_WAL)
        assert before is not None
        assert after is not None
        return {"trips": trips, "wal": float(after[0] - before[0]) / order["trace"]}

    def _side(self, order: Order) -> Side:
        textbook = sides.textbook_rules if order["rules"] == "jewelry" else sides.textbook
        named: dict[str, Side] = {"till": sides.till, "orm": textbook}
        return self.bare[order["rules"]] if order["side"] == "bare" else named[order["side"]]

    def _receipt(self, order: Order, subdomain: str, count: int) -> Receipt:
        """Return what is sold to whom, and its number."""
        mode, run = order["mode"], order["run"]
        number = f"{run}-{count}" if mode == "again" else f"{run}-{self.name}-{count}"
        chance = Random(number) if mode == "again" else self.chance
        stores, people = self.places[subdomain]
        hot = Random(run) if mode == "customer" else chance  # the same for all, another each run
        customer_id, account_id = hot.choice(people)
        store_id = stores[0] if mode == "store" else chance.choice(stores)
        place = Place(store_id, customer_id, account_id)
        return number, place, sides.lines_of(number, rules=order["rules"])


def main(name: str) -> None:
    """Follow orders until there are no more."""
    servers.point_at(os.environ["BENCH_DATABASE"])
    client = Client(name)
    for text in sys.stdin:
        sys.stdout.write(json.dumps(client.follow(json.loads(text))) + "\n")
        sys.stdout.flush()
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
