"""Which verticals are installed. The only place that reads entry points."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from regulars.kit import Vertical, VerticalError

GROUP: Final = "regulars.verticals"


class VerticalRefused(RuntimeError):
    """An installed vertical is wrong; the text names the package and every fault it has."""


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
