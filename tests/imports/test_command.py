"""`regulars import`: columns and preview shown first, then the file is in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache
from django.utils import translation

from regulars.imports.commands import import_
from regulars.imports.models import Import
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.imports import fakes, files
from tests.imports.steps import ROWS


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path, aurum: ChainInfo) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    cache.clear()


@pytest.fixture(autouse=True)
def fake() -> Iterator[type[fakes.FakeLoader]]:
    """Load into a list."""
    with fakes.loader() as kind:
        yield kind


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A Parquet file of customers."""
    columns = list(zip(*ROWS[1:], strict=True))
    made = tmp_path / "members.parquet"
    made.write_bytes(files.columnar(pa.table(dict(zip(ROWS[0], columns, strict=True)))))
    return made


def run(path: Path, *more: str, says: str | None = None) -> Result:
    return CliRunner().invoke(import_, [str(path), "--chain", "aurum", *more], input=says)


def test_the_preview_is_shown_before_it_asks(path: Path, fake: type[fakes.FakeLoader]) -> None:
    result = run(path, says="n\n")

    assert result.exit_code == 0, result.output
    assert "What would happen" in result.output
    assert "This phone number is too short." in result.output
    assert fake.written == []

    result = run(path, says="y\n")
    assert "Done: new 2" in result.output
    assert fake.written == ["张伟", "王芳"]


def test_programs_get_one_object(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "rejected.csv"
    result = run(path, "--yes", "-o", "json", "--rejected", str(target), "--name", "Old members")

    found = json.loads(result.stdout)
    assert (found["state"], found["name"], found["counts"]["new"]) == ("done", "Old members", 2)
    assert found["preview"]["rejected"] == 3
    assert "李娜" in target.read_text("utf-8-sig")


def test_columns_and_options_are_corrected(path: Path, aurum: ChainInfo) -> None:
    result = run(
        path, "--yes", "--map", "生日=", "--option", "existing=update", "--all", "home_store=001"
    )

    assert result.exit_code == 0, result.output
    with context.inside(aurum):
        row = Import.objects.get()
    assert row.options["existing"] == "update"
    assert row.mapping["columns"][2]["attribute"] == ""
    assert row.mapping["constants"] == {"home_store": "001"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--map", "no such=name"], "No column is headed"),
        (["--option", "colour=red"], "No option is called"),
        (["--option", "existing=maybe"], "cannot be used"),
        (["--map", "手机号="], "identifies the customer"),
        (["--chain", "nobody"], "No chain is at"),
    ],
)
def test_what_cannot_be_done_is_said(
    path: Path, more: list[str], says: str, aurum: ChainInfo
) -> None:
    result = run(path, "--yes", *more)

    assert result.exit_code == 1
    assert says in result.output


def test_the_same_file_needs_to_be_meant(path: Path) -> None:
    run(path, "--yes")

    assert "--again" in run(path, "--yes").output
    result = run(path, "--yes", "--again")
    assert "already here, left as they are" in result.output
    assert result.exit_code == 0


def test_a_file_that_cannot_be_read_leaves_nothing(tmp_path: Path, aurum: ChainInfo) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n00000")

    result = run(bad, "--yes")

    assert "picture" in result.output
    with context.inside(aurum):
        assert not Import.objects.exists()


def test_a_refusal_speaks_as_the_command_does(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("姓名,手机号\n", encoding="utf-8")

    with translation.override("zh-hans"):
        result = run(empty, "--yes")

    assert result.exit_code == 1
    assert "no rows below them" in result.output
