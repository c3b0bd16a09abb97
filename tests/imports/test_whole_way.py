"""Real files with the real loaders: over REST and the command line, killed in between, repeated."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.imports import contract, pipeline, services
from regulars.imports.commands import import_
from regulars.imports.models import Import
from regulars.purchases.models import Purchase
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till, make_till, till
from tests.imports import files

__all__ = ["make_till", "till"]
MEMBERS = (
    ("姓名", "手机号", "会员号", "生日"),
    *((f"顾客{n}", f"1380013{n:04}", f"M{n:04}", "1988-05-12") for n in range(40)),
    ("李娜", "1390013", "M9001", ""),
)
SALES = (
    ("小票号", "日期时间", "门店", "会员号", "数量", "实付"),
    *((f"XS{n:05}", "2026-03-05 15:20", "001", f"M{n % 40:04}", "1", "80.00") for n in range(50)),
    ("XS90001", "2026-03-05 15:20", "001", "", "一", "80.00"),
)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Keep files in a folder of the test's own."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    cache.clear()
    return tmp_path


def work(chain: ChainInfo, import_id: str) -> None:
    with context.inside(chain):
        pipeline.drive(import_id=Import.objects.get(pk=import_id).pk, now=timezone.now())


def test_a_workbook_over_rest_then_the_same_again_changes_nothing(
    folder: Path, till: Till, aurum: ChainInfo
) -> None:
    found = []
    for key in ("one", "two"):
        body = {"file": SimpleUploadedFile("会员.xlsx", files.written(MEMBERS))}
        sent = till.client.post("/api/v1/imports", body, headers={"idempotency-key": key})
        made = sent.json()["id"]
        till.post(f"imports/{made}/check", {"again": True})
        work(aurum, made)
        till.post(f"imports/{made}/start", {})
        work(aurum, made)
        found.append(till.get(f"imports/{made}").json()["counts"])

    assert (found[0]["new"], found[0]["rejected"]) == (40, 1)
    assert (found[1].get("new", 0), found[1]["same"], found[1]["rejected"]) == (0, 40, 1)
    with context.inside(aurum):
        assert Customer.objects.count() == 40


def test_a_parquet_file_by_the_command_with_numbers_added_up(
    folder: Path, aurum: ChainInfo
) -> None:
    columns = list(zip(*SALES[1:], strict=True))
    path = folder / "sales.parquet"
    path.write_bytes(files.columnar(pa.table(dict(zip(SALES[0], columns, strict=True)))))

    result = CliRunner().invoke(import_, [str(path), "--chain", "aurum", "--yes", "-o", "json"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["counts"]["purchases"], found["counts"]["rejected"]) == (50, 1)
    with context.inside(aurum):
        assert sum(Purchase.objects.values_list("paid_minor", flat=True)) == 50 * 8000
    again = CliRunner().invoke(
        import_, [str(path), "--chain", "aurum", "--yes", "--again", "-o", "json"]
    )
    assert json.loads(again.stdout)["counts"]["same"] == 50
    with context.inside(aurum):
        assert Purchase.objects.count() == 50


DRIVE = """
import sys, time
import django
django.setup()
from uuid import UUID
from django.utils import timezone
from regulars.tenancy import context, directory
import tests.servers as servers
servers.point_at(sys.argv[1])
until = sys.argv[3]
def watch(phase, done, total):
    if phase == until:
        print("there", flush=True)
        time.sleep(60)
from regulars.imports import pipeline
with context.inside(directory.find("aurum")):
    pipeline.drive(import_id=UUID(sys.argv[2]), now=timezone.now(), watch=watch)
"""


def killed_in(phase: str, database: str, import_id: Any, media: str) -> None:
    """Let a process of its own drive the import, and kill it in a phase."""
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(root / "platform"), str(root)])
    with subprocess.Popen(
        [sys.executable, "-c", DRIVE, database, str(import_id), phase],
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": paths,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "MEDIA_ROOT": media,
        },
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        process.send_signal(signal.SIGKILL)


@pytest.fixture
def chain(own_database: str, folder: Path) -> Iterator[ChainInfo]:
    """Aurum, in a database whose commits are real."""
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        yield found


@pytest.mark.parametrize(("rows", "model"), [(MEMBERS, Customer), (SALES, Purchase)])
def test_killed_in_every_phase_it_comes_in_once_and_goes_back_as_a_whole(
    chain: ChainInfo, own_database: str, folder: Path, rows: Any, model: Any
) -> None:
    media = str(folder / "media")
    now = timezone.now()
    content = files.delimited(rows).encode("gb18030")
    row = services.receive(actor=SYSTEM, chunks=[content], file_name="会员.csv", now=now)
    given: dict[str, Any] = {"actor": SYSTEM, "import_id": row.pk, "now": now}
    services.check(**given, options=contract.Options(unknown_customers="create"))
    for phase in ("reading", "matching"):
        killed_in(phase, own_database, row.pk, media)
    resumed(row, Import.State.CHECKED)
    services.start(**given)
    killed_in("writing", own_database, row.pk, media)
    resumed(row, Import.State.DONE)
    count = len(rows) - 2
    assert len(standing(model)) == count

    services.undo(**given)
    killed_in("undoing", own_database, row.pk, media)
    resumed(row, Import.State.UNDONE)
    assert not standing(model)


def standing(model: Any) -> list[Any]:
    """Return what stands: customers who are there, purchases that are not voided."""
    if model is Customer:
        return list(Customer.objects.filter(state="active", name__startswith="顾客"))
    voided = set(Purchase.objects.filter(kind="void").values_list("original_id", flat=True))
    return [each for each in Purchase.objects.exclude(kind="void") if each.pk not in voided]


def resumed(row: Import, state: Import.State) -> None:
    """Let another worker take over, as soon as the database noticed that the first is gone."""
    for _again in range(50):
        try:
            pipeline.drive(import_id=row.pk, now=timezone.now())
            break
        except pipeline.Busy:
            time.sleep(0.1)
    row.refresh_from_db()
    assert row.state == state
