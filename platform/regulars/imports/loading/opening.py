"""Opening the stores that a file names and nobody knows, where a person asked for that."""

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from django.utils import translation

from regulars.audit import Actor
from regulars.imports import faults
from regulars.imports.loading.places import folded
from regulars.stores import services as stores
from regulars.tenancy import context

_CODE_LENGTH: Final = 30
_NAME_LENGTH: Final = 60


def open_stores(*, actor: Actor, named: Iterable[str]) -> int:
    """Open a store for each name, written one way or another; return how many.

    :raises faults.FileFault: the plan allows no more; nothing is written yet.

    Raises what `stores.services.add_many` raises besides.
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
        try:
            stores.add_many(actor=actor, rows=rows)
        except stores.StoresUsedUp as fault:
            with translation.override(context.current().language):  # it is kept as a text
                told = {**fault.params, "plan": str(fault.params["plan"])}
            raise faults.FileFault("plan.stores", wanted=len(rows), **told) from fault
    return len(rows)


def code_of(text: str) -> str:
    """Return the number of a store that a file names: the text itself, if it is short enough."""
    if len(text) <= _CODE_LENGTH:
        return text
    return f"{text[: _CODE_LENGTH - 9]}-{crc32(text.encode()):08x}"
