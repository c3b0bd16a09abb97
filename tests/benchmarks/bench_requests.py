"""A request over many chains in turn, against the same view in plain Django in one schema (B2)."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from django.db import connection, connections

from regulars.tenancy import context, provisioning
from regulars.tenancy.models import Domain
from tests import servers
from tests.benchmarks import measuring
from tests.benchmarks.measuring import Reach, Report
from tests.benchmarks.requests_side import PEOPLE
from tests.prepared import NOW, sign_up

TITLE: Final = (
    "A request with 1 and with 5 indexed reads, many chains in turn, against plain Django"
)
_READS: Final = {1: Reach(at_most=1.20), 5: Reach(at_most=1.08)}
_FILL: Final = """
INSERT INTO {schema}.customers_customer (id, state, name, pinyin, initials, tokens, gender,
  age_band, phone, email, address, language, time_zone, profile, extra)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'active',
  'C' || n || ' {mark}', '', '', '{{}}', '', '', '+86138' || lpad(n::text, 8, '0'), '', '{{}}',
  '', '', '{{}}', '{{}}'
FROM generate_series(0, {people} - 1) AS n"""


@dataclass(frozen=True)
class Size:
    """How many chains take turns, how many requests one run has, and how many pairs there are."""

    chains: int
    requests: int
    pairs: int


FULL: Final = Size(chains=50, requests=600, pairs=21)
SMALL: Final = Size(chains=2, requests=6, pairs=3)


def measure(report: Report, size: Size) -> None:
    """Hold the answers of both sides against the rows, count statements, then compare."""
    labels = _chains(size.chains)
    _plain()
    hosts = [f"{label}.localhost" for label in labels]
    with (
        _side("tests.benchmarks.requests_chains", hosts) as ours,
        _side("tests.benchmarks.requests_plain", ["plain.localhost"]) as plain,
    ):
        for reads in _READS:
            _check(report, reads, {"ours": ours, "plain": plain}, labels)
        for reads, reach in _READS.items():
            warm = {"reads": reads, "requests": max(size.requests // 2, 4 * size.chains)}
            order = {"reads": reads, "requests": size.requests}
            for side in (ours, plain):
                side.do(warm)
            ratios = measuring.paired(
                partial(ours.do, order), partial(plain.do, order), pairs=size.pairs
            )
            what = f"a request with {_times(reads)} ÷ plain Django"
            report.ratio(what, [1 / each for each in ratios], reach)


def _check(report: Report, reads: int, sides: "dict[str, Side]", labels: list[str]) -> None:
    """Ask each chain once, warm, and hold every answer and every statement against the rule."""
    sides["ours"].do({"reads": reads, "look": 7})
    time.sleep(0.3)  # until it hears of changes of chains; from then on it keeps what it knows
    sides["ours"].do({"reads": reads, "look": 7})
    found = {name: side.do({"reads": reads, "look": 7}) for name, side in sides.items()}
    for name, marks in (("ours", labels), ("plain", ["plain"])):
        for answer, mark in zip(found[name], marks, strict=True):
            names = [each["name"] for each in answer["body"]["people"]]
            assert answer["status"] == 200, answer
            assert names == [f"C{7 + number} {mark}" for number in range(reads)], answer
    counts = {len(each["statements"]) for each in found["ours"]}
    sent = [text for each in found["ours"] for text in each["statements"]]
    control = sum("tenancy_" in text or "public" in text for text in sent)
    assert {len(each["statements"]) for each in found["plain"]} == {reads}
    report.check(f"{_times(reads)}: every chain answers with its own rows, plain Django with its")
    what = f"statements of a request with {_times(reads)}"
    report.figure(what, max(counts), reach=Reach(at_most=reads + 1))
    report.figure(f"of them to the control plane, {_times(reads)}", control, reach=Reach(at_most=0))


def _times(reads: int) -> str:
    return "1 read" if reads == 1 else f"{reads} reads"


class Side:
    """A process that does requests as it is told."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def do(self, order: dict[str, Any]) -> Any:
        """Give an order, wait, and return what was answered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def _side(settings: str, hosts: list[str]) -> Iterator[Side]:
    """Start one side on the database we are in, and see it end."""
    found = urlsplit(servers.addresses()["default"])
    address = urlunsplit(found._replace(path="/" + str(connection.settings_dict["NAME"])))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "DATABASE_URL": address}
    environment.pop("DATABASE_OWNER_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.requests_side", *hosts],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Side(process)
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def _chains(count: int) -> list[str]:
    """Fill the prepared chains and as many more as are missing; return their sub-domains."""
    for number in range(count - 2):
        label = f"many-{number}"
        provisioning.make_spare()
        sign_up(company=label, subdomain=label, vertical="jewelry", now=NOW)
    with context.public():
        named = Domain.objects.values_list("domain", "tenant__schema_name").order_by("domain")
        found = dict(named[:count])
    for label, schema in found.items():
        _fill(schema, label)
    return list(found)


def _plain() -> None:
    """Make the same table with the same rows in one schema, as plain Django has it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT min(schema_name) FROM public.tenancy_chain WHERE state = 'active'")
        (like,) = cursor.fetchone()
        cursor.execute("CREATE SCHEMA plain")
        cursor.execute(
            f"CREATE TABLE plain.customers_customer (LIKE {like}.customers_customer INCLUDING ALL)"
        )
        cursor.execute("GRANT USAGE ON SCHEMA plain TO regulars_app")
        cursor.execute("GRANT SELECT ON plain.customers_customer TO regulars_app")
    _fill("plain", "plain")


def _fill(schema: str, mark: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(_FILL.format(schema=schema, mark=mark, people=PEOPLE))
        cursor.execute(f"ANALYZE {schema}.customers_customer")
