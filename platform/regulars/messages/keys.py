"""Idempotency keys of contacts: any text, kept as sixteen bytes."""

from typing import Final
from uuid import UUID, uuid5

_SPACE: Final = UUID("5f1c6f0e-8a1d-5c55-9d6b-0d0b6f3a2b71")


def hashed(text: str) -> UUID | None:
    """Return what is kept of a key; nothing for an empty one."""
    return uuid5(_SPACE, text) if text else None
