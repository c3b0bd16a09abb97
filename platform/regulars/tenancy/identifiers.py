"""Keys made before the row is written, where one statement needs the key in several places."""

import secrets
import time
from datetime import datetime
from uuid import UUID


def new_id() -> UUID:
    """Return a UUIDv7 laid out as PostgreSQL's: milliseconds, then their fraction (RFC 9562)."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    number = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=number)


def first_id(at: datetime) -> UUID:
    """Return the smallest UUIDv7 of a moment: keys made since are not below it."""
    return UUID(int=int(at.timestamp() * 1000) << 80)
