"""The statements that judge staged receipts, and read their lines.

Judging is the same before and while loading, so what was promised is what is done; only the
world may have changed in between, and then the later judgement counts.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from collections.abc import Iterable
from functools import cache
from typing import Final

from regulars.customers.selectors import matching
from regulars.imports.columns.mapping import Mapping
from regulars.imports.columns.own import FIELD, LINE_FIELD
from regulars.purchases import bulk

RANGE: Final = "bucket BETWEEN %(first)s AND %(last)s"
SOME: Final = "bucket = ANY(%(buckets)s)"

type Said = frozenset[str]
"""What a file says at all; of the rest every staged row is silent, and nothing is asked of it."""

_KEYS: Final = ("customer_number", "customer_code", "customer_card", "customer_phone")
_ALWAYS: Final = (
    *("bucket", "line", "refused", "source", "number", "kind", "occurred_at", "business_day"),
    *("store", "lines", "quantity", "gross_minor", "discount_minor", "paid_minor"),
)
_OF_RECEIPT: Final = (
    *("guide", "customer_id", *_KEYS, "customer_name", "payment", "rounding_minor"),
    *("original_number", "extra"),
)
_GIVEN: Final = {
    "quantity": "quantities",
    "discount_minor": "discounts",
    "paid_minor": "paids",
}
"""What is known of every line, and the array that has an element for each."""
_PERHAPS: Final = {
    "position": ("positions", "int"),
    "original_position": ("original_positions", "int"),
    "product_code": ("product_codes", "text"),
    "product_name": ("product_names", "text"),
    "category": ("categories", "text"),
    "line_extra": ("extras", "jsonb"),
}
"""What may be known of a line: the array, and the type of its elements."""
_FIRST: Final = "(array_agg({0} ORDER BY line) FILTER (WHERE {0} IS NOT NULL))[1]"


def said(mapping: Mapping) -> Said:
    """Return what a file with such columns can say, by the names that it is staged under."""
    named = (*_OF_RECEIPT, *_PERHAPS)
    found = {each for each in named if mapping.has(_ATTRIBUTES.get(each, each))}
    for attribute in (*mapping.positions(), *mapping.constants):
        if attribute.startswith(FIELD):
            found.add("line_extra" if attribute.startswith(LINE_FIELD) else "extra")
    return frozenset(found)


_ATTRIBUTES: Final = {"rounding_minor": "rounding"}


def _arrays(said: Said) -> dict[str, str]:
    """Return what is known of lines by the array that it is staged in."""
    perhaps = {name: array for name, (array, _kind) in _PERHAPS.items() if name in said}
    return {**_GIVEN, **perhaps}


def _of_lines(said: Said) -> str:
    return "".join(f", {array}" for array in ("places", *_arrays(said).values()))


def _either(said: Said, name: str, sql: str, kind: str = "text") -> str:
    """Return the SQL, or NULL where the file does not say it."""
    return f"{sql} AS {name}" if name in said else f"NULL::{kind} AS {name}"


def _any(tests: Iterable[str]) -> str:
    return " OR ".join((*tests, "false"))


def _whole(said: Said, where: str, goods: str) -> str:
    """Return what receipts are: what their parts say together; silence contradicts nothing."""
    columns = (*_ALWAYS, *(each for each in _OF_RECEIPT if each in said))
    keys = [f"min({each}) <> max({each})" for each in _KEYS if each in said]
    if "customer_id" in said:
        keys.append("min(customer_id::text) <> max(customer_id::text)")
    differs = {
        "kind": "min(kind) <> max(kind)",
        "store": "min(store) <> max(store)",
        "occurred_at": "min(occurred_at) <> max(occurred_at)",
        "customer": _any(keys),
    }
    if "original_number" in said:
        differs["original_number"] = "min(original_number) <> max(original_number)"
    if "rounding_minor" in said:
        differs["rounding"] = "min(rounding_minor) <> max(rounding_minor)"
    rounding = """CASE min(kind) WHEN 'return' THEN -abs(min(rounding_minor))
      ELSE min(rounding_minor) END"""
    payment = "CASE WHEN min(payment) IS DISTINCT FROM max(payment) THEN '' ELSE min(payment) END"
    return f"""
