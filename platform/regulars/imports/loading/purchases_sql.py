"""The statements that judge staged receipts, and read their lines.

Judging is the same before and while loading, so what was promised is what is done; only the
world may have changed in between, and then the later judgement counts.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

from typing import Final

from regulars.customers.selectors import matching
from regulars.purchases import bulk

RANGE: Final = "bucket BETWEEN %(first)s AND %(last)s"
SOME: Final = "bucket = ANY(%(buckets)s)"

_BUYER: Final = matching.found(
    key="w.customer_id",
    source="%(source)s",
    number="w.customer_number",
    code="w.customer_code",
    card="w.customer_card",
    phone="w.customer_phone",
)
_FIRST: Final = "(array_agg({0} ORDER BY line) FILTER (WHERE {0} IS NOT NULL))[1]"
_SAID: Final = ("customer_number", "customer_code", "customer_card", "customer_phone")

_COLUMNS: Final = (
    *("bucket", "line", "refused", "source", "number", "kind", "occurred_at", "business_day"),
    *("store", "guide", "customer_id", *_SAID, "customer_name", "payment", "rounding_minor"),
    *("original_number", "extra", "lines", "quantity", "gross_minor", "discount_minor"),
    "paid_minor",
)
_ARRAYS: Final = {
    "position": "positions",
    "original_position": "original_positions",
    "product_code": "product_codes",
    "product_name": "product_names",
    "category": "categories",
    "quantity": "quantities",
    "gross_minor": "grosses",
    "discount_minor": "discounts",
    "paid_minor": "paids",
    "extra": "extras",
}
"""What is known of a line, and the array that has an element for each."""
_OF_LINES: Final = "".join(f", {each}" for each in ("places", *_ARRAYS.values()))

# A receipt is what its parts say together; silence contradicts nothing.
_WHOLE: Final = f"""
part AS MATERIALIZED (
  SELECT {", ".join(_COLUMNS)}{{goods}} FROM imports_stagedreceipt
  WHERE import_id = %(import)s AND {{where}}
), whole AS MATERIALIZED (
  SELECT bucket, source, number, min(line) AS line, min(refused) AS refused,
    sum(lines)::int AS lines, min(kind) AS kind, min(occurred_at) AS at,
    min(business_day) AS day, min(store) AS store,
    {_FIRST.format("guide")} AS guide, min(customer_id::text)::uuid AS customer_id,
    {", ".join(f"min({each}) AS {each}" for each in _SAID)},
    min(original_number) AS original_number,
    CASE min(kind) WHEN 'return' THEN -abs(min(rounding_minor)) ELSE min(rounding_minor) END
      AS rounding,
    CASE WHEN min(payment) IS DISTINCT FROM max(payment) THEN '' ELSE min(payment) END AS payment,
    min(customer_name) AS customer_name, {_FIRST.format("extra")} AS extra,
    sum(quantity) AS units, sum(gross_minor)::bigint AS gross,
    sum(discount_minor)::bigint AS discount, sum(paid_minor)::bigint AS net,
    CASE
      WHEN min(kind) <> max(kind) THEN 'kind'
      WHEN min(store) <> max(store) THEN 'store'
      WHEN min(occurred_at) <> max(occurred_at) THEN 'occurred_at'
      WHEN min(customer_id::text) <> max(customer_id::text)
        OR {" OR ".join(f"min({each}) <> max({each})" for each in _SAID)} THEN 'customer'
      WHEN min(original_number) <> max(original_number) THEN 'original_number'
      WHEN min(rounding_minor) <> max(rounding_minor) THEN 'rounding'
    END AS differs
  FROM part GROUP BY bucket, source, number
)"""

JUDGED: Final = f"""{_WHOLE}, judged AS MATERIALIZED (
  SELECT w.*, w.net - coalesce(w.rounding, 0) AS paid, place.id AS store_id, g.id AS guide_id,
    f.buyer, f.is_said, k.business_day AS known_day, k.paid_minor AS known_paid,
    CASE
      WHEN w.refused IS NOT NULL THEN 'refused'
      WHEN w.differs IS NOT NULL THEN 'differs'
      WHEN w.lines > %(most_lines)s THEN 'too-many-lines'
      WHEN k.import_id = %(import)s THEN 'ours'
      WHEN n.purchase_id IS NOT NULL AND k.business_day = w.day
        AND k.paid_minor = w.net - coalesce(w.rounding, 0) THEN 'same'
      WHEN n.purchase_id IS NOT NULL THEN 'taken'
      WHEN place.name IS NULL THEN 'store'
      WHEN abs(w.rounding) > abs(w.net) OR w.kind = 'sale' AND w.net < 0 THEN 'amount'
      WHEN f.buyer IS NULL AND f.is_said AND (%(unknown)s = 'refuse' OR %(unknown)s = 'create'
        AND coalesce({", ".join(f"w.{each}" for each in _SAID)}) IS NULL) THEN 'buyer'
      WHEN w.kind = 'return' AND w.original_number IS NOT NULL THEN 'back'
      ELSE 'new'
    END AS verdict
  FROM whole w
  LEFT JOIN purchases_number n ON n.source = w.source AND n.number = w.number
  LEFT JOIN purchases_purchase k ON k.id = n.purchase_id
  LEFT JOIN unnest(%(stores)s::text[], %(store_ids)s::uuid[]) AS place(name, id)
    ON place.name = w.store
  LEFT JOIN unnest(%(guides)s::text[], %(guide_ids)s::uuid[]) AS g(name, id) ON g.name = w.guide
  CROSS JOIN LATERAL (SELECT {_BUYER} AS buyer,
    coalesce(w.customer_id::text, {", ".join(f"w.{each}" for each in _SAID)}) IS NOT NULL
      AS is_said
    OFFSET 0) AS f  -- looked up once, though it is asked for twice
)"""

# Our names of means are kept; what a till calls its own is another means.
_MEANS: Final = "CASE WHEN {0} = ANY(%(means)s) THEN {0} ELSE 'other' END"
PAYMENTS: Final = f"""CASE
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
_GOODS: Final = f"""
goods AS (
  SELECT key AS receipt, ({{position}})::smallint AS position, NULL::uuid AS original,
    product_code AS code, product_name AS name, category, quantity, gross_minor AS gross,
    discount_minor AS discount, ({{paid}})::bigint AS paid, extra,
    coalesce(place, first + at - 1) AS line, original_position
  FROM (SELECT *{{middle}} FROM (SELECT *, before + at AS ordinal{{inner}} FROM (
    SELECT r.key, r.rounding, p.line AS first, p.before, generate_series(1, p.lines) AS at,
      unnest(p.places) AS place,
      {", ".join(f"unnest(p.{array}) AS {name}" for name, array in _ARRAYS.items())}
    FROM receipt r JOIN (
      SELECT *, sum(lines) OVER (PARTITION BY source, number ORDER BY line) - lines AS before
      FROM part) AS p ON p.source = r.source AND p.number = r.number
    ) AS unfolded) AS read) AS known
)"""
_GIVEN: Final = "CASE WHEN least > 0 AND most = 1 THEN position ELSE ordinal END"
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


