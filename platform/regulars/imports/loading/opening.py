"""Opening the stores that a file names and nobody knows, where a person asked for that."""

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from regulars.audit import Actor
from regulars.imports.loading.places import folded
from regulars.stores import services as stores
from regulars.tenancy import context

_CODE_LENGTH: Final = 30
_NAME_LENGTH: Final = 60


def open_stores(*, actor: Actor, named: Iterable[str]) -> int:
    """Open a store for each name, written one way or another; return how many.

    Raises what `stores.services.add_many` raises.
    """
    several: dict[str, str] = {}
    for text in named:
        several.setdefault(folded(text), text)
    rows = [
        stores.StoreFacts(
            code=code_of(text), name=text[:_NAME_LENGTH], time_zone=context.current().time_zone
        )
        for text in several.values()
    ]
    if rows:
        stores.add_many(actor=actor, rows=rows)
    return len(rows)


def code_of(text: str) -> str:
    """Return the number of a store that a file names: the text itself, if it is short enough."""
    if len(text) <= _CODE_LENGTH:
        return text
    return f"{text[: _CODE_LENGTH - 9]}-{crc32(text.encode()):08x}"
