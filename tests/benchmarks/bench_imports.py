"""B6: a file brought in, against bare COPY of the rows it becomes, and against a textbook."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest import mock

from django.db import connection
from django.db.models import Sum
from django.test import override_settings

from regulars.audit import SYSTEM
from regulars.customers.models import Customer, LifeEvent
from regulars.imports.columns.attributes import Subject
from regulars.imports.loading import opening
from regulars.imports.models import Import
from regulars.local.demo import journey_import
from regulars.purchases.models import Line
from regulars.stores.models import Store
from tests.benchmarks import imports_copied as copied
from tests.benchmarks import imports_files as files
from tests.benchmarks import imports_textbook as textbook
from tests.benchmarks.imports_files import Part
from tests.benchmarks.measuring import Reach, Report, database, inside, log_written, took

TITLE: Final = "Bringing files in: a real retailer's year, and a million customers"
NOW: Final = datetime(2026, 11, 21, 2, tzinfo=UTC)
_MEMORY: Final = {"VmHWM": "the importing process", "child": "its reader of files"}


@dataclass(frozen=True)
class Size:
    """How much is brought in: rows in all, in how many files, and how often from the beginning.

    `textbook` are the customers of each of the files that a textbook brings in as well;
    `textbook_lines` those of the year, in as many files.
    """

    members: int
    lines: int
    member_files: int
    year_files: int
    year_rounds: int
    textbook: int
    textbook_lines: int
    alone: tuple[str, ...] = ("customers", "the year")
    """What is brought in once more by a process of its own, for its memory."""


FULL: Final = Size(1_000_000, files.YEAR, 9, 3, 3, 15_000, 250_000)
SMALL: Final = Size(200, 500, 2, 2, 1, 60, 500, alone=())


def measure(report: Report, size: Size) -> None:
    """Check that all three ways leave the same rows, then compare them."""
    with tempfile.TemporaryDirectory(prefix="regulars-imports-") as name, alone(Path(name)):
        folder = Path(name)
        with inside():
            members = files.members(folder, count=size.members, parts=size.member_files)
        year = files.year(folder, lines=size.lines, parts=size.year_files)
        against = {
            "customers": _against_copy(report, members, rounds=1),
            "the year": _against_copy(report, year, rounds=size.year_rounds),
        }
        books = {
            "customers": _member_samples(folder, size),
            "the year": _year_samples(folder, size),
        }
        for what, ratios in against.items():
            report.ratio(f"import ÷ bare COPY: {what}", ratios, Reach(at_most=2.5))
        for what, parts in books.items():
            ratios = _against_textbook(report, parts)
            report.ratio(f"bulk_create ÷ import: {what}", ratios, Reach(at_least=1.8))
        for what in size.alone:
            peaks = _peaks(files.everything(folder, members if what == "customers" else year))
            for which, megabytes in peaks.items():
                title = f"peak memory of {_MEMORY[which]}, one file: {what}"
                report.figure(title, megabytes, unit=" MB", reach=Reach(at_most=400, unit=" MB"))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep files, counts and bells to this process: nobody else is to wake up."""
    media = {"MEDIA_ROOT": str(folder / "media")}
    caches = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with override_settings(CACHES=caches, **media), mock.patch("regulars.outbox.services.ring"):
        yield


def bring_in(part: Part) -> Import:
    """Bring a file in from beginning to end: handed in, looked at, checked, started, loaded."""
    row = journey_import.bring_in(part.plan, actor=SYSTEM, now=NOW, watch=lambda *_: None)
    assert row.counts["rejected"] == 0, row.counts
    return row


