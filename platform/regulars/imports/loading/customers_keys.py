"""Keys of the customers an import makes: the moment loading began, then the line of the file.

Such a key is a UUIDv7 (RFC 9562) whose random part begins with a counter. The same line has the
same key however often it is written, keys follow the order of the file, and all customers of an
import lie in one narrow range of the primary key: no index on `import_id` is needed to find them.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

OF_LINE: Final = """(%(stamp)s::text || '7' || lpad(to_hex(s.line >> 20), 3, '0') || '8'
  || lpad(to_hex(s.line & 1048575), 5, '0') || left(md5(%(import)s::text || s.line), 10))::uuid"""
"""The key of the staged row `s`, which may be of any line below 2**32."""


class Span(NamedTuple):
    """Where the keys lie: at or after the first, before the end."""

    first: UUID
    end: UUID


def stamp(loading_since: datetime) -> str:
    """Return the first twelve digits of every key."""
    return f"{(loading_since - _EPOCH) // _MILLISECOND:012x}"


def span(loading_since: datetime) -> Span:
    """Return the range of keys; other rows of that very millisecond have another import_id."""
    first = (loading_since - _EPOCH) // _MILLISECOND
    return Span(UUID(int=first << 80), UUID(int=(first + 1) << 80))
