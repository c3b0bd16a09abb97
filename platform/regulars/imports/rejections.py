"""Rows that were not taken, with every reason."""

from collections.abc import Iterable, Iterator
from itertools import batched, groupby
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import msgspec

from regulars.imports.models import Rejection
from regulars.imports.problems import Problem
from regulars.tenancy import statements

_AT_ONCE: Final = 5_000
_ADD: Final = """
INSERT INTO imports_rejection AS r (import_id, line, problems)
SELECT %s::uuid, g.line, g.problems
FROM json_to_recordset(%s::json) AS g(line bigint, problems jsonb)
ON CONFLICT (import_id, line) DO UPDATE SET problems = (
  SELECT jsonb_agg(DISTINCT each) FROM jsonb_array_elements(r.problems || excluded.problems) AS each
)"""


def add(*, import_id: UUID, problems: Iterable[Problem]) -> None:
    """Keep problems with their rows; the same one again changes nothing."""
    ordered = sorted(problems, key=attrgetter("line"))
    rows = (
        {"line": line, "problems": [_plain(each) for each in some]}
        for line, some in groupby(ordered, key=attrgetter("line"))
    )
    for some in batched(rows, _AT_ONCE, strict=False):
        statements.run(_ADD, (import_id, msgspec.json.encode(some).decode()))


def forget(*, import_id: UUID) -> None:
    """Remove what was kept of an import."""
    Rejection.objects.filter(import_id=import_id).delete()


def count(*, import_id: UUID) -> int:
    """Return how many rows were not taken."""
    return Rejection.objects.filter(import_id=import_id).count()


def in_order(*, import_id: UUID) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield (line, problems) in the order of the file, a few at a time."""
    rows = Rejection.objects.filter(import_id=import_id).order_by("line")
    for row in rows.iterator(chunk_size=_AT_ONCE):
        yield row.line, row.problems


def _plain(problem: Problem) -> dict[str, Any]:
    plain = msgspec.to_builtins(problem)
    plain.pop("line")
    return dict(plain)
