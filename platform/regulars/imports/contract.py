"""What the pipeline and the loaders of the two kinds of file agree on.

The pipeline reads, shapes and tells how far it is; a loader knows what the rows mean. Each step
of a loader may be repeated from its beginning after a crash: `begin` empties what was staged, and
`load` and `undo` go on where their last transaction ended.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

from regulars.audit import Actor
from regulars.imports.columns.mapping import Mapping
from regulars.imports.shapes import Shaped

type Tell = Callable[[int, int | None], None]
"""Told (done, total) between transactions; raises `Stopped` when somebody called the work off."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decides beyond the meaning of the columns."""

    existing: Literal["update", "fill", "skip"] = "fill"
    """Customers who are known already: write over, fill what is empty, leave alone."""
    unknown_customers: Literal["create", "anonymous", "refuse"] = "create"
    """Buyers nobody knows: new customers, purchases without a customer, or no purchase."""
    create_stores: bool = False
    """Open the stores that are named and not known."""
    earns: bool = False
    """Whether the purchases earn points by the rules in force, as of their own day."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One import, as a loader sees it."""

    import_id: UUID
    mapping: Mapping
    options: Options
    actor: Actor
    loading_since: datetime | None = None
    """When the first row was written; keys of rows it made are not older."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What bringing it in would do. Counts are of rows, or of receipts for purchases."""

    new: int = 0
    changed: int = 0
    same: int = 0
    """Known already and left as they are: a repeat of the same file has only these."""
    rejected: int = 0
    """Rows in the file of rejected rows."""
    details: dict[str, Any] = {}
    """More that a person wants to know: ``stores_unknown`` {name: rows}, ``guides_unknown`` {name:
    rows}, ``first_day``, ``last_day``, ``sales_minor``, ``returns``, ``lines``, ``anonymous``,
    ``customers_new``, ``points_opening``, ``doubtful`` (perhaps the same as somebody known)."""


class Loader(Protocol):
    """Takes the rows of one import in."""

    def begin(self) -> None:
        """Empty what this import has staged."""

    def prepare(self, shaped: Shaped[Any]) -> Any:
        """Write a batch down as the table will read it; asks the database nothing.

        Another thread than that of the other steps may do it, after `begin`, in order.
        """

    def stage(self, shaped: Shaped[Any], prepared: Any) -> None:
        """Keep what was prepared of a batch, by COPY; rejects what could not be looked up."""

    def match(self, *, now: datetime, tell: Tell) -> Preview:
        """Find out what would happen, and reject the rows that cannot come in. Repeatable."""

    def load(self, *, now: datetime, tell: Tell) -> dict[str, int]:
        """Write in transactions of some thousands each; returns counts by name."""

    def end(self) -> None:
        """Remove what was staged."""

    def undo(self, *, now: datetime, tell: Tell) -> dict[str, int]:
        """Take back as a whole what was written; returns counts, also of what was kept and why."""


class Stopped(Exception):
    """Somebody called the work off."""
