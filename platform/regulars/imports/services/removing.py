"""Removing files of imports once the change that asks for it is committed."""

from collections.abc import Iterable
from typing import Final

from regulars.outbox import services as outbox

HANDLER: Final = "imports.remove-files"


def later(names: Iterable[str]) -> None:
    """Remove files after the caller's transaction, and again should that fail."""
    named = [name for name in names if name]
    if named:
        outbox.enqueue(handler=HANDLER, payload={"names": named})