def _against_copy(report: Report, parts: list[Part], *, rounds: int) -> list[float]:
    """Return import ÷ COPY of each file; every round begins in fresh databases."""
    ratios, rows, log = [], 0, {"import": 0, "COPY": 0}
    for turn in range(rounds):
        with ExitStack() as stack:
            stack.enter_context(database("importsours"))
            chain = stack.enter_context(inside())
            link = stack.enter_context(copied.twin("importscopied", schema=chain.schema_name))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for part in parts:
                before = list(Store.objects.values_list("pk", flat=True))
                before_it = log_written()
                ours = took(partial(bring_in, part))
                log["import"] += log_written() - before_it
                made = Import.objects.latest("pk")
                tables = copied.filled(folder, import_id=made.pk, stores=before)
                rows += sum(each.rows for each in tables)
                before_it = log_written()
                ratios.append(ours / took(partial(copied.copy, link, tables)))
                log["COPY"] += log_written() - before_it
                if not turn and part is parts[0]:
                    _check_copy(report, part, tables, link)
    assert rows >= rounds * sum(part.rows for part in parts)
    for what, written in log.items():
        report.figure(
            f"log of a row by {what}: {parts[0].plan.kind}", written / rows, unit=" bytes"
        )
    return ratios


def _check_copy(report: Report, part: Part, tables: list[copied.Filled], link: Any) -> None:
    """Hold every row of the import against the copied one, by table."""
    tables = [each for each in tables if each.table != "stores_store"]  # some were there before
    with connection.cursor() as cursor:
        ours = copied.digest(tables, lambda sql: _first(cursor.execute(sql) or cursor))
    theirs = copied.digest(tables, lambda sql: link.execute(sql).fetchone())
    assert ours == theirs
    most = max(each.rows for each in tables)
    assert most == part.rows
    named = ", ".join(f"{rows:,} of {table}" for table, rows, _ in ours)
    report.check(f"import and COPY leave the same rows ({named})")


def _first(cursor: Any) -> Any:
    return cursor.fetchone()


def _against_textbook(report: Report, parts: list[Part]) -> list[float]:
    """Return bulk_create ÷ import of each file, each way into a chain of its own."""
    ratios = []
    with database("importsours"):
        for at, part in enumerate(parts):
            with inside("aurum"):
                ours = took(partial(bring_in, part))
                known = _known()
                named = dict.fromkeys(Store.objects.values_list("code", flat=True), 1)
            with inside("bloom"):
                there = set(Store.objects.values_list("code", flat=True))
                missing = {code: 1 for code in named if code not in there}
                opening.open_stores(actor=SYSTEM, named=missing)
                plan = part.plan
                theirs = took(partial(textbook.bring_in, plan.kind, plan.path, now=NOW))
                found = _known()
                assert found == known, (found, known)
            if not at:
                report.check(f"import and bulk_create agree: {known}")
            ratios.append(theirs / ours)
    return ratios


def _known() -> dict[str, Any]:
    """Return what both ways must have written alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(hashtextextended(ROW(name, pinyin, initials, tokens, phone, member_code,"
            " gender, joined_at)::text, 0)::numeric) FROM customers_customer"
            " WHERE member_code IS NOT NULL"
        )
        (digest,) = cursor.fetchone()
    sums = Line.objects.aggregate(Sum("paid_minor"), Sum("discount_minor"), Sum("quantity"))
    return {
        "customers": Customer.objects.count(),
        "customers' digest": digest and int(digest) % 1_000_000_007,
        "days": LifeEvent.objects.exclude(next_on=None).count(),
        "lines": Line.objects.count(),
        **{name.partition("_")[0]: int(value or 0) for name, value in sums.items()},
    }


def _member_samples(folder: Path, size: Size) -> list[Part]:
    samples = folder / "samples"
    samples.mkdir()
    parts = size.member_files
    with inside():
        return files.members(samples, count=parts * size.textbook, parts=parts)


def _year_samples(folder: Path, size: Size) -> list[Part]:
    return files.year(folder / "samples", lines=size.textbook_lines, parts=size.member_files)


def _peaks(part: Part) -> dict[str, float]:
    """Bring a file in with a process of its own; return its peak memory and its child's in MB."""
    plan = part.plan
    with database("importsalone") as name:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.imports_alone", name, plan.kind, plan.path],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
        )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    rows = found.pop("rows")
    assert rows == part.rows
    # text is read by the importing process itself
    return {w: found[w] for w in found if w == "VmHWM" or plan.kind is Subject.PURCHASES}
