"""How far loading or undoing is, and what it counted: kept in the transaction that does the work.

So a step that was committed is never done again, and one that was not is never counted.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from regulars.imports.models import Import
from regulars.tenancy import statements

type Piece = tuple[int, int, int]
"""Lines after one and up to another, and how many they are."""

_PLACE: Final = "progress"
COUNTED: Final = {
    "load": ("new", "changed", "same", "refused"),
    "undo": ("removed", "restored", "kept", "kept_values"),
}
"""What each work counts at least."""
_KEEP: Final = """
UPDATE imports_import SET counts = counts || jsonb_build_object('progress', %s::jsonb)
WHERE id = %s::uuid"""


_HELD: Final = "SELECT counts FROM imports_import WHERE id = %s::uuid FOR UPDATE"


class Progress:
    """The counts of one piece of work, and the place it has reached."""

    def __init__(
        self, import_id: UUID, work: Literal["load", "undo"], *, holds: bool = False
    ) -> None:
        """Go on with the work if it was begun; other work begins with nothing.

        With `holds` nobody else goes on until the transaction ends.
        """
        self._import_id = import_id
        self._work = work
        if holds:
            statements.every(_HELD, (import_id,))
        counts: dict[str, Any] = Import.objects.values_list("counts", flat=True).get(pk=import_id)
        kept = counts.get(_PLACE, {})
        is_begun = kept.get("work") == work
        self.at: Any = kept["at"] if is_begun else None
        counted = kept["counts"] if is_begun else dict.fromkeys(COUNTED[work], 0)
        self.counts: Counter[str] = Counter(counted)
        self._beyond: dict[int, int] = dict(kept.get("beyond", ())) if is_begun else {}

    def left(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Leave out the pieces behind `at` that are done already."""
        found = list(pieces)
        if not self._beyond.keys() <= {piece[0] for piece in found}:
            raise RuntimeError("The file was divided otherwise when the work was begun.")
        return [piece for piece in found if piece[0] not in self._beyond]

    def add(self, counted: Mapping[str, int], *, after: int, to: int) -> None:
        """Count a piece of the work, at the end of the transaction that did it.

        Pieces may come in any order, two at once: the progress must be held.
        """
        self.counts.update(counted)
        self._beyond[after] = to
        at = self.at or 0
        while at in self._beyond:
            at = self._beyond.pop(at)
        self.keep(at)

    def keep(self, at: Any) -> None:
        """Write down where the work is, in the caller's transaction."""
        data = {"work": self._work, "at": at, "counts": self.counts}
        data["beyond"] = sorted(self._beyond.items())
        statements.run(_KEEP, (msgspec.json.encode(data).decode(), self._import_id))
        self.at = at

    def plain(self) -> dict[str, int]:
        """Return the counts alone."""
        return dict(self.counts)
