"""Drafts of the lines of purchases, kept column by column."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final, overload

from regulars.imports.drafts import PurchaseLineDraft

_PARTS: Final = PurchaseLineDraft.__struct_fields__
_SILENT: Final[Mapping[str, Any]] = {"extra": {}, "line_extra": {}}
"""What a draft says of a part that no column gives, where that is not None."""


class Lines(Sequence[PurchaseLineDraft]):
    """Drafts that are made only when somebody asks for one.

    A file has millions of lines and few that are ever looked at by themselves; what is worked out
    for a whole column at once costs a tenth.
    """

    __slots__ = ("_length", "columns")

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Take the columns by the draft's parts, of the same length; those that say nothing may
        be left out, but not `line`.
        """
        self.columns = columns
        self._length = len(columns["line"])

    @classmethod
    def of(cls, drafts: Sequence[PurchaseLineDraft]) -> "Lines":
        """Return drafts that were made one by one as columns."""
        if isinstance(drafts, cls):
            return drafts
        return cls({part: [getattr(each, part) for each in drafts] for part in _PARTS})

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, at: int) -> PurchaseLineDraft: ...
    @overload
    def __getitem__(self, at: slice) -> "Lines": ...
    def __getitem__(self, at: int | slice) -> "PurchaseLineDraft | Lines":
        if isinstance(at, slice):
            return Lines({part: column[at] for part, column in self.columns.items()})
        return PurchaseLineDraft(**{part: column[at] for part, column in self.columns.items()})

    def __iter__(self) -> Iterator[PurchaseLineDraft]:
        columns = self.columns
        whole = [columns.get(part) or repeat(_SILENT.get(part), len(self)) for part in _PARTS]
        return map(PurchaseLineDraft, *whole)
