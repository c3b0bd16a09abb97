"""Who the rows of a file are: customers known already, new ones, or nobody we could take in.

Set by set, in SQL. Our id, the number of the other system, the member code and the card each name
one person for certain; when they name two, the row is refused. Only where none of them is known,
phone and name together tell who it is.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import connection, transaction

from regulars.imports.contract import Job
from regulars.imports.loading import customers_consenting as consenting
from regulars.imports.loading import customers_families as families
from regulars.imports.loading import customers_refusing as refusing
from regulars.imports.loading.customers_staging import heading
from regulars.tenancy import statements

MARK: Final = """CASE WHEN {c}.member_code IS NOT NULL THEN {c}.member_code
  WHEN {c}.phone IS NOT NULL THEN left({c}.name, 1) || '…' || right({c}.phone, 4)
  ELSE left({c}.name, 1) || '…' END"""
"""How a refused row names a customer: by member code, else so that no phone is given away."""

_PERSON: Final = "coalesce(c.merged_into_id, c.id)"
_MINE: Final = "s.import_id = %(import)s::uuid AND s.is_new IS NOT NULL"
_BY_NUMBER: Final = """
SELECT s.line, {person} AS customer_id FROM imports_stagedcustomer s
JOIN customers_identity i ON i.number = s.{column} AND i.source = {source}
JOIN customers_customer c ON c.id = i.customer_id WHERE {mine} AND c.state <> 'erased'"""
_BY: Final[dict[str, str]] = {
    "given_id": """
SELECT s.line, {person} AS customer_id FROM imports_stagedcustomer s
JOIN customers_customer c ON c.id = s.given_id WHERE {mine} AND c.state <> 'erased'""",
    "number": _BY_NUMBER.replace("{column}", "number").replace("{source}", "%(source)s::text"),
    "member_code": """
SELECT s.line, {person} AS customer_id FROM imports_stagedcustomer s
JOIN customers_customer c ON c.member_code = s.member_code
WHERE {mine} AND c.state <> 'erased'""",
    "card": _BY_NUMBER.replace("{column}", "card").replace("{source}", "'card'"),
}
KEYS: Final = {
    "id": "given_id",
    "external_number": "number",
    "member_code": "member_code",
    "card": "card",
}
"""What names one person for certain: the attribute, and its column."""

# What is in documents and arrays would take longest to count, and nothing is found by it.
_ANALYZE: Final = """ANALYZE imports_stagedcustomer (import_id, line, given_id, number, member_code,
  card, phone, name, customer_id, is_new)"""
_NO_SUCH_ID: Final = """
SELECT s.line, %(heading)s::text AS heading, s.given_id::text AS excerpt, '{}'::jsonb AS params,
  CASE WHEN c.id IS NULL THEN 'customer.unknown-id' ELSE 'customer.erased' END AS code
FROM imports_stagedcustomer s LEFT JOIN customers_customer c ON c.id = s.given_id
WHERE s.import_id = %(import)s::uuid AND s.given_id IS NOT NULL
  AND (c.id IS NULL OR c.state = 'erased')"""
_FOUND: Final = """
WITH hit AS ({hits}), found AS (
  SELECT line, min(customer_id::text)::uuid AS one, max(customer_id::text)::uuid AS other
  FROM hit GROUP BY line)"""
_KNOWN: Final = """
UPDATE imports_stagedcustomer s SET customer_id = found.one, is_new = false FROM found
WHERE s.import_id = %(import)s::uuid AND s.line = found.line AND found.one = found.other"""
_CONFLICT: Final = """
SELECT found.line, ''::text AS heading, ''::text AS excerpt, 'customer.conflict' AS code,
  jsonb_build_object('one', {one}, 'other', {other}) AS params
FROM found JOIN customers_customer a ON a.id = found.one
JOIN customers_customer b ON b.id = found.other WHERE found.one <> found.other"""
_TWICE: Final = """
SELECT line, %(heading)s::text AS heading, {shown} AS excerpt, 'customer.twice' AS code,
  jsonb_build_object('line', first) AS params
FROM (SELECT line, {column}, min(line) OVER (PARTITION BY {column}) AS first
  FROM imports_stagedcustomer
  WHERE import_id = %(import)s::uuid AND {column} IS NOT NULL) AS several
