"""What must hold of purchases: each question should find nothing. `points.verification` asks."""

from typing import Final

_STANDS: Final = """kind IN ('sale', 'return') AND NOT EXISTS (
  SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void')"""

CHECKS: Final[dict[str, str]] = {
    "receipt-number-twice": f"""
        SELECT (array_agg(id))[1], source || ' ' || number || ', ' || count(*) || ' times'
        FROM purchases_purchase p WHERE {_STANDS}
        GROUP BY source, number HAVING count(*) > 1""",  # noqa: S608  (only constants of ours are joined)
    "purchase-without-its-number": f"""
        SELECT p.id, p.source || ' ' || p.number FROM purchases_purchase p WHERE {_STANDS}
          AND NOT EXISTS (SELECT FROM purchases_number n WHERE n.purchase_id = p.id)""",  # noqa: S608  (as above)
    "number-of-no-purchase": """
        SELECT n.id, n.source || ' ' || n.number FROM purchases_number n
        LEFT JOIN purchases_purchase p ON p.id = n.purchase_id
        WHERE p.id IS NULL OR (p.source, p.number) <> (n.source, n.number)""",
    "purchase-differs-from-its-lines": """
        SELECT p.id, p.paid_minor || ' <> ' || sum(l.paid_minor)
        FROM purchases_purchase p JOIN purchases_line l ON l.purchase_id = p.id
        GROUP BY p.id HAVING p.paid_minor <> sum(l.paid_minor)""",
    "line-without-purchase": """
        SELECT l.id, l.purchase_id::text FROM purchases_line l
        WHERE NOT EXISTS (SELECT FROM purchases_purchase p WHERE p.id = l.purchase_id)""",
    # What an import brought is counted at its end, so the youngest of it is left out.
    "standing-differs-from-purchases": """
        SELECT customer_id, coalesce(s.paid_minor, 0) || ' in ' || coalesce(s.purchases, 0)
          || ' <> ' || coalesce(f.paid, 0) || ' in ' || coalesce(f.purchases, 0)
        FROM purchases_standing s FULL JOIN (
          SELECT customer_id, sum(paid_minor) AS paid, sum(counts) AS purchases,
            bool_or(import_id IS NOT NULL AND recorded_at > now() - interval '1 day') AS is_young
          FROM purchases_purchase WHERE customer_id IS NOT NULL GROUP BY customer_id
        ) AS f USING (customer_id)
        WHERE f.is_young IS NOT TRUE AND (coalesce(s.paid_minor, 0), coalesce(s.purchases, 0))
          <> (coalesce(f.paid, 0), coalesce(f.purchases, 0))""",
}  # fmt: skip
