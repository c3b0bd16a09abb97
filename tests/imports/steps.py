"""The steps an import goes through, for tests: take it in, check it, drive it."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage

from regulars import audit
from regulars.imports import contract, pipeline, services
from regulars.imports.models import Import
from regulars.tenancy.context import ChainInfo
from tests.imports import fakes, files

ROWS = (
    ("姓名", "手机号", "生日"),
    ("张伟", "13800138000", "1980-03-05"),
    ("李娜", "1390013", "1992-12-31"),
    ("=1+1", "13700137000", "昨天"),
    ("Nobody", "13600136000", ""),
    ("王芳", "13500135000", ""),
)


@pytest.fixture
def folder(settings: Any, tmp_path: Path, inside_aurum: ChainInfo) -> Path:
    """Keep files in a folder of the test's own."""
    settings.MEDIA_ROOT = str(tmp_path)
    cache.clear()
    return tmp_path


@pytest.fixture
def fake() -> Iterator[type[fakes.FakeLoader]]:
    """Load into a list."""
    with fakes.loader() as kind:
        yield kind


def received(now: datetime, text: str = "", **given: Any) -> Import:
    """Take a file of customers in."""
    content = (text or files.delimited(ROWS)).encode("gbk")
    facts: dict[str, Any] = {"actor": audit.SYSTEM, "file_name": "会员.csv", "now": now, **given}
    return services.receive(chunks=[content[:50], content[50:]], **facts)


def checked(now: datetime, **given: Any) -> Import:
    """Take a file in and check it."""
    row = received(now, **given)
    check(row, now)
    return driven(row, now)


def check(row: Import, now: datetime, **given: Any) -> Import:
    facts: dict[str, Any] = {"options": contract.Options(), "is_here": True, **given}
    return services.check(actor=audit.SYSTEM, import_id=row.pk, now=now, **facts)


def driven(row: Import, now: datetime) -> Import:
    """Do what it asks for."""
    found = pipeline.drive(import_id=row.pk, now=now)
    assert found is not None
    return found


def started(row: Import, now: datetime) -> Import:
    return services.start(actor=audit.SYSTEM, import_id=row.pk, now=now, is_here=True)


def rejected_rows(row: Import) -> list[list[str]]:
    """Read the file of rejected rows as a spreadsheet would."""
    with default_storage.open(row.rejected_file, "rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"))))
