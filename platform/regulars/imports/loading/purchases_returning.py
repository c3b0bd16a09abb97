"""Goods that come back: which line of which purchase, and never more than was bought.

The returns of one purchase are looked at together, in the order of time, before and while
loading alike. The purchase may be in the database, or anywhere in the same file.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from regulars.imports import rejections
from regulars.imports.loading import purchases_sql
from regulars.imports.loading.purchases_judging import Judging
from regulars.imports.loading.purchases_rows import bucket_of
from regulars.imports.problems import Problem
from regulars.purchases import bulk
from regulars.purchases.bulk import Original, Sold

_ORIGINALS_AT_ONCE: Final = 500
_TRIES: Final = 3

type Number = tuple[str, str]
type Receipt = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Back:
    """A return as staged: what it says of itself, and its lines in order."""

    receipt: Receipt
    lines: list[dict[str, Any]]

    @property
    def of(self) -> Number:
        """The source and number of what was bought."""
        return self.receipt["source"], self.receipt["original_number"]


def judged(judging: Judging) -> Iterator[tuple[Any, ...]]:
    """Yield a row as of `purchases_sql.tally` for each return that may come in; reject the rest."""
    for numbers in _originals(judging):
        backs = _staged(judging, "back", numbers)
        known = _sold_in_file(judging, numbers) | bulk.originals(numbers=numbers)
        problems = []
        for back in backs:
            if problem := fit(back, known.get(back.of)):
                problems += refusals(back, problem)
                yield "rejected", "return", 1, 0, 0, None, None, 0, 0
                continue
            day = date.fromisoformat(back.receipt["day"])
            yield "new", "return", 1, len(back.lines), back.receipt["paid"], day, day, 0, 0
        with transaction.atomic():
            rejections.add(import_id=judging.job.import_id, problems=problems)


def load(judging: Judging, *, now: datetime) -> Counter[str]:
    """Write the returns of purchases that are in; reject those that do not fit."""
    counts: Counter[str] = Counter()
    for numbers in _originals(judging):
        for _try in range(_TRIES):
            with transaction.atomic():
                wanted, written, lines = _load(judging, numbers, now)
            counts.update(purchases=written, lines=lines)
            if wanted == written:
                break
    return counts


def _load(judging: Judging, numbers: list[Number], now: datetime) -> tuple[int, int, int]:
    found = bulk.originals(numbers=numbers)
    customers = [each.customer_id for each in found.values() if each.customer_id is not None]
    bulk.lock(customer_ids=customers, numbers=found)
    backs = _staged(judging, "back", numbers)
    known = bulk.originals(numbers=numbers)
    receipts, goods, problems = [], [], []
    for back in backs:
        original = known.get(back.of)
        if problem := fit(back, original):
            problems += refusals(back, problem)
            continue
        assert original is not None  # noqa: S101  (nothing fits what is not there)
        receipts.append({**back.receipt, "original": original.id, "buyer": original.customer_id})
        goods += back.lines
    rejections.add(import_id=judging.job.import_id, problems=problems)
    if not receipts:
        return 0, 0, 0
    written, lines = judging.run(
        purchases_sql.WRITE,
        receipts=json.dumps(receipts, default=str),
        goods=json.dumps(goods, default=str),
        actor=judging.job.actor.id,
        now=now,
    )[0]
    return len(receipts), written, lines


def fit(back: Back, original: Original | None) -> Problem | None:
    """Find the lines that come back, and take them off what is left; or say why that cannot be.

    A line is told by its position, else by its product, else it is the only one there is.
    """
    first, number = back.lines[0]["line"], back.receipt["original_number"]
    if original is None:
        return Problem(first, "", "receipt.no-original", "", {"number": number})
    if original.kept_minor + back.receipt["paid"] < 0:
        return Problem(first, "", "receipt.too-much-money-back", "", {"number": number})
    left = {sold.position: sold.left for sold in original.lines}
    chosen: list[tuple[dict[str, Any], Sold]] = []
    for line in back.lines:
        quantity = -Decimal(str(line["quantity"]))
        meant = [sold for sold in original.lines if _is_meant(sold, line, original)]
        if not meant:
            return Problem(line["line"], "", "receipt.no-such-line", "", {"number": number})
        sold = next((each for each in meant if left[each.position] >= quantity), None)
        if sold is None:
            params = {"number": number, "left": f"{max(left[each.position] for each in meant):f}"}
            return Problem(line["line"], "", "receipt.too-much-back", "", params)
        left[sold.position] -= quantity
        chosen.append((line, sold))
    for line, sold in chosen:
        sold.left = left[sold.position]
        line["original"] = sold.id
    original.kept_minor += back.receipt["paid"]
    return None


def refusals(back: Back, problem: Problem) -> list[Problem]:
    """Return the problem with its line, and a word on it for each other line of the receipt."""
    other = {"line": problem.line}
    return [
        problem
        if line["line"] == problem.line
        else Problem(line["line"], "", "receipt.other-line", "", other)
        for line in back.lines
    ]


def _is_meant(sold: Sold, line: dict[str, Any], original: Original) -> bool:
    if line["original_position"] is not None:
        return bool(sold.position == line["original_position"])
    if line["code"]:
        return bool(sold.code == line["code"])
    if line["name"]:
        return bool(sold.name == line["name"])
    return len(original.lines) == 1


def _originals(judging: Judging) -> Iterator[list[Number]]:
    """Yield the numbers of purchases that staged returns name, some at a time."""
    source = number = ""
    while True:
        rows = judging.run(
            purchases_sql.ORIGINALS,
            after_source=source,
            after_number=number,
            limit=_ORIGINALS_AT_ONCE,
        )
        if not rows:
            return
        yield [(row[0], row[1]) for row in rows]
        source, number = rows[-1]


def _staged(judging: Judging, verdict: str, numbers: list[Number]) -> list[Back]:
    """Read staged receipts of a verdict with their lines."""
    named = {
        "sources": [source for source, _number in numbers],
        "numbers": [number for _source, number in numbers],
    }
    if verdict == "back":
        buckets = [row[0] for row in judging.run(purchases_sql.RETURN_BUCKETS, **named)]
    else:
        buckets = [bucket_of(source, number) for source, number in numbers]
    statement = purchases_sql.some(judging.said, verdict=verdict)
    rows = judging.run(statement, buckets=buckets, **named)
    return [Back(json.loads(receipt), _exact(lines)) for receipt, lines in rows]


def _exact(lines: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(lines, parse_float=Decimal)
    return read


def _sold_in_file(judging: Judging, numbers: list[Number]) -> dict[Number, Original]:
    """Return the purchases among these that are about to come in with the same file."""
    return {
        (back.receipt["source"], back.receipt["number"]): Original(
            id=None,
            customer_id=back.receipt["buyer"],
            kept_minor=back.receipt["paid"],
            lines=[
                Sold(
                    id=None,
                    position=line["position"],
                    code=line["code"] or "",
                    name=line["name"] or "",
                    left=Decimal(str(line["quantity"])),
                )
                for line in back.lines
            ],
        )
        for back in _staged(judging, "new", numbers)
        if back.receipt["kind"] == "sale"
    }
