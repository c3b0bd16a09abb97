"""A vertical from the data files beside its package."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from decimal import Decimal
from importlib import resources
from typing import Any

from regulars.kit import plain
from regulars.kit.faults import Fault, VerticalError
from regulars.kit.keys import parse_lock
from regulars.kit.rules import Function
from regulars.kit.vertical import Vertical

__all__ = ["build", "load"]

LOCK = "keys.lock"


def load(package: str, *, functions: Iterable[Function] = ()) -> Vertical:
    """Build the vertical whose `*.toml` files and `keys.lock` lie in a package.

    A table of a file is an attribute of `Vertical` (`[[rates]]`, `[name]`); lists from several
    files are joined. Raises `VerticalError` with every fault.
    """
    files = {
        file.name: file.read_bytes()
        for file in resources.files(package).iterdir()
        if file.name.endswith(".toml") or file.name == LOCK
    }
    faults: list[Fault] = []
    texts = {name: _decoded(name, content, faults) for name, content in files.items()}
    lock = parse_lock(texts.pop(LOCK, ""))
    return build(texts, name=package, functions=functions, locked=lock, faults=faults)


def build(
    texts: Mapping[str, str],
    *,
    name: str,
    functions: Iterable[Function] = (),
    locked: tuple[str, ...] = (),
    faults: Iterable[Fault] = (),
) -> Vertical:
    """Build a vertical from the texts of its TOML files, by file name; others are passed over.

    `faults` are faults found before, told together with those found here.
    """
    found = list(faults)
    given = _joined({file: text for file, text in texts.items() if file.endswith(".toml")}, found)
    values: dict[str, object] = {"functions": tuple(functions), "locked": locked}
    hints = plain.hints_of(Vertical)
    for attribute, data in given.items():
        made = plain.convert(hints[attribute], data, attribute, found)
        if plain.made(made):
            values[attribute] = made
    return _vertical(name, values, found)


def _vertical(package: str, values: dict[str, Any], faults: list[Fault]) -> Vertical:
    needed = [part.name for part in fields(Vertical) if part.default is MISSING]
    missing = [name for name in needed if name not in values]
    if missing:
        faults += [Fault(name, "is missing") for name in missing if not _told(name, faults)]
        raise VerticalError(f"vertical {package}", faults)
    try:
        vertical = Vertical(**values)
    except VerticalError as error:
        raise VerticalError(error.subject, (*faults, *error.faults)) from None
    if faults:
        raise VerticalError(f"vertical {vertical.key!r}", faults)
    return vertical


def _told(name: str, faults: list[Fault]) -> bool:
    return any(fault.where == name or fault.where.startswith(f"{name}.") for fault in faults)


def _decoded(file: str, content: bytes, faults: list[Fault]) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        faults.append(Fault(file, f"is not UTF-8: {error}"))
        return ""


def _joined(texts: Mapping[str, str], faults: list[Fault]) -> dict[str, Any]:
    """Join the tables of all files."""
    known = {part.name for part in fields(Vertical)} - {"functions", "locked"}
    joined: dict[str, Any] = {}
    source: dict[str, str] = {}
    for file in sorted(texts):
        try:
            tables = tomllib.loads(texts[file], parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            faults.append(Fault(file, f"cannot be read: {error}"))
            continue
        for name, data in tables.items():
            if name not in known:
                told = f"no table {name!r}; there are {', '.join(sorted(known))}"
                faults.append(Fault(file, told))
            elif isinstance(data, list) and isinstance(joined.get(name, []), list):
                joined[name] = [*joined.get(name, []), *data]
            elif name in joined:
                faults.append(Fault(file, f"{name} is in {source[name]} already"))
            else:
                joined[name] = data
            source.setdefault(name, file)
    return joined