part AS MATERIALIZED (
  SELECT {", ".join(columns)}{goods} FROM imports_stagedreceipt
  WHERE import_id = %(import)s AND {where}
), whole AS MATERIALIZED (
  SELECT bucket, source, number, min(line) AS line, min(refused) AS refused,
    sum(lines)::int AS lines, min(kind) AS kind, min(occurred_at) AS at,
    min(business_day) AS day, min(store) AS store,
    {_either(said, "guide", _FIRST.format("guide"))},
    {_either(said, "customer_id", "min(customer_id::text)::uuid", "uuid")},
    {", ".join(_either(said, each, f"min({each})") for each in _KEYS)},
    {_either(said, "original_number", "min(original_number)")},
    {rounding if "rounding_minor" in said else "NULL::bigint"} AS rounding,
    {_either(said, "payment", payment)},
    {_either(said, "customer_name", "min(customer_name)")},
    {_either(said, "extra", _FIRST.format("extra"), "jsonb")},
    sum(quantity) AS units, sum(gross_minor)::bigint AS gross,
    sum(discount_minor)::bigint AS discount, sum(paid_minor)::bigint AS net,
    CASE
      {" ".join(f"WHEN {test} THEN '{name}'" for name, test in differs.items())}
    END AS differs
  FROM part GROUP BY bucket, source, number
)"""


def _buyer(said: Said) -> tuple[str, str]:
    """Return the buyer of `w`, or NULL for nobody known, and whether `w` says who it is."""
    keys = {each: f"w.{each}" if each in said else None for each in ("customer_id", *_KEYS)}
    buyer = matching.found(
        key=keys["customer_id"],
        source="%(source)s",
        number=keys["customer_number"],
        code=keys["customer_code"],
        card=keys["customer_card"],
        phone=keys["customer_phone"],
    )
    return buyer, _any(f"{column} IS NOT NULL" for column in keys.values() if column)


@cache
def strange(said: Said) -> str:
    """Return CTEs that end with `strange`: receipts with a part that names nobody we know.

    Each name is looked up once, however many receipts it is on. Whom a part names is known to the
    whole receipt as well, so nobody's receipts are among these, perhaps with some of somebody's.
    """
    keys = [each for each in ("customer_id", *_KEYS) if each in said]
    buyer, is_said = _buyer(said)
    same = [f"coalesce(s.{key}::text, '') = coalesce(n.{key}::text, '')" for key in keys]
    return f"""
