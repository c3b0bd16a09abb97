"""Cache keys that carry the chain, so that no chain can read another's entry."""

from django.db import connection


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Prefix a cache key with the schema; outside every chain it is the control plane's."""
    schema = getattr(connection, "schema_name", None) or "-"
    return f"{key_prefix}:{schema}:{version}:{key}"
