"""Hot statements: bound and prepared by the server, on the current chain's connection.

Django binds parameters on the client, so no text comes twice and nothing is ever prepared. Here
the text stays the same, and psycopg prepares it after a few runs. The statement is written down
like any other, so tests that count queries see it.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import ServerBindingCursor

type Parameters = Sequence[object] | Mapping[str, object]


def one(sql: str, parameters: Parameters = ()) -> tuple[Any, ...] | None:
    """Run a statement and return its first row, if there is any."""
    with _executed(sql, parameters) as cursor:
        return cast("tuple[Any, ...] | None", cursor.fetchone())


def every(sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return all of its rows."""
    with _executed(sql, parameters) as cursor:
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def run(sql: str, parameters: Parameters = ()) -> int:
    """Run a statement that answers nothing, and return how many rows it touched."""
    with _executed(sql, parameters) as cursor:
        return int(cursor.rowcount)


def squeezed(sql: str) -> str:
    """Return a statement without its layout: psycopg parses texts over 4,096 signs every time.

    For constants of ours only: spaces within quotes would be lost too.
    """
    return " ".join(sql.split()).replace(", ", ",")


def _executed(sql: str, parameters: Parameters) -> AbstractContextManager[Any]:
    """Run a statement; straight on psycopg's connection once that points at the chain.

    What Django's own cursor does around it is 20 microseconds of a sale's; its guards stay.
    """
    wrapper = cast(Any, connections[DEFAULT_DB_ALIAS])
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    if not wrapper.search_path_set_schemas or wrapper.queries_logged or wrapper.execute_wrappers:
        cursor = _cursor(wrapper)
        cursor.execute(sql, parameters)
        return cast("AbstractContextManager[Any]", cursor)
    wrapper.validate_thread_sharing()
    wrapper.validate_no_broken_transaction()
    bound = cast(Any, ServerBindingCursor)(wrapper.connection)
    with wrapper.wrap_database_errors:
        bound.execute(sql, parameters)
    return cast("AbstractContextManager[Any]", bound)


def _cursor(wrapper: Any) -> Any:
    # Opening one of Django's cursors is what points the connection at the chain's schema.
    wrapper.cursor().close()
    bound = cast(Any, ServerBindingCursor)(wrapper.connection)
    return (
        wrapper.make_debug_cursor(bound) if wrapper.queries_logged else wrapper.make_cursor(bound)
    )
