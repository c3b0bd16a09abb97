"""Files of imports in the storage of the installation: under the chain's folder, by random names.

No name that a person gave ever reaches a disk.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage

from regulars.imports import faults
from regulars.imports.limits import MIB
from regulars.tenancy import context

FOLDER: Final = "imports"
_BLOCK: Final = MIB


class Kept(NamedTuple):
    """A file that was taken into the storage."""

    name: str
    size: int
    digest: str
    """BLAKE2b of the content, as in `reading.FileReport`."""


def keep(chunks: Iterable[bytes], *, limit: int) -> Kept:
    """Take a file in, chunk by chunk.

    :raises faults.FileFault: it grows beyond `limit` bytes; nothing of it is kept.
    """
    hasher = hashlib.blake2b(digest_size=16)
    size = 0
    with tempfile.TemporaryFile() as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise faults.FileFault("file.too-large", size=size // MIB, limit=limit // MIB)
            hasher.update(chunk)
            file.write(chunk)
        return Kept(save(file), size, hasher.hexdigest())


def save(file: IO[bytes]) -> str:
    """Keep what was written to an open file; return its name in the storage."""
    file.seek(0)
    name = f"{context.current().id}/{FOLDER}/{uuid4().hex}"
    return default_storage.save(name, File(file))


@contextmanager
def local(name: str) -> Iterator[Path]:
    """Give the file a path on this machine for the block; fetches it where storage is elsewhere.

    :raises faults.FileFault: it is no longer there.
    """
    if not name:
        raise faults.FileFault("file.gone")
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy:
            with default_storage.open(name, "rb") as kept:
                while block := kept.read(_BLOCK):
                    copy.write(block)
            copy.flush()
            yield Path(copy.name)
        return
    if not path.exists():
        raise faults.FileFault("file.gone")
    yield path


def remove(names: Iterable[str]) -> None:
    """Remove files; what is not there is passed by."""
    for name in names:
        if name:
            default_storage.delete(name)
