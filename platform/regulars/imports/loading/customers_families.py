"""Rows of one file that share a phone: the same person twice, or a family.

The same name, or no name, is the same person: the later row is refused. Not so where both rows
have a member code, or both a number of the other system: there they are two.
"""

from itertools import batched, groupby, product
from typing import Any, Final
from uuid import UUID

from django.db import connection

from regulars.imports.loading import customers_refusing as refusing

_AT_ONCE: Final = 20_000
_SHARED: Final = """
SELECT phone, line, coalesce(name, ''), is_new, member_code IS NOT NULL, number IS NOT NULL
FROM imports_stagedcustomer
WHERE import_id = %(import)s AND is_new IS NOT NULL AND phone IN (
  SELECT phone FROM imports_stagedcustomer
  WHERE import_id = %(import)s AND is_new IS NOT NULL GROUP BY phone HAVING count(*) > 1)
ORDER BY phone, line"""
_TWICE: Final = """
SELECT line, ''::text AS heading, ''::text AS excerpt, 'customer.twice' AS code,
  jsonb_build_object('line', first) AS params
FROM unnest(%(lines)s::bigint[], %(firsts)s::bigint[]) AS twice(line, first)"""


class _Family:
    """The rows with one phone that were taken, as far as a later row may be one of them."""

    def __init__(self) -> None:
        self._first: dict[tuple[str | None, bool, bool], int] = {}

    def earlier(self, name: str, *, has_code: bool, has_number: bool) -> int | None:
        """Return the line of the first row that is the same person."""
        names = [name, ""] if name else [None]
        kinds = product(names, *_other(has_code), *_other(has_number))
        found = [self._first[kind] for kind in kinds if kind in self._first]
        return min(found, default=None)

    def add(self, line: int, name: str, *, has_code: bool, has_number: bool) -> None:
        """Take a row in, under its name and (None) under any."""
        for each in (name, None):
            self._first.setdefault((each, has_code, has_number), line)


def refuse_twice(*, import_id: UUID) -> None:
    """Refuse the rows that name the person of an earlier row by phone. In a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SHARED, {"import": import_id})
        twice = (
            pair
            for _phone, rows in groupby(iter(cursor.fetchone, None), key=lambda row: row[0])
            for pair in _twice(rows)
        )
        for some in batched(twice, _AT_ONCE, strict=False):
            lines, firsts = zip(*some, strict=True)
            parameters = {"lines": list(lines), "firsts": list(firsts)}
            refusing.refuse(import_id=import_id, bad=_TWICE, parameters=parameters)


def _twice(rows: Any) -> Any:
    family = _Family()
    for _phone, line, name, is_new, has_code, has_number in rows:
        kind = {"has_code": has_code, "has_number": has_number}
        first = family.earlier(name, **kind) if is_new else None
        if first is None:
            family.add(line, name, **kind)
        else:
            yield line, first


def _other(has: bool) -> list[tuple[bool, ...]]:
    """Return what the other row may have: not a code, where this one has one."""
    return [(False,)] if has else [(False, True)]
