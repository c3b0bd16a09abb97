"""New customers out of the staging table, some thousand lines in one transaction.

Each step is one statement. A code or number that somebody took since the file was checked refuses
its row and no other: such rows are looked for only when fewer rows were written than expected.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from regulars.audit import ActorKind
from regulars.customers.services import bulk
from regulars.imports.contract import Job
from regulars.imports.loading import customers_keys as keys
from regulars.imports.loading import customers_opening as opening
from regulars.imports.loading import customers_refusing as refusing
from regulars.imports.loading.customers_staging import heading
from regulars.tenancy import statements

NEW: Final = """FROM imports_stagedcustomer s WHERE s.import_id = %(import)s::uuid
  AND s.line > %(after)s AND s.line <= %(to)s AND s.is_new"""
_COUNT: Final = f"SELECT count(*) {NEW}"
_LEARNED: Final = """jsonb_build_object('by', %(by)s::text,
  'at', coalesce(s.joined_at, %(now)s::timestamptz), 'how', 'import')"""
_ANSWERS: Final = f"""CASE WHEN s.profile IS NULL AND s.extra IS NULL THEN '{{}}' ELSE
  coalesce((SELECT jsonb_object_agg(p.key, p.value || {_LEARNED}) FROM jsonb_each(s.profile) p),
    '{{}}')
  || coalesce((SELECT jsonb_object_agg('field.' || x.key, {_LEARNED})
    FROM jsonb_each(s.extra) x), '{{}}') END"""
_CUSTOMERS: Final = f"""
INSERT INTO customers_customer (
  id, state, member_code, name, pinyin, initials, tokens, gender, age_band, phone, email, address,
  language, time_zone, owner_id, home_store_id, profile, extra, import_id, joined_at, created_at,
  changed_at)
SELECT {keys.OF_LINE}, 'active', s.member_code, coalesce(s.name, ''), s.pinyin, s.initials,
  s.tokens, coalesce(s.gender, ''), coalesce(s.age_band, ''), s.phone, coalesce(s.email, ''),
  coalesce(s.address, '{{}}'), '', '', s.owner_id, s.home_store_id, {_ANSWERS},
  coalesce(s.extra, '{{}}'), s.import_id, coalesce(s.joined_at, %(now)s::timestamptz),
  %(now)s::timestamptz, %(now)s::timestamptz
{NEW} ORDER BY s.line
ON CONFLICT DO NOTHING"""
_NUMBERS: Final = f"""FROM (SELECT {keys.OF_LINE} AS id, s.line, s.number, s.card {NEW}) AS r
CROSS JOIN LATERAL (VALUES (%(source)s::text, r.number), ('card', r.card)) AS n(source, number)"""
_IDENTITIES: Final = f"""
INSERT INTO customers_identity (customer_id, source, number)
SELECT r.id, n.source, n.number {_NUMBERS} WHERE n.number IS NOT NULL ORDER BY r.line
ON CONFLICT DO NOTHING"""
_COUNT_NUMBERS: Final = f"SELECT count(s.number) + count(s.card) {NEW}"
_DAYS: Final = f"""
INSERT INTO customers_lifeevent (
  customer_id, kind, label, year, month, day, lunar, leap_month, next_on)
SELECT {keys.OF_LINE}, e.kind, '', e.year, e.month, e.day, e.lunar, e.leap,
  CASE WHEN coalesce(e.year, 0) <= left(n.next_on, 4)::int THEN n.next_on::date END
FROM imports_stagedcustomer s CROSS JOIN LATERAL jsonb_to_recordset(s.events) AS e(
  kind text, year smallint, month smallint, day smallint, lunar boolean, leap boolean)
CROSS JOIN LATERAL (SELECT %(nexts)s::jsonb
  ->> concat_ws('-', e.lunar, e.leap, e.month, e.day)) AS n(next_on)
WHERE s.import_id = %(import)s::uuid AND s.line > %(after)s AND s.line <= %(to)s AND s.is_new
ORDER BY s.line"""
_CONSENTS: Final = f"""
INSERT INTO customers_consent (customer_id, purpose, channel, given, how, text_version, by_id, at)
SELECT {keys.OF_LINE}, e.purpose, e.channel, e.given, 'import', '', %(by)s::uuid,
  %(now)s::timestamptz
FROM imports_stagedcustomer s CROSS JOIN LATERAL jsonb_to_recordset(s.consents) AS e(
  purpose text, channel text, given boolean)
WHERE s.import_id = %(import)s::uuid AND s.line > %(after)s AND s.line <= %(to)s AND s.is_new
ORDER BY s.line"""
_NOTES: Final = f"""
INSERT INTO customers_note (id, customer_id, text, is_warning, at)
SELECT {keys.OF_LINE}, {keys.OF_LINE}, s.note, false, %(now)s::timestamptz
{NEW} AND s.note IS NOT NULL ORDER BY s.line"""
_CODE_TAKEN: Final = f"""
SELECT r.line, %(heading)s::text AS heading, r.member_code AS excerpt, 'customer.key-taken' AS code,
  '{{}}'::jsonb AS params
