"""`regulars vertical`: what it writes works as it is, and keys are locked for ever."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from regulars.registry import commands, loading


def call(*arguments: str) -> Result:
    return CliRunner().invoke(commands.vertical, arguments)


@pytest.fixture
def bookshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new vertical, installed: on the path, with the entry point that pip would write."""
    folder = tmp_path / "bookshop"
    result = call("new", "book-nook", "--title", "书店", "--into", str(folder))
    assert result.exit_code == 0, result.output
    about = folder / "regulars_book_nook-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.4\nName: regulars-book-nook\nVersion: 0\n")
    (about / "entry_points.txt").write_text(
        "[regulars.verticals]\nbook-nook = regulars_book_nook:vertical\n"
    )
    monkeypatch.syspath_prepend(folder)
    forget("regulars_book_nook")
    yield folder
    forget("regulars_book_nook")


def test_a_new_vertical_is_fit_to_publish(bookshop: Path) -> None:
    result = call("check", "book-nook")

    assert (result.exit_code, result.output) == (0, "book-nook: fit to publish\n")
    assert "book-nook" in call("list").output


def test_new_keys_are_refused_until_they_are_locked(bookshop: Path) -> None:
    locked = bookshop / "regulars_book_nook" / "keys.lock"
    whole = locked.read_text(encoding="utf-8")
    locked.write_text("\n".join(whole.splitlines()[:-1]) + "\n", encoding="utf-8")
    forget("regulars_book_nook")

    refused = call("check", "book-nook")
    assert refused.exit_code == 1
    assert "is new; run `regulars vertical lock`" in refused.output

    written = call("lock", "book-nook")
    assert "book-nook: 1 new keys" in written.output
    assert locked.read_text(encoding="utf-8") == whole


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")

    result = call("new", "bookshop", "--into", str(tmp_path))

    assert result.exit_code == 1
    assert "is not empty. Nothing was written" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["Bookshop", "book_shop", "../evil", "-x", "书店"])
def test_a_name_that_cannot_be_a_key_is_refused(tmp_path: Path, name: str) -> None:
    result = call("new", "--into", str(tmp_path / "out"), "--", name)

    assert result.exit_code == 1
    assert "cannot name a vertical" in result.output
    assert not (tmp_path / "out").exists()


def test_a_vertical_that_is_not_installed_is_named() -> None:
    result = call("check", "no-such-thing")

    assert result.exit_code == 1
    assert "Not installed: no-such-thing" in result.output


def forget(package: str) -> None:
    """Make the next look at the installed verticals read the files again."""
    sys.modules.pop(package, None)
    loading.installed.cache_clear()
