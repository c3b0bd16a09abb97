"""Which verticals are installed. The only place that reads entry points."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from regulars.kit import Vertical, VerticalError
from regulars.registry import built_in

GROUP: Final = "regulars.verticals"


class VerticalRefused(RuntimeError):
    """An installed vertical is wrong; the text names the package and every fault it has."""


_bases: dict[str, tuple[Vertical, Vertical]] = {}


@cache
def installed() -> Mapping[str, Vertical]:
    """Return every installed vertical by key, or raise VerticalRefused naming all that is wrong."""
    found: dict[str, Vertical] = {}
    faults: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        try:
            vertical = _load(point)
        except VerticalRefused as refusal:
            faults.append(str(refusal))
            continue
        if vertical.key in found:
            faults.append(f"{point.value}: another package already declares {vertical.key!r}")
        found.setdefault(vertical.key, vertical)
    if faults:
        raise VerticalRefused("\n".join(faults))
    return MappingProxyType(found)


def base(key: str) -> Vertical:
    """Return what the chains of a vertical begin with: all of it, and the messages every one has.

    KeyError for one that is not installed.
    """
    vertical = installed()[key]
    known = _bases.get(key)
    if known is None or known[0] is not vertical:
        known = _bases[key] = (vertical, built_in.joined(vertical))
    return known[1]


def _load(point: EntryPoint) -> Vertical:
    try:
        vertical = point.load()
    except VerticalError as error:
        raise VerticalRefused(f"{point.value}: {error}") from error
    except Exception as error:  # a stranger's code may raise anything while it is imported
        raise VerticalRefused(f"{point.value}: could not be loaded: {error!r}") from error
    if not isinstance(vertical, Vertical):
        raise VerticalRefused(f"{point.value}: is no Vertical but {type(vertical).__name__}")
    if vertical.key != point.name:
        raise VerticalRefused(
            f"{point.value}: the entry point is {point.name!r}, the vertical {vertical.key!r}"
        )
    return vertical
