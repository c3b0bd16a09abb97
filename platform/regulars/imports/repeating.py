"""Columns that say the same thing again and again, kept without saying it again.

A receipt of ten lines has its number, its moment and its buyer ten times; a shop sells few goods
compared with its lines. What is asked of each different value is then asked once.
"""

from abc import abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, compress, islice, repeat
from operator import ne, sub
from typing import Any, Self, overload


class Repeating[T](Sequence[T]):
    """A column made of fewer `values` than it has rows."""

    __slots__ = ("values",)

    values: Sequence[T]

    @abstractmethod
    def of(self, values: Sequence[Any]) -> Self:
        """Return the column that has other values in the same places."""

    @abstractmethod
    def _at(self, row: int) -> T: ...

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            return list(self)[at]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self._at(at % len(self))

    def __contains__(self, value: object) -> bool:
        return value in self.values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Runs[T](Repeating[T]):
    """Each value stands for the rows before its end, from the end of the value before it."""

    __slots__ = ("ends",)

    def __init__(self, values: Sequence[T], ends: Sequence[int]) -> None:
        """Take as many ends, each beyond the one before, as there are values."""
        self.values = values
        self.ends = ends

    @classmethod
    def same(cls, value: T, length: int) -> Self:
        """Return a column that says one thing in every row."""
        return cls([value], [length])

    def of(self, values: Sequence[Any]) -> Self:
        """Return the column that has other values in the same places."""
        return type(self)(values, self.ends)

    def lengths(self) -> Iterable[int]:
        """Return of how many rows each value is."""
        return map(sub, self.ends, chain((0,), self.ends))

    def _at(self, row: int) -> T:
        return self.values[bisect_right(self.ends, row)]

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(map(repeat, self.values, self.lengths()))


class Coded[T](Repeating[T]):
    """Each row has the place of its value among the values."""

    __slots__ = ("places",)

    def __init__(self, values: Sequence[T], places: "array[int]") -> None:
        """Take the different values, and a place for every row."""
        self.values = values
        self.places = places

    def of(self, values: Sequence[Any]) -> Self:
        """Return the column that has other values in the same places."""
        return type(self)(values, self.places)

    def _at(self, row: int) -> T:
        return self.values[self.places[row]]

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[T]:
        return map(self.values.__getitem__, self.places)


def each[T, R](column: Sequence[T], make: Callable[[T], R]) -> Sequence[R]:
    """Return what is made of the values of a column, once for those that come again."""
    if isinstance(column, Repeating):
        return column.of(list(map(make, column.values)))
    return list(map(make, column))


def different[T](column: Sequence[T]) -> Sequence[T]:
    """Return the values that a column has, those that come again not as often."""
    return column.values if isinstance(column, Repeating) else column


def changes(column: Sequence[Any]) -> Iterable[int]:
    """Return the rows, but the first, where a column may say something new."""
    if isinstance(column, Runs):
        return column.ends[:-1]
    said = column.places if isinstance(column, Coded) else column
    return compress(range(1, len(said)), map(ne, islice(said, 1, None), said))


def at[T](column: Sequence[T], rows: Sequence[int]) -> list[T]:
    """Return the values of some rows, given in order."""
    if not isinstance(column, Runs):
        return [column[row] for row in rows]
    values, ends = column.values, column.ends
    return [values[bisect_right(ends, row)] for row in rows]
