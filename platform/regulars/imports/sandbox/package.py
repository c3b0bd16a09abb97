"""Looking into the zip of a workbook before and while its parts are unpacked."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from regulars.imports.limits import MIB, Limits
from regulars.imports.sandbox.wire import Refused

CHUNK = 128 * 1024


class Package:
    """The parts of a workbook, by name without regard to case or kind of slash."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        """Read the directory and refuse what no workbook is.

        :raises Refused: too many parts, a bomb, an encrypted or damaged archive.
        """
        self._limits = limits
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Refused("file.damaged", part="zip") from error
        self._parts: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > limits.members:
            raise Refused("file.too-many-parts", limit=limits.members)
        if sum(info.file_size for info in infos) > 2 * limits.inflated_bytes:
            raise Refused("file.bomb", part="zip")
        for info in infos:
            self._admit(info)

    def _admit(self, info: zipfile.ZipInfo) -> None:
        name = _normal(info.filename)
        if name in self._parts:
            raise Refused("file.damaged", part=info.filename[:60])
        if info.flag_bits & 1:
            raise Refused("file.encrypted")
        if info.file_size > MIB and info.file_size > self._limits.inflation * info.compress_size:
            raise Refused("file.bomb", part=info.filename[:60])
        self._parts[name] = info

    def names(self) -> list[str]:
        """List the names of the parts, folded."""
        return list(self._parts)

    def has(self, name: str) -> bool:
        """Tell whether there is such a part."""
        return _normal(name) in self._parts

    def chunks(self, name: str, *, limit: int | None = None) -> Iterator[bytes]:
        """Unpack one part piece by piece, never more than `limit` bytes in all.

        :raises Refused: the part is missing, damaged, or larger than it may be.
        """
        info = self._parts.get(_normal(name))
        if info is None:
            raise Refused("file.damaged", part=name[:60])
        room = limit or self._limits.inflated_bytes
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(CHUNK):
                    room -= len(chunk)
                    if room < 0:
                        raise Refused("file.bomb", part=name[:60])
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Refused("file.damaged", part=name[:60]) from error


def _normal(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").casefold()
