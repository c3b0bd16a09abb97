"""What a chain holds, in one text: to be the same before and after."""

from django.db import connections

from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo


def fingerprint(chain: ChainInfo) -> str:
    """Hash every row of a chain, table by table."""
    with context.inside(chain), connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace ="
            " %s::regnamespace ORDER BY 1",
            [chain.schema_name],
        )
        parts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            parts.append(f"{table} {cursor.fetchone()[0]}")
    return "\n".join(parts)
