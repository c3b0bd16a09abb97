"""The till's call against bare INSERTs of the same rows, interleaved in one process (B3, small).

``python -m tests.benchmarks.bench_posting [pairs]`` prints the median of the ratios.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from regulars import registry  # noqa: E402
from regulars.points.models import Leg, Lot, Posting  # noqa: E402
from regulars.purchases.models import Line, Number, Purchase  # noqa: E402
from regulars.tenancy import context, directory, statements  # noqa: E402
from regulars.tenancy.identifiers import new_id  # noqa: E402
from regulars.usecases import record_purchase  # noqa: E402
from tests import servers  # noqa: E402
from tests.factories.purchases import (  # noqa: E402
    NOW,
    TILL,
    customer,
    draft,
    line,
    vertical,
)

_TABLES: Final = (Number, Purchase, Line, Posting, Lot, Leg)
_BATCH: Final = 20
_PEOPLE: Final = 200


def main(pairs: int) -> None:
    """Measure, and check first that the till's answers are right."""
    running = servers.Servers()
    running.start()
    try:
        with servers.cloned("bench") as name:
            servers.point_at(name)
            chain = directory.find("aurum")
            assert chain is not None
            with context.inside(chain):
                _measure(pairs, "rules of jewelry, one of which runs in another process")
                small = vertical()
                registry.vertical = lambda: small
                _measure(pairs, "one plain rule")
            connection.close()
    finally:
        running.stop()


def _measure(pairs: int, label: str) -> None:
    people = [customer(name=f"C{number}") for number in range(_PEOPLE)]
    lines = [line(10_000, category="gold", product_code=f"A{n}") for n in range(3)]
    count = _PEOPLE + pairs * _BATCH
    drafts = [draft(*lines, customer=people[n % _PEOPLE]) for n in range(count)]
    sent = iter(drafts)

    def record() -> None:
        record_purchase.record(draft=next(sent), actor=TILL, now=NOW, language="en")

    for _ in range(_PEOPLE):  # first purchases take the longer way
        record()
    samples = [_rows(model) for model in _TABLES]
    assert all(sample for sample in samples), "The till wrote every kind of row."
    ratios = []
    for _ in range(pairs):
        ours = _timed(record)
        ratios.append(_timed(lambda: _insert(samples)) / ours)
    ratios.sort()
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    median = statistics.median(ratios)
    text = f"bare INSERT ÷ till's call: {median:.2f} (p10 {low:.2f}, p90 {high:.2f})"
    sys.stdout.write(f"{text}, {label}\n")


def _rows(model: Any) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the INSERT of one purchase's rows of a table, and the rows with fresh keys to come."""
    newest = Purchase.objects.order_by("-id").values_list("id", flat=True)[0]
    column = {Purchase: "id", Lot: "posting_id", Leg: "posting_id"}.get(model, "purchase_id")
    key = newest
    if model in (Lot, Leg):
        key = Posting.objects.values_list("id", flat=True).get(purchase_id=newest)
    names = [f.column for f in model._meta.local_fields if f.column not in ("id", "tx")]
    quoted = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    rows = statements.every(f'SELECT {quoted} FROM "{table}" WHERE "{column}" = %s', (key,))
    places = ", ".join(["%s"] * len(names))
    insert = f'INSERT INTO "{table}" ({quoted}) VALUES ' + ", ".join([f"({places})"] * len(rows))
    unique = {name: index for index, name in enumerate(names) if name in ("number", "key")}
    return insert, [(rows, unique)]


@transaction.atomic
def _insert(samples: list[Any]) -> None:
    for insert, [(rows, unique)] in samples:
        values: list[Any] = []
        for row in rows:
            fresh = list(row)
            for index in unique.values():
                fresh[index] = str(new_id())
            values += fresh
        statements.run(insert, values)


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    for _ in range(_BATCH):
        work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
