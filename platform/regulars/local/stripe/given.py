"""The parameters of one request, which remember what was read of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from regulars.local.stripe import faults
from regulars.local.stripe.store import Thing

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_keys, dict_values


class _Noting(dict[str, Any]):
    """Notes the names that are read."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({name: _noted(value) for name, value in values.items()})
        self._read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """Read one."""
        self._read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        """Look whether one was given; that reads it."""
        self._read.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Read one if it was given."""
        self._read.add(name)
        return super().get(name, default)


class Part(_Noting):
    """An object within parameters. It notes what was read of it, or that it was taken whole.

    Of one that was neither nothing is known: it may have been passed over on purpose.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        """Take checked values; objects within become parts too."""
        super().__init__(values)
        self._is_whole = False

    def __iter__(self) -> Iterator[str]:
        """Read everything, as ``{**part}`` and JSON do."""
        self._is_whole = True
        return super().__iter__()

    def keys(self) -> "dict_keys[str, Any]":
        """Read everything."""
        self._is_whole = True
        return super().keys()

    def items(self) -> "dict_items[str, Any]":
        """Read everything."""
        self._is_whole = True
        return super().items()

    def values(self) -> "dict_values[str, Any]":
        """Read everything."""
        self._is_whole = True
        return super().values()

    def refuse_unread(self, within: str) -> None:
        """Raise Refused for what nobody read beside what was read."""
        for name, value in dict.items(self):
            path = f"{within}[{name}]"
            if self._read and not self._is_whole and name not in self._read:
                raise faults.unspoken(path)
            _refuse_within(value, path)


def _noted(value: Any) -> Any:
    if isinstance(value, dict):
        return Part(value)
    return [_noted(each) for each in value] if isinstance(value, list) else value


def _refuse_within(value: Any, path: str) -> None:
    if isinstance(value, Part):
        value.refuse_unread(path)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            _refuse_within(each, f"{path}[{number}]")


class Given(_Noting):
    """Checked parameters. What an operation never looked at is refused, not passed over."""

    def __init__(self, values: dict[str, Any]) -> None:
        """Take checked values; ``expand`` is the server's."""
        super().__init__(values)
        self._read |= {"expand", "limit", "starting_after", "ending_before"}

    def reads(self, *names: str) -> None:
        """Note that these are going to be read, should there be anything to compare them with."""
        self._read.update(names)

    def refuse_unread(self) -> None:
        """Raise Refused for what Stripe would have acted on and nobody read."""
        for name, value in self.items():
            if name not in self._read:
                raise faults.unspoken(name)
            _refuse_within(value, name)


def fill(thing: Thing, given: Given, *names: str) -> Thing:
    """Copy parameters into an object as they are; an empty text unsets."""
    for name in names:
        if name in given:
            thing[name] = None if given[name] == "" else given[name]
    if "metadata" in given:
        thing["metadata"] = merged(thing.get("metadata") or {}, given["metadata"])
    return thing


def merged(before: dict[str, str], given: Any) -> dict[str, str]:
    """Give metadata after a change: an empty value unsets its key, an empty map all."""
    if given in ("", {}):
        return {}
    return {key: value for key, value in {**before, **given}.items() if value != ""}


def within(value: int, bounds: Any) -> bool:
    """Say whether a moment is within ``{"gt", "gte", "lt", "lte"}`` or equals a number."""
    if isinstance(bounds, int):
        return value == bounds
    return bool(
        value > bounds.get("gt", value - 1)
        and value >= bounds.get("gte", value)
        and value < bounds.get("lt", value + 1)
        and value <= bounds.get("lte", value)
    )
