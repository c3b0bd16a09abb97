"""Tills that sell as fast as they can through the product's own story, for the write tax of B5.

``python -m tests.benchmarks.insights_tills`` is one till: for every line it reads, a number of
seconds, it sells that long and answers with how often it did.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PEOPLE: Final = 1000  # of one till: nobody shops a hundred times a day


class Tills:
    """Several tills that sell at the same time."""

    def __init__(self, running: list[subprocess.Popen[str]]) -> None:
        self._running = running

    def rate(self, seconds: float) -> float:
        """Let all of them sell for a while; return how many purchases they made a second."""
        for till in self._running:
            assert till.stdin is not None
            till.stdin.write(f"{seconds}\n")
            till.stdin.flush()
        return sum(map(_answer, self._running)) / seconds


@contextmanager
def opened(count: int, *, database: str) -> Iterator[Tills]:
    """Open tills that are ready to sell, and close them after the block."""
    command = [sys.executable, "-m", "tests.benchmarks.insights_tills"]
    environment = {**os.environ, "BENCH_DATABASE": database}
    running = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(count)
    ]
    try:
        for till in running:
            _answer(till)
        yield Tills(running)
    finally:
        for till in running:
            till.communicate()


def _answer(till: subprocess.Popen[str]) -> int:
    assert till.stdout is not None
    return int(till.stdout.readline())


def main() -> None:
    """Be one till until nobody asks any more."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from regulars import registry
    from regulars.customers.models import Customer
    from regulars.tenancy import context, directory
    from regulars.usecases import record_purchase
    from tests import servers
    from tests.factories import people as staffed
    from tests.factories import purchases as made

    servers.point_at(os.environ["BENCH_DATABASE"])
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        small = made.vertical()
        registry.vertical = lambda: small
        home = {"home_store": staffed.first_store(), "owner": staffed.owner()}
        people = Customer.objects.bulk_create(
            Customer(name=f"C{n}", **home) for n in range(_PEOPLE)
        )
        lines = [made.line(10_000, category="gold", product_code=f"A{n}") for n in range(3)]
        source = f"till-{os.getpid()}"

        def sell(seconds: float) -> int:
            count = 0
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                draft = made.draft(*lines, customer=people[count % _PEOPLE], source=source)
                record_purchase.record(draft=draft, actor=made.TILL, now=made.NOW, language="en")
                count += 1
            return count

        sell(0.05)
        sys.stdout.write("0\n")  # ready
        sys.stdout.flush()
        for line in sys.stdin:
            sys.stdout.write(f"{sell(float(line))}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