named AS MATERIALIZED (
  SELECT w.*, {buyer} AS buyer FROM (
    SELECT DISTINCT {", ".join(keys) or "NULL"} FROM imports_stagedreceipt
    WHERE import_id = %(import)s) AS w
  WHERE {is_said}
), strange AS MATERIALIZED (
  SELECT s.source, s.number FROM imports_stagedreceipt s
  JOIN named n ON {" AND ".join(same) or "false"}
  WHERE s.import_id = %(import)s GROUP BY 1, 2 HAVING bool_or(n.buyer IS NULL)
)"""


@cache
def judged(said: Said, *, where: str, goods: str = "") -> str:
    """Return CTEs that end with `judged`: receipts, and what becomes of each."""
    buyer, is_said = _buyer(said)
    guide = ("g.id", _GUIDES) if "guide" in said else ("NULL::uuid", "")
    return f"""{_whole(said, where, goods)}, judged AS MATERIALIZED (
  SELECT w.*, w.net - coalesce(w.rounding, 0) AS paid, place.id AS store_id, {guide[0]} AS guide_id,
    f.buyer, f.is_said, k.business_day AS known_day, k.paid_minor AS known_paid,
    CASE
      WHEN w.refused IS NOT NULL THEN 'refused'
      WHEN w.differs IS NOT NULL THEN 'differs'
      WHEN w.lines > %(most_lines)s THEN 'too-many-lines'
      WHEN k.import_id = %(import)s THEN 'ours'
      WHEN k.purchase_id IS NOT NULL AND k.business_day = w.day
        AND k.paid_minor = w.net - coalesce(w.rounding, 0) THEN 'same'
      WHEN k.purchase_id IS NOT NULL THEN 'taken'
      WHEN place.name IS NULL THEN 'store'
      WHEN abs(w.rounding) > abs(w.net) OR w.kind = 'sale' AND w.net < 0 THEN 'amount'
      WHEN f.buyer IS NULL AND f.is_said AND (%(unknown)s = 'refuse' OR %(unknown)s = 'create'
        AND coalesce({", ".join(f"w.{each}" for each in _KEYS)}) IS NULL) THEN 'buyer'
      WHEN w.kind = 'return' AND w.original_number IS NOT NULL THEN 'back'
      ELSE 'new'
    END AS verdict
  FROM whole w
  LEFT JOIN LATERAL (
    SELECT n.purchase_id, k.import_id, k.business_day, k.paid_minor FROM purchases_number n
    LEFT JOIN purchases_purchase k ON k.id = n.purchase_id
    WHERE n.source = w.source AND n.number = w.number
    OFFSET 0  -- by index, however small the tables were when they were last counted
  ) AS k ON true
  LEFT JOIN unnest(%(stores)s::text[], %(store_ids)s::uuid[]) AS place(name, id)
    ON place.name = w.store
  {guide[1]}
  CROSS JOIN LATERAL (SELECT {buyer} AS buyer, {is_said} AS is_said
    OFFSET 0) AS f  -- looked up once, though it is asked for twice
)"""


_GUIDES: Final = """LEFT JOIN unnest(%(guides)s::text[], %(guide_ids)s::uuid[]) AS g(name, id)
    ON g.name = w.guide"""

# Our names of means are kept; what a till calls its own is another means.
_MEANS: Final = "CASE WHEN {0} = ANY(%(means)s) THEN {0} ELSE 'other' END"
_PAYMENTS: Final = f"""CASE
  WHEN j.payment IS NULL THEN '[]'::jsonb
  WHEN j.payment <> '' THEN jsonb_build_array(jsonb_build_object(
    'means', {_MEANS.format("j.payment")}, 'amount_minor', j.paid))
  ELSE (
    SELECT jsonb_agg(jsonb_build_object('means', t.means, 'amount_minor', t.amount
        - CASE t.at WHEN 1 THEN coalesce(j.rounding, 0) ELSE 0 END) ORDER BY t.at)
    FROM (
      SELECT {_MEANS.format("p.payment")} AS means, sum(p.paid_minor)::bigint AS amount,
        row_number() OVER (ORDER BY abs(sum(p.paid_minor)) DESC) AS at
      FROM part p WHERE p.source = j.source AND p.number = j.number GROUP BY 1) AS t)
