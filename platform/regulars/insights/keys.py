"""Very many keys in little room: they are kept in the cache, and read one page at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

_SIZE = 16


@dataclass(frozen=True, slots=True)
class Keys:
    """UUIDs one after the other, sixteen bytes each."""

    packed: bytes = b""

    @classmethod
    def of(cls, keys: Iterable[UUID]) -> "Keys":
        """Pack some keys."""
        return cls(b"".join(each.bytes for each in keys))

    def __len__(self) -> int:
        return len(self.packed) // _SIZE

    def __iter__(self) -> Iterator[UUID]:
        packed = self.packed
        return (UUID(bytes=packed[n : n + _SIZE]) for n in range(0, len(packed), _SIZE))