def goods(*, has_positions: bool, has_rounding: bool) -> str:
    """Return the lines of `receipt` as facts want them; what no column says costs nothing."""
    return _GOODS.format(
        position=_GIVEN if has_positions else "ordinal",
        paid=_SPREAD if has_rounding else "paid_minor",
        inner=(_LEAST if has_positions else "") + (_WEIGHT if has_rounding else ""),
        middle=(_MOST if has_positions else "") + (_SHARE if has_rounding else ""),
    )


TALLY: Final = f"""
WITH {JUDGED.format(where=RANGE, goods="")}
SELECT verdict, kind, count(*), sum(lines)::bigint, coalesce(sum(paid), 0)::bigint, min(day),
  max(day), count(*) FILTER (WHERE buyer IS NULL AND NOT is_said),
  count(*) FILTER (WHERE buyer IS NULL AND is_said)
FROM judged GROUP BY verdict, kind"""

REJECTED: Final = f"""
WITH {JUDGED.format(where=RANGE, goods=", places")}
SELECT j.verdict, j.refused, j.differs, j.store, j.known_day, j.known_paid, j.number, j.source,
  coalesce(p.places[l.at], p.line + l.at - 1) AS line
FROM judged j JOIN part p ON p.source = j.source AND p.number = j.number
CROSS JOIN generate_series(1, p.lines) AS l(at)
WHERE j.verdict = ANY(%(bad)s) ORDER BY line"""

