"""The conformance kit passes what is right, and finds what `Vertical` alone cannot see."""

import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from regulars.kit import (
    Basket,
    Bonus,
    Function,
    Label,
    Vertical,
    VerticalError,
    Where,
    keys,
    skeleton,
    testing,
)
from tests.kit.examples import FABRIC, FITTED_ON, LENGTH, SCAR, tailor, words


def locked(**changes: Any) -> Vertical:
    """Return the tailor's vertical with its lock up to date."""
    return tailor(locked=keys.parse_lock(keys.lock_text(tailor(**changes))), **changes)


def moody(basket: Basket) -> bool:
    """Be impure."""
    return random.random() > 0.5


def broken(basket: Basket) -> bool:
    """Fail when there is no hour."""
    return int(str(basket.hour)) > 3


def with_function(call: Any) -> Vertical:
    """Return the vertical with a bonus that asks a function."""
    bonus = Bonus(key="b", says=words("{points}"), flat=1, where=(Where(fact="purchase.odd"),))
    function = Function(key="odd", on="purchase", gives="boolean", call=call)
    return locked(functions=(function,), bonuses=(bonus,))


def test_a_vertical_fit_to_publish_passes() -> None:
    testing.check(locked())


@pytest.mark.parametrize(
    ("vertical", "told"),
    [
        (tailor(), "keys.lock: .*run `regulars vertical lock`"),
        (locked(summary=Label(en="Suits.")), "summary: has no text in zh-Hans, zh-Hant"),
        (with_function(moody), "earned differently twice"),
        (with_function(broken), "functions.odd: raised ValueError"),
    ],
    ids=["not locked", "not translated", "impure", "raises"],
)
def test_what_only_trying_shows_is_told(vertical: Vertical, told: str) -> None:
    with pytest.raises(VerticalError, match=told):
        testing.check(vertical)


def test_fewer_languages_may_be_asked_for() -> None:
    testing.check(locked(summary=Label(en="Suits.")), languages=("en",))


def test_everything_is_told_at_once() -> None:
    vertical = tailor(fields=(replace(FABRIC, label=Label(en="Fabric")), FITTED_ON, LENGTH, SCAR))

    with pytest.raises(VerticalError) as caught:
        testing.check(vertical)

    kinds = {fault.where.split(".")[0] for fault in caught.value.faults}
    assert kinds == {"keys", "fields"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return an empty folder from which packages can be imported, and forget them afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["bookshop", "pet-care", "v2"])
def test_a_new_vertical_passes_as_it_is(name: str, folder: Path) -> None:
    for path, text in skeleton.files(name).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    package = f"regulars_{name.replace('-', '_')}"

    vertical = __import__(package).vertical
    testing.check(vertical)

    assert vertical.key == name
    assert f'{name} = "{package}:vertical"' in (folder / "pyproject.toml").read_text("utf-8")
    assert (folder / f"tests/test_{package}.py").is_file()
    assert len((folder / "pyproject.toml").read_text("utf-8").splitlines()) == 16


@pytest.mark.parametrize("name", ["", "Book", "2nd", "a--b", "a_b", "-a", "../x", "x" * 41, "书店"])
def test_a_name_that_is_no_key_makes_no_files(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a vertical"):
        skeleton.files(name)


@pytest.mark.parametrize("title", ['Say "x"', "a{b}", "a\nb", "a\\b"])
def test_a_title_that_would_break_a_file_is_refused(title: str) -> None:
    with pytest.raises(ValueError, match="cannot be a title"):
        skeleton.files("bookshop", title=title)
