"""What makes a vertical right: each module yields the faults of one part of it."""

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from regulars.kit.checks import care, complaints, points, schema, shapes
from regulars.kit.faults import Fault
from regulars.kit.keys import lost_keys

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical


def faults_of(vertical: "Vertical", *, with_words: bool = True) -> tuple[Fault, ...]:
    """Return every fault of a vertical: of form first, then of meaning, then what the lint refuses.

    Without `with_words` its messages are not judged: a chain's own were, by the chain's own lists.
    """
    parts = tuple(shapes.parts_of(vertical))
    malformed = tuple(shapes.type_faults(parts))
    sound = _sound(vertical, malformed)
    judged = tuple(care.refused_words(sound)) if with_words else ()
    return (
        *malformed,
        *shapes.text_faults(parts),
        *_meaning(sound),
        *judged,
        *lost_keys(sound),
    )


def _meaning(vertical: "Vertical") -> Iterator[Fault]:
    for part in (schema, points, care, complaints):
        yield from part.faults(vertical)


def _sound(vertical: "Vertical", malformed: tuple[Fault, ...]) -> "Vertical":
    """Return the vertical without malformed items, so that the rest can still be judged."""
    bad = {fault.where.split(".")[0] for fault in malformed if "." not in fault.where}
    bad_items = {".".join(fault.where.split(".")[:2]) for fault in malformed}
    # Not `replace`: that would check again, without end.
    copy = object.__new__(type(vertical))
    for part in fields(vertical):
        value = getattr(vertical, part.name)
        if part.name in bad:
            value = () if part.default == () else ""
        elif isinstance(value, tuple):
            names = [f"{part.name}.{name}" for name in shapes.names_of(value)]
            pairs = zip(names, value, strict=True)
            value = tuple(item for name, item in pairs if name not in bad_items)
        object.__setattr__(copy, part.name, value)
    return copy