END"""

# Without positions of its own a receipt is counted in the order of the file. Rounding is spread
# over the lines by largest remainder, as `kit.portions.allocate` does it. The arrays are unfolded
# side by side in the list of columns: as a table function each would be kept first.
_GOODS: Final = """
goods AS (
  SELECT earlier + ordinal AS nth, key AS receipt, ({position})::smallint AS position,
    NULL::uuid AS original, {known}, quantity, paid_minor + discount_minor AS gross,
    discount_minor AS discount,
    ({paid})::bigint AS paid, coalesce(place, first + at - 1) AS line
  FROM (SELECT *{middle} FROM (SELECT *, before + at AS ordinal{inner} FROM (
    SELECT r.key, r.earlier, r.rounding, p.line AS first, p.before,
      generate_series(1, p.lines) AS at, unnest(p.places) AS place, {arrays}
    FROM {receipts} r JOIN (
      SELECT *, sum(lines) OVER (PARTITION BY source, number ORDER BY line) - lines AS before
      FROM part) AS p ON p.source = r.source AND p.number = r.number
    ) AS unfolded) AS read) AS known
)"""
_POSITION: Final = "CASE WHEN least > 0 AND most = 1 THEN position ELSE ordinal END"
_LEAST: Final = """,
      min(coalesce(position, 0)) OVER (PARTITION BY key) AS least,
      count(*) OVER (PARTITION BY key, position) AS times"""
_MOST: Final = ", max(times) OVER (PARTITION BY key) AS most"
_WEIGHT: Final = """,
      sum(abs(paid_minor)) OVER (PARTITION BY key) AS weight"""
_SHARE: Final = """,
    div(abs(rounding) * abs(paid_minor)::numeric, nullif(weight, 0)) AS share,
    mod(abs(rounding) * abs(paid_minor)::numeric, nullif(weight, 0)) AS rest"""
_SPREAD: Final = """CASE WHEN rounding = 0 THEN paid_minor ELSE paid_minor - sign(rounding)::int
      * (share + (row_number() OVER (PARTITION BY key ORDER BY rest DESC, ordinal)
        <= abs(rounding) - sum(share) OVER (PARTITION BY key))::int) END"""


_NAMES: Final = {
    "product_code": "code",
    "product_name": "name",
    "category": "category",
    "line_extra": "extra",
    "original_position": "original_position",
}


def _goods(said: Said, receipts: str) -> str:
    """Return the lines of `receipts` as facts want them; what no column says costs nothing."""
    has_positions, has_rounding = "position" in said, "rounding_minor" in said
    known = {
        name: part if part in said else f"NULL::{_PERHAPS[part][1]}"
        for part, name in _NAMES.items()
    }
    return _GOODS.format(
        receipts=receipts,
        known=", ".join(f"{sql} AS {name}" for name, sql in known.items()),
        arrays=", ".join(f"unnest(p.{array}) AS {name}" for name, array in _arrays(said).items()),
        position=_POSITION if has_positions else "ordinal",
        paid=_SPREAD if has_rounding else "paid_minor",
        inner=(_LEAST if has_positions else "") + (_WEIGHT if has_rounding else ""),
        middle=(_MOST if has_positions else "") + (_SHARE if has_rounding else ""),
    )


@cache
def tally(said: Said) -> str:
    """Return the statement that judges a range and adds up what becomes of its receipts."""
    return f"""
WITH {judged(said, where=RANGE)}
SELECT verdict, kind, count(*), sum(lines)::bigint, coalesce(sum(paid), 0)::bigint, min(day),
  max(day), count(*) FILTER (WHERE buyer IS NULL AND NOT is_said),
  count(*) FILTER (WHERE buyer IS NULL AND is_said)
FROM judged GROUP BY verdict, kind"""


@cache
def rejected(said: Said) -> str:
    """Return the statement that reads the lines of a range's receipts that may not come in."""
    return f"""
WITH {judged(said, where=RANGE, goods=", places")}
SELECT j.verdict, j.refused, j.differs, j.store, j.known_day, j.known_paid, j.number, j.source,
  coalesce(p.places[l.at], p.line + l.at - 1) AS line
FROM judged j JOIN part p ON p.source = j.source AND p.number = j.number
CROSS JOIN generate_series(1, p.lines) AS l(at)
WHERE j.verdict = ANY(%(bad)s) ORDER BY line"""


