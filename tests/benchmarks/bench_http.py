"""The till's call and the search: over HTTP under eight clients, and by themselves (HTTP).

The server is that of `make up`, with a state folder and a port of its own. The small version makes
the calls in this process only: to start the whole product takes longer than a test may.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from regulars.local import processes
from regulars.purchases.models import Purchase
from tests.benchmarks import http_alone, http_profile, measuring
from tests.benchmarks.http_shop import CALLS, CLIENTS, Shop
from tests.benchmarks.measuring import Report
from tests.local.running import Run

TITLE: Final = "The till's call and the search over HTTP"
_WORDS: Final = {"till": "the till's call", "search": "the search"}


@dataclass(frozen=True)
class Size:
    """How many customers there are, how many calls one client makes in a round, and rounds."""

    customers: int
    calls: int
    rounds: int


FULL: Final = Size(customers=100_000, calls=100, rounds=9)
SMALL: Final = Size(customers=20, calls=2, rounds=0)


def measure(report: Report, size: Size) -> None:
    """Measure both calls in one process, and with rounds also through a server."""
    if not size.rounds:
        _small(report, size)
        return
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder) / "state", processes.free_port())
        run.environment.pop("REGULARS_WEB_WORKERS", None)  # as many as `make up` takes
        run.start()
        try:
            _full(report, size, run)
        finally:
            run.end()


def _full(report: Report, size: Size, run: Run) -> None:
    shared = {**run.environment, **_environment(run), "PYTHONPATH": os.pathsep.join(sys.path)}
    alone = size.calls * CLIENTS // 2
    found = _ask("http_alone", ["bench", str(size.customers), str(alone)], environment=shared)
    shop = Shop(**found["shop"])
    for name in CALLS:
        _served(report, size, name, shop, run.port, shared)
        _alone(report, name, found[name], found[f"{name} statements"])
        _spent(report, name, found[f"{name} spent"])


def _served(
    report: Report, size: Size, name: str, shop: Shop, port: int, environment: Mapping[str, str]
) -> None:
    """Let eight clients call, first to warm the server up."""
    rates, seconds = [], []
    for number in range(size.rounds + 1):
        arguments = [str(port), name, str(size.calls), f"round-{number}"]
        result = _ask(
            "http_client", arguments, environment=environment, said=json.dumps(asdict(shop))
        )
        if result["wrong"]:
            raise RuntimeError(f"{name} was answered with {result['wrong'][:5]}.")
        if number:
            rates.append(size.calls * CLIENTS / result["took"])
            seconds += result["seconds"]
    report.check(f"every answer to {_WORDS[name]} over HTTP is a good one")
    report.ratio(f"{_WORDS[name]}: requests a second, {CLIENTS} clients over HTTP", rates)
    _percentiles(report, f"{_WORDS[name]} over HTTP, {CLIENTS} clients", seconds)


def _alone(report: Report, name: str, seconds: list[float], statements: int) -> None:
    report.figure(f"{_WORDS[name]}: statements of a call", statements)
    report.figure(f"{_WORDS[name]}: calls a second in one process", len(seconds) / sum(seconds))
    _percentiles(report, f"{_WORDS[name]} in one process, one at a time", seconds)


def _spent(report: Report, name: str, spent: Mapping[str, float]) -> None:
    """Say which share of a call each of its parts takes, the largest first."""
    whole = sum(spent.values())
    for part, seconds in sorted(spent.items(), key=lambda each: -each[1]):
        report.figure(f"of {_WORDS[name]}: {part}", 100 * seconds / whole, unit=" %")


def _percentiles(report: Report, what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    report.figure(f"{what}: p50", statistics.median(ordered) * 1000, unit=" ms")
    report.figure(f"{what}: p99", ordered[len(ordered) * 99 // 100] * 1000, unit=" ms")


def _small(report: Report, size: Size) -> None:
    shop = http_alone.opened("aurum", customers=size.customers, is_new=False)
    for name in CALLS:
        calls = size.calls * CLIENTS
        with http_profile.watched(name) as spent:
            seconds = http_alone.in_process(shop, name, calls=calls, run="small")
        assert all(spent.values()), spent
        statements = http_alone.statements(shop, name)
        assert statements, name
        _alone(report, name, seconds, statements)
        _spent(report, name, spent)
    with measuring.inside():
        recorded = Purchase.objects.filter(number__startswith="small-").count()
    assert recorded == size.calls * CLIENTS
    report.check("each call of a till is recorded once, and every answer is a good one")


def _environment(run: Run) -> dict[str, str]:
    """Return where the parts of the running product are, as it tells programs."""
    told = run.ask("status", "-o", "env").stdout.splitlines()
    return dict(line.split("=", 1) for line in told)


def _ask(
    module: str, arguments: list[str], *, environment: Mapping[str, str], said: str = ""
) -> dict[str, Any]:
    """Run a part of this benchmark in another process and return what it found."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments],
        env=environment,
        input=f"{said}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
