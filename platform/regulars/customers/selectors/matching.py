"""Finding customers for many rows at once, by whatever each row knows them by.

One expression, joined to a statement of somebody else's, so that a file of a million purchases
needs no round trip for each.
"""

from typing import Final

# Who was merged into nobody is not looked up a second time.
_KEPT: Final = "LEFT JOIN customers_customer m ON m.id = c.merged_into_id"
_ACTIVE: Final = "coalesce(m.state, c.state) = 'active'"


def found(
    *,
    key: str | None,
    source: str,
    number: str | None,
    code: str | None,
    card: str | None,
    phone: str | None,
) -> str:
    """Return SQL for the active customer a row means; the arguments are SQL, never values.

    `key` is our own (uuid), `number` that of the system `source`, `code` and `card` as
    naming.clean_code writes them, `phone` is E.164. The first of them, in this order, that
    somebody is known by decides. NULL when nobody is. What no row has is None, and not asked for.
    """
    ways = []
    if key:
        ways.append(
            "(SELECT coalesce(m.id, c.id) FROM customers_customer c "  # noqa: S608
            f"{_KEPT} WHERE c.id = {key} AND {_ACTIVE})"
        )
    if number:
        ways.append(by_number(source=source, number=number))
    if code:
        ways.append(by_code(code))
    if card:
        ways.append(by_number(source="'card'", number=card))
    if phone:
        ways.append(f"CASE WHEN {phone} IS NOT NULL THEN {by_phone(phone)} END")
    return f"coalesce({', '.join((*ways, 'NULL::uuid'))})"


def by_number(*, source: str, number: str) -> str:
    """Return SQL for the active customer with a number in another system, or with a card."""
    return (
        "(SELECT coalesce(m.id, c.id) FROM customers_identity i "  # noqa: S608
        f"JOIN customers_customer c ON c.id = i.customer_id {_KEPT} "
        f"WHERE i.source = {source} AND i.number = {number} AND {_ACTIVE})"
    )


def by_code(code: str) -> str:
    """Return SQL for the active customer with a member code."""
    return (
        f"(SELECT coalesce(m.id, c.id) FROM customers_customer c {_KEPT} "  # noqa: S608
        f'WHERE c.member_code = {code} COLLATE "C" AND {_ACTIVE})'
    )


def by_phone(phone: str) -> str:
    """Return SQL for the active customer with a phone; of several, who changed last."""
    return (
        "(SELECT s.id FROM ("  # noqa: S608
        "SELECT coalesce(c.merged_into_id, c.id) AS id FROM customers_customer c "
        f"WHERE reverse(c.phone) = reverse({phone}) COLLATE \"C\" AND c.state <> 'erased' "
        "UNION SELECT coalesce(c.merged_into_id, c.id) FROM customers_identity i "
        "JOIN customers_customer c ON c.id = i.customer_id "
        f"WHERE i.source = 'phone' AND i.number = {phone}) AS f "
        "JOIN customers_customer s ON s.id = f.id AND s.state = 'active' "
        "ORDER BY s.changed_at DESC, s.id LIMIT 1)"
    )