WHERE line <> first"""
# Somebody with this phone is not the one when they have another code, or another number there.
_BY_PHONE: Final = """
WITH near AS (
  SELECT s.line, s.name, s.number, s.member_code, c.id, {person} AS customer_id, c.name AS theirs
  FROM imports_stagedcustomer s JOIN customers_customer c ON reverse(c.phone) = reverse(s.phone)
  WHERE s.import_id = %(import)s::uuid AND s.is_new AND c.state <> 'erased'
  UNION ALL
  SELECT s.line, s.name, s.number, s.member_code, c.id, {person}, c.name
  FROM imports_stagedcustomer s JOIN customers_identity i ON i.number = s.phone
    AND i.source = 'phone' JOIN customers_customer c ON c.id = i.customer_id
  WHERE s.import_id = %(import)s::uuid AND s.is_new AND c.state <> 'erased'
), alike AS (
  SELECT n.line, n.customer_id, coalesce(n.name, '') <> n.theirs AS is_guess
  FROM near n JOIN customers_customer p ON p.id = n.customer_id
  WHERE (n.name IS NULL OR n.theirs = '' OR n.name = n.theirs)
    AND (n.member_code IS NULL OR p.member_code IS NULL)
    AND (n.number IS NULL OR NOT EXISTS (SELECT FROM customers_identity i
      WHERE i.customer_id = p.id AND i.source = %(source)s::text))
), best AS (
  SELECT line, customer_id, is_guess, bool_and(is_guess) OVER (PARTITION BY line) AS none_certain
  FROM alike
), found AS (
  SELECT line, min(customer_id::text)::uuid AS one, max(customer_id::text)::uuid AS other
  FROM best WHERE none_certain OR NOT is_guess GROUP BY line)"""
_SEVERAL: Final = _CONFLICT.replace("customer.conflict", "customer.several")


class Matcher:
    """Finds out who every staged row is. Repeatable: it begins anew each time."""

    def __init__(self, job: Job) -> None:
        """Take one import."""
        self._job = job
        self._parameters = {"import": job.import_id, "source": job.mapping.options.source}

    def match(self, between: Callable[[], None]) -> None:
        """Mark each row as new, as somebody known, or as refused; `between` is called often."""
        keys = [key for key in KEYS if self._job.mapping.has(key)]
        steps: list[Callable[[], None]] = [self._begin]
        if "id" in keys:
            steps.append(self._refuse_unknown_ids)
        if keys:
            steps.append(lambda: self._find(self._by_keys(keys), "conflict"))
        steps += [lambda key=key: self._refuse_twice(key) for key in keys if key != "id"]  # type: ignore[misc]
        if self._job.mapping.has("phone"):
            steps.append(lambda: self._find(_BY_PHONE.format(person=_PERSON), "several"))
        steps.append(lambda: self._refuse_twice(""))
        if self._job.mapping.has("phone"):
            steps.append(lambda: families.refuse_twice(import_id=self._job.import_id))
        for needed in consenting.needing(self._job.mapping):
            steps.append(lambda needed=needed: self._refuse_without_consent(*needed))  # type: ignore[misc]
        for step in steps:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL work_mem = '64MB'")
                step()
            between()

    def _begin(self) -> None:
        refusing.forget(import_id=self._job.import_id)
        with connection.cursor() as cursor:
            cursor.execute(_ANALYZE)

    def _refuse_unknown_ids(self) -> None:
        self._refuse(_NO_SUCH_ID, "id")

    def _by_keys(self, keys: list[str]) -> str:
        hits = [_BY[KEYS[key]].format(person=_PERSON, mine=_MINE) for key in keys]
        return _FOUND.format(hits=" UNION ALL ".join(hits))

    def _find(self, found: str, why: str) -> None:
        """Refuse rows that name two people, then note whom the others name."""
        several = _CONFLICT if why == "conflict" else _SEVERAL
        named = several.format(one=MARK.format(c="a"), other=MARK.format(c="b"))
        self._refuse(f"{found} {named}", "")
        statements.run(f"{found} {_KNOWN}", self._parameters)

    def _refuse_twice(self, key: str) -> None:
        """Refuse later rows with the key of an earlier one, or (``""``) of the same customer."""
        column = KEYS.get(key, "customer_id")
        self._refuse(_TWICE.format(column=column, shown=column if key else "''::text"), key)

    def _refuse_without_consent(self, attribute: str, has: str, purpose: str) -> None:
        statement = consenting.NEEDED.format(has=has)
        key = attribute.partition(".")[2]
        self._refuse(statement, attribute, {"key": key, "purpose": purpose})

    def _refuse(
        self, bad: str, attribute: str, more: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        named = {"heading": heading(self._job, attribute) if attribute else ""}
        parameters = {**self._parameters, **named, **more}
        refusing.refuse(import_id=self._job.import_id, bad=bad, parameters=parameters)
