"""Rows of customers who are known already, and which of them differ from what is kept.

One statement finds the few lines that may differ; only those are looked at one by one.
"""

from collections.abc import Iterator
from typing import Any, Final

from regulars.imports.contract import Job
from regulars.imports.loading.customers_comparing import COLUMNS, PARTS, Known
from regulars.imports.loading.customers_opening import UNITS
from regulars.points.ledger import read_json
from regulars.tenancy import statements

AT_ONCE: Final = 5_000
_NEXT: Final = """
SELECT max(line), count(*) FROM (SELECT line FROM imports_stagedcustomer
  WHERE import_id = %s::uuid AND line > %s ORDER BY line LIMIT %s) AS part"""
_DIFFERENT: Final = """
SELECT s.line, s.customer_id FROM imports_stagedcustomer s
JOIN customers_customer c ON c.id = s.customer_id
WHERE s.import_id = %(import)s::uuid AND s.line > %(after)s AND s.line <= %(to)s
  AND s.is_new = false AND (c.state <> 'active' OR {differs}) ORDER BY s.line"""
_NO_NUMBER: Final = """(s.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM customers_identity i
  WHERE i.customer_id = c.id AND i.source = {source} AND i.number = s.{column}))"""
_NO_OPENING: Final = """(s.{column} > 0 AND NOT EXISTS (SELECT FROM points_account a
  JOIN points_posting p ON p.account_id = a.id
  WHERE a.customer_id = c.id AND a.unit = '{unit}'))"""
_NO_DAY: Final = """EXISTS (SELECT FROM jsonb_to_recordset(s.events) AS e(kind text,
    year smallint, month smallint, day smallint, lunar boolean, leap boolean)
  WHERE NOT EXISTS (SELECT FROM customers_lifeevent l WHERE l.customer_id = c.id
    AND (l.kind, l.month, l.day, l.lunar, l.leap_month) = (e.kind, e.month, e.day, e.lunar, e.leap)
    AND l.year IS NOT DISTINCT FROM e.year))"""
_NO_CONSENT: Final = """EXISTS (SELECT FROM jsonb_to_recordset(s.consents) AS e(purpose text,
    channel text, given boolean)
  WHERE e.given IS DISTINCT FROM (SELECT k.given FROM customers_consent k
    WHERE k.customer_id = c.id AND (k.purpose, k.channel) = (e.purpose, e.channel)
    ORDER BY k.at DESC, k.id DESC LIMIT 1))"""
_NO_NOTE: Final = """(s.note IS NOT NULL AND NOT EXISTS (SELECT FROM customers_note n
  WHERE n.customer_id = c.id AND n.text = s.note))"""
_READ: Final = """
SELECT s.line, c.id, c.state, {row}, {kept},
  (SELECT json_agg(json_build_array(i.source, i.number) ORDER BY i.id) FROM customers_identity i
    WHERE i.customer_id = c.id),
  (SELECT json_agg(json_build_object('id', l.id, 'kind', l.kind, 'year', l.year, 'month', l.month,
      'day', l.day, 'lunar', l.lunar, 'leap', l.leap_month) ORDER BY l.id)
    FROM customers_lifeevent l WHERE l.customer_id = c.id),
  (SELECT json_agg(k) FROM (SELECT DISTINCT ON (purpose, channel) purpose, channel, given, how
    FROM customers_consent WHERE customer_id = c.id
    ORDER BY purpose, channel, at DESC, id DESC) AS k),
  EXISTS (SELECT FROM customers_note n WHERE n.customer_id = c.id AND n.text = s.note),
  (SELECT json_agg(DISTINCT a.unit) FROM points_account a
    JOIN points_posting p ON p.account_id = a.id WHERE a.customer_id = c.id)
FROM imports_stagedcustomer s JOIN customers_customer c ON c.id = s.customer_id
WHERE s.import_id = %(import)s::uuid AND s.line = ANY(%(lines)s::bigint[]) ORDER BY s.line"""


def _object(table: str, columns: list[str]) -> str:
    pairs = ", ".join(f"'{column}', {table}.{column}" for column in columns)
    return f"json_build_object({pairs})"


_ROW: Final = [
    *(*COLUMNS, *PARTS, "store", "number", "card", "events", "consents", "note"),
    *(column for _unit, column in UNITS.values()),
]
_KEPT: Final = [*COLUMNS, *PARTS]
_READ_ALL: Final = _READ.format(row=_object("s", _ROW), kept=_object("c", _KEPT))


class Differing:
    """Finds the lines of an import whose customers may have to be changed."""

    def __init__(self, job: Job) -> None:
        """Prepare the statement: it looks only at what the file has."""
        self._job = job
        self._statement = _DIFFERENT.format(differs=" OR ".join(_differences(job)) or "false")

    def lines(self, *, after: int, to: int) -> list[tuple[int, Any]]:
        """Return (line, customer) of the lines that may differ."""
        if self._job.options.existing == "skip":
            return []
        source = self._job.mapping.options.source
        parameters = {"import": self._job.import_id, "after": after, "to": to, "source": source}
        return statements.every(self._statement, parameters)

    def read(self, lines: list[int]) -> Iterator[Known]:
        """Read some lines beside what is kept of their customers."""
        parameters = {"import": self._job.import_id, "lines": lines}
        for line, pk, state, row, kept, *rest in statements.every(_READ_ALL, parameters):
            numbers, days, consents, has_note, units = rest
            yield Known(
                line=line,
                customer_id=pk,
                state=state,
                row=read_json(row),
                kept=read_json(kept),
                numbers=read_json(numbers) or [],
                days=read_json(days) or [],
                consents=read_json(consents) or [],
                has_note=has_note,
                units=read_json(units) or [],
            )


def ranges(job: Job, *, after: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield (after, to, how many) of some thousand staged lines each, in the order of the file."""
    while True:
        row = statements.one(_NEXT, (job.import_id, after, AT_ONCE))
        if row is None or row[0] is None:
            return
        yield after, row[0], row[1]
        after = row[0]


def _differences(job: Job) -> Iterator[str]:
    """Yield a condition for each thing in the file; true wherever it might change something."""
    has = job.mapping.has
    overwrites = job.options.existing == "update"
    for column in COLUMNS:
        empty = "" if overwrites else f" AND coalesce(c.{column}::text, '') = ''"
        yield f"(s.{column} IS NOT NULL AND s.{column} IS DISTINCT FROM c.{column}{empty})"
    yield (
        "(s.store IS NOT NULL)"
        if overwrites
        else "(s.store IS NOT NULL AND c.home_store_id IS NULL)"
    )
    yield from ("NOT c.profile @> s.profile", "(c.address || s.address) <> c.address")
    yield "(c.extra || s.extra) <> c.extra"
    if has("external_number"):
        yield _NO_NUMBER.format(column="number", source="%(source)s::text")
    if has("card"):
        yield _NO_NUMBER.format(column="card", source="'card'")
    yield from (_NO_DAY, _NO_CONSENT, _NO_NOTE)
    for attribute, (unit, column) in UNITS.items():
        if has(attribute):
            yield _NO_OPENING.format(column=column, unit=unit.value)
