"""Finding customers for many rows at once, by whatever each row knows them by.

One expression, joined to a statement of somebody else's, so that a file of a million purchases
needs no round trip for each.
"""

from string import Template
from typing import Final

# Whoever the record belongs to now; a phone that several share means who changed last.
_FOUND: Final = Template("""coalesce(
  (SELECT s.id FROM customers_customer c
     JOIN customers_customer s ON s.id = coalesce(c.merged_into_id, c.id) AND s.state = 'active'
    WHERE c.id = $id),
  (SELECT s.id FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
     JOIN customers_customer s ON s.id = coalesce(c.merged_into_id, c.id) AND s.state = 'active'
    WHERE i.source = $source AND i.number = $number),
  (SELECT s.id FROM customers_customer c
     JOIN customers_customer s ON s.id = coalesce(c.merged_into_id, c.id) AND s.state = 'active'
    WHERE c.member_code = $code COLLATE "C"),
  (SELECT s.id FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id
     JOIN customers_customer s ON s.id = coalesce(c.merged_into_id, c.id) AND s.state = 'active'
    WHERE i.source = 'card' AND i.number = $card),
  CASE WHEN $phone IS NOT NULL THEN (
    SELECT s.id FROM (
      SELECT coalesce(c.merged_into_id, c.id) AS id FROM customers_customer c
       WHERE reverse(c.phone) = reverse($phone) COLLATE "C" AND c.state <> 'erased'
      UNION
      SELECT coalesce(c.merged_into_id, c.id) FROM customers_identity i
        JOIN customers_customer c ON c.id = i.customer_id
       WHERE i.source = 'phone' AND i.number = $phone) AS f
    JOIN customers_customer s ON s.id = f.id AND s.state = 'active'
    ORDER BY s.changed_at DESC, s.id LIMIT 1) END)""")


def found(*, key: str, source: str, number: str, code: str, card: str, phone: str) -> str:
    """Return SQL for the active customer a row means; the arguments are SQL, never values.

    `key` is our own (uuid), `number` that of the system `source`, `code` and `card` as
    naming.clean_code writes them, `phone` is E.164. The first of them, in this order, that
    somebody is known by decides. NULL when nobody is.
    """
    return _FOUND.substitute(
        id=key, source=source, number=number, code=code, card=card, phone=phone
    )
