"""Reading XML without its dangers: no document type, hence no entities and nothing fetched."""

from collections.abc import Iterable, Iterator
from typing import NoReturn
from xml.parsers import expat

from regulars.imports.sandbox.wire import Refused

type Attributes = dict[str, str]


def parser() -> expat.XMLParserType:
    """Make a parser that refuses document type declarations, as defusedxml does."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse
    made.EntityDeclHandler = _refuse
    return made


def _refuse(*_: object) -> NoReturn:
    raise Refused("file.entities")


def feed(made: expat.XMLParserType, chunks: Iterable[bytes], part: str) -> Iterator[None]:
    """Parse piece by piece, giving way after each.

    :raises Refused: the XML is not well-formed, or stops before its end.
    """
    try:
        for chunk in chunks:
            made.Parse(chunk, False)
            yield
        made.Parse(b"", True)
    except expat.ExpatError as error:
        raise Refused("file.damaged", part=part) from error


def local(name: str) -> str:
    """Take the prefix from a name: some programs write ``x:row`` for ``row``."""
    return name.rpartition(":")[2]


def elements(chunks: Iterable[bytes], part: str) -> list[tuple[str, Attributes]]:
    """List the elements of a small part in order, ends as ``/name`` with no attributes."""
    found: list[tuple[str, Attributes]] = []

    def start(name: str, attributes: Attributes) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    made = parser()
    made.StartElementHandler = start
    made.EndElementHandler = lambda name: found.append((f"/{local(name)}", {}))
    for _ in feed(made, chunks, part):
        pass
    return found
