"""How far loading or undoing is, and what it counted: kept in the transaction that does the work.

So a step that was committed is never done again, and one that was not is never counted.
"""

from collections import Counter
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from regulars.imports.models import Import
from regulars.tenancy import statements

_PLACE: Final = "progress"
COUNTED: Final = {
    "load": ("new", "changed", "same", "refused"),
    "undo": ("removed", "restored", "kept", "kept_values"),
}
"""What each work counts at least."""
_KEEP: Final = """
UPDATE imports_import SET counts = counts || jsonb_build_object('progress', %s::jsonb)
WHERE id = %s::uuid"""


class Progress:
    """The counts of one piece of work, and the place it has reached."""

    def __init__(self, import_id: UUID, work: Literal["load", "undo"]) -> None:
        """Go on with the work if it was begun; other work begins with nothing."""
        self._import_id = import_id
        self._work = work
        counts: dict[str, Any] = Import.objects.values_list("counts", flat=True).get(pk=import_id)
        kept = counts.get(_PLACE, {})
        is_begun = kept.get("work") == work
        self.at: Any = kept["at"] if is_begun else None
        counted = kept["counts"] if is_begun else dict.fromkeys(COUNTED[work], 0)
        self.counts: Counter[str] = Counter(counted)

    def keep(self, at: Any) -> None:
        """Write down where the work is, in the caller's transaction."""
        data = {"work": self._work, "at": at, "counts": self.counts}
        statements.run(_KEEP, (msgspec.json.encode(data).decode(), self._import_id))
        self.at = at

    def plain(self) -> dict[str, int]:
        """Return the counts alone."""
        return dict(self.counts)
