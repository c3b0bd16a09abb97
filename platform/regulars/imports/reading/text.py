"""Turning bytes into lines, in flat memory, naming the line where they are broken."""

import codecs
import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from regulars.imports import faults
from regulars.imports.reading import encodings

BLOCK = 256 * 1024
SAMPLE = 128 * 1024


class Scan(NamedTuple):
    """What one pass over the bytes tells: a digest, the beginning, and lines that are not ASCII."""

    digest: str
    head: bytes
    sample: bytes


def scan(file: BinaryIO) -> Scan:
    """Read the whole file once; the sample is taken from wherever the first such lines are."""
    file.seek(0)
    hasher = hashlib.blake2b(digest_size=16)
    head = b""
    sample = bytearray()
    while block := file.read(4 * BLOCK):
        hasher.update(block)
        head = head or block[:SAMPLE]
        if len(sample) < SAMPLE and not block.isascii():
            sample += _strange_lines(block)
    return Scan(hasher.hexdigest(), head, bytes(sample[: 2 * SAMPLE]))


def _strange_lines(block: bytes) -> bytes:
    """Take the lines that are not ASCII; the last, which may be cut, only if there is no other."""
    lines = block.split(b"\n")
    found = b"".join(line + b"\n" for line in lines[:-1] if not line.isascii())
    return found or lines[-1][:SAMPLE]


def decoded(file: BinaryIO, *, encoding: str, skips: int) -> Iterator[str]:
    """Yield the text after the first `skips` bytes, block by block.

    :raises faults.FileFault: bytes that are not of the encoding, or a NUL character.
    """
    file.seek(skips)
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line = skips, 1
    while True:
        block = file.read(BLOCK)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(encoding, "replace")
            raise faults.FileFault(
                "file.encoding",
                encoding=encodings.ENCODINGS[encoding],
                line=line + _line_ends(good),
                offset=offset - pending + error.start,
            ) from error
        if "\0" in text:
            raise faults.FileFault("file.nul", line=line + _line_ends(text[: text.index("\0")]))
        if text:
            yield text
        if not block:
            return
        offset += len(block)
        line += _line_ends(text)


def _line_ends(text: str) -> int:
    return max(text.count("\n"), text.count("\r"))


def lines(blocks: Iterator[str], *, limit: int) -> Iterator[str]:
    """Yield lines with their ends (LF, CRLF or CR).

    :raises faults.FileFault: a line of more than `limit` characters.
    """
    rest, number = "", 1
    for block in blocks:
        text = rest + block
        # a CR at the very end may be the first half of a CRLF
        cut = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
        rest = text[cut:]
        if len(rest) > limit or cut > limit:
            _check_length(text, number, limit)
        yield from io.StringIO(text[:cut], newline="")
        number += _line_ends(text[:cut])
    if rest:
        yield from io.StringIO(rest, newline="")


def _check_length(text: str, number: int, limit: int) -> None:
    for line in io.StringIO(text, newline=""):
        if len(line) > limit:
            raise faults.FileFault("file.line-too-long", line=number, limit=limit)
        number += 1