FROM (SELECT s.line, s.member_code, {keys.OF_LINE} AS id {NEW}) AS r
WHERE NOT EXISTS (SELECT FROM customers_customer c WHERE c.id = r.id)"""
_NUMBER_TAKEN: Final = f"""
SELECT r.line,
  CASE n.source WHEN 'card' THEN %(card)s::text ELSE %(heading)s::text END AS heading,
  n.number AS excerpt, 'customer.key-taken' AS code, '{{}}'::jsonb AS params {_NUMBERS}
JOIN customers_identity i ON (i.source, i.number) = (n.source, n.number)
  AND i.customer_id <> r.id"""
_HALF_WRITTEN: Final = f"""
SELECT {keys.OF_LINE} FROM imports_stagedcustomer s WHERE s.import_id = %(import)s::uuid
  AND s.line > %(after)s AND s.line <= %(to)s AND s.is_new IS NULL"""


class Writer:
    """Writes the new customers of one import."""

    def __init__(self, job: Job, *, now: datetime) -> None:
        """Prepare what is the same for every line; `job.loading_since` must be known."""
        if job.loading_since is None:
            raise ValueError("The moment loading began must be kept before the first row.")
        self._job, self._now = job, now
        has = job.mapping.has
        self._has_numbers = has("external_number") or has("card")
        by = str(job.actor.id) if job.actor.id and job.actor.kind == ActorKind.STAFF else None
        self._parameters: dict[str, Any] = {
            "import": job.import_id,
            "stamp": keys.stamp(job.loading_since),
            "source": job.mapping.options.source,
            "by": by,
            "now": now,
        }
        self._children = list(_children(job))
        if _DAYS in self._children:
            self._parameters["nexts"] = _nexts(job, now)

    def write(self, *, after: int, to: int) -> int:
        """Write the new customers of some lines, in the caller's transaction; return how many."""
        lines = {**self._parameters, "after": after, "to": to}
        wanted = _number(_COUNT, lines)
        if not wanted:
            return 0
        made = statements.run(_CUSTOMERS, lines)
        if made < wanted:
            named = {**lines, "heading": heading(self._job, "member_code")}
            made = wanted - self._refuse(_CODE_TAKEN, named)
        if self._has_numbers:
            expected = _number(_COUNT_NUMBERS, lines)
            if statements.run(_IDENTITIES, lines) < expected:
                made -= self._take_out(lines)
        for statement in self._children:
            statements.run(statement, lines)
        opening.of_new(job=self._job, lines=lines, now=self._now)
        return made

    def _take_out(self, lines: Mapping[str, Any]) -> int:
        """Take rows out again of which somebody else has the number or the card now."""
        named = {
            "heading": heading(self._job, "external_number"),
            "card": heading(self._job, "card"),
        }
        refused = self._refuse(_NUMBER_TAKEN, {**lines, **named})
        bulk.remove(ids=[row[0] for row in statements.every(_HALF_WRITTEN, lines)])
        return refused

    def _refuse(self, bad: str, parameters: dict[str, Any]) -> int:
        return refusing.refuse(import_id=self._job.import_id, bad=bad, parameters=parameters)


def _children(job: Job) -> list[str]:
    """Return the statements for what hangs on a customer, as far as the file has it."""
    found = []
    given = {each.attribute.partition(".")[0] for each in job.mapping.columns}
    given |= {attribute.partition(".")[0] for attribute in job.mapping.constants}
    if given & {"birthday", "lunar_birthday", "event"}:
        found.append(_DAYS)
    if "consent" in given:
        found.append(_CONSENTS)
    if given & {"note", "tags"}:
        found.append(_NOTES)
    return found


_EACH_DAY: Final = """
SELECT DISTINCT e.lunar, e.leap, e.month, e.day
FROM imports_stagedcustomer s CROSS JOIN LATERAL jsonb_to_recordset(s.events) AS e(
  month smallint, day smallint, lunar boolean, leap boolean)
WHERE s.import_id = %s::uuid"""


def _nexts(job: Job, now: datetime) -> str:
    """Return when each day of the file comes next, as JSON; there are few different ones."""
    days = bulk.occasions(statements.every(_EACH_DAY, (job.import_id,)), now=now)
    found = {
        f"{_letter(lunar)}-{_letter(leap)}-{month}-{day}": next_on
        for (lunar, leap, month, day), next_on in days.items()
    }
    return msgspec.json.encode(found).decode()


def _letter(is_so: bool) -> str:
    """Write a truth value as PostgreSQL does."""
    return "t" if is_so else "f"


def _number(statement: str, parameters: Mapping[str, Any]) -> int:
    row = statements.one(statement, parameters)
    return int(row[0]) if row else 0