def _receipt(said: Said, which: str = "j.verdict = 'new'", more: str = "") -> str:
    payments = _PAYMENTS if "payment" in said else "'[]'::jsonb"
    return f"""receipt AS MATERIALIZED (
  SELECT {bulk.KEY.format("(row_number() OVER (ORDER BY j.source, j.number))")} AS key,
    j.kind, NULL::uuid AS original, j.store_id AS store, j.buyer,
    j.guide_id AS guide, j.source, j.number, j.at, j.day, j.gross, j.discount,
    coalesce(j.rounding, 0) AS rounding, j.paid, j.net, j.units, {payments} AS payments, j.extra,
    j.lines, sum(j.lines) OVER (ORDER BY j.source, j.number) - j.lines AS earlier{more}
  FROM judged j WHERE {which}
)"""


@cache
def load(said: Said) -> str:
    """Return the statement that takes in the receipts of a range which may come in."""
    known = judged(said, where=RANGE, goods=_of_lines(said))
    return f"""WITH {known}, {_receipt(said)}, {bulk.PURCHASES},
taken AS MATERIALIZED (SELECT r.* FROM receipt r JOIN number n ON n.purchase_id = r.key),
{_goods(said, "taken")}, {bulk.LINES}
SELECT (SELECT count(*) FROM receipt), (SELECT count(*) FROM taken),
  (SELECT coalesce(sum(lines), 0) FROM taken),
  count(*) FILTER (WHERE verdict = 'ours'),
  count(*) FILTER (WHERE verdict = 'same'), count(*) FILTER (WHERE verdict = ANY(%(bad)s)),
  coalesce(sum(lines) FILTER (WHERE verdict = 'ours'), 0)::bigint
FROM judged"""


_WITH_LINES: Final = """SELECT row_to_json(r)::text, l.lines::text FROM receipt r JOIN (
  SELECT receipt, json_agg(g ORDER BY g.line) AS lines FROM goods g GROUP BY receipt) AS l
  ON l.receipt = r.key
ORDER BY r.source, r.original_number, r.at, r.first"""


@cache
def some(said: Said, *, verdict: str) -> str:
    """Return the statement that reads receipts of a verdict with their lines, in buckets.

    Those whose number (of the original, for a `back`) is among %(numbers)s of %(sources)s.
    """
    number = "j.original_number" if verdict == "back" else "j.number"
    which = (
        f"j.verdict = '{verdict}' AND (j.source, {number}) IN"
        " (SELECT * FROM unnest(%(sources)s::text[], %(numbers)s::text[]))"
    )
    known = judged(said, where=SOME, goods=_of_lines(said))
    receipt = _receipt(said, which, more=", j.original_number, j.line AS first")
    return f"WITH {known}, {receipt}, {_goods(said, 'receipt')} {_WITH_LINES}"


ORIGINALS: Final = """
SELECT DISTINCT source, original_number FROM imports_stagedreceipt
WHERE import_id = %(import)s AND kind = 'return' AND original_number IS NOT NULL
  AND (source, original_number) > (%(after_source)s, %(after_number)s)
ORDER BY source, original_number LIMIT %(limit)s"""

RETURN_BUCKETS: Final = """
SELECT DISTINCT bucket FROM imports_stagedreceipt
WHERE import_id = %(import)s AND kind = 'return' AND (source, original_number) IN (
  SELECT * FROM unnest(%(sources)s::text[], %(numbers)s::text[]))"""

WRITE: Final = f"""
WITH receipt AS MATERIALIZED (
  SELECT * FROM json_to_recordset(%(receipts)s::json) AS r(
    key uuid, kind text, original uuid, store uuid, buyer uuid, guide uuid, source text,
    number text, at timestamptz, day date, gross bigint, discount bigint, rounding bigint,
    paid bigint, units numeric, payments jsonb, extra jsonb)
), goods AS (
  SELECT row_number() OVER () AS nth, * FROM json_to_recordset(%(goods)s::json) AS g(
    receipt uuid, position smallint, original uuid, code text, name text, category text,
    quantity numeric, gross bigint, discount bigint, paid bigint, extra jsonb)
), {bulk.FACTS}
SELECT (SELECT count(*) FROM number),
  (SELECT count(*) FROM goods g JOIN number n ON n.purchase_id = g.receipt)"""