RECEIPT: Final = f"""receipt AS MATERIALIZED (
  SELECT {bulk.KEY.format("(row_number() OVER (ORDER BY j.source, j.number))")} AS key,
    j.kind, NULL::uuid AS original, j.store_id AS store, j.buyer,
    j.guide_id AS guide, j.source, j.number, j.at, j.day, j.gross, j.discount,
    coalesce(j.rounding, 0) AS rounding, j.paid, j.net, j.units, {PAYMENTS} AS payments, j.extra,
    j.lines
  FROM judged j WHERE j.verdict = 'new'
)"""


def load(*, has_positions: bool, has_rounding: bool) -> str:
    """Return the statement that takes in the receipts of a range which may come in."""
    lines = goods(has_positions=has_positions, has_rounding=has_rounding)
    return f"""WITH {JUDGED.format(where=RANGE, goods=_OF_LINES)}, {RECEIPT}, {lines}, {bulk.FACTS}
SELECT (SELECT count(*) FROM receipt), (SELECT count(*) FROM number),
  (SELECT coalesce(sum(r.lines), 0) FROM receipt r JOIN number n ON n.purchase_id = r.key),
  count(*) FILTER (WHERE verdict = 'ours'),
  count(*) FILTER (WHERE verdict = 'same'), count(*) FILTER (WHERE verdict = ANY(%(bad)s)),
  coalesce(sum(lines) FILTER (WHERE verdict = 'ours'), 0)::bigint
FROM judged"""


_WITH_LINES: Final = """SELECT row_to_json(r)::text, l.lines::text FROM receipt r JOIN (
  SELECT receipt, json_agg(g ORDER BY g.line) AS lines FROM goods g GROUP BY receipt) AS l
  ON l.receipt = r.key
ORDER BY r.source, r.original_number, r.at, r.first"""


def some(*, verdict: str, has_positions: bool, has_rounding: bool) -> str:
    """Return the statement that reads receipts of a verdict with their lines, in buckets.

    Those whose number (of the original, for a `back`) is among %(numbers)s of %(sources)s.
    """
    which = "j.original_number" if verdict == "back" else "j.number"
    receipt = RECEIPT.replace("j.lines\n", "j.lines, j.original_number, j.line AS first\n").replace(
        "j.verdict = 'new'",
        f"j.verdict = '{verdict}' AND (j.source, {which}) IN"
        " (SELECT * FROM unnest(%(sources)s::text[], %(numbers)s::text[]))",
    )
    lines = goods(has_positions=has_positions, has_rounding=has_rounding)
    return f"WITH {JUDGED.format(where=SOME, goods=_OF_LINES)}, {receipt}, {lines} {_WITH_LINES}"


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
  SELECT * FROM json_to_recordset(%(goods)s::json) AS g(
    receipt uuid, position smallint, original uuid, code text, name text, category text,
    quantity numeric, gross bigint, discount bigint, paid bigint, extra jsonb)
), {bulk.FACTS}
SELECT (SELECT count(*) FROM number),
  (SELECT count(*) FROM goods g JOIN number n ON n.purchase_id = g.receipt)"""
