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
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return cast("tuple[Any, ...] | None", cursor.fetchone())


def every(sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return all of its rows."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return cast("list[tuple[Any, ...]]", cursor.fetchall())


def run(sql: str, parameters: Parameters = ()) -> int:
    """Run a statement that answers nothing, and return how many rows it touched."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _cursor() -> AbstractContextManager[Any]:
    wrapper = cast(Any, connections[DEFAULT_DB_ALIAS])
    # Opening one of Django's cursors is what points the connection at the chain's schema.
    wrapper.cursor().close()
    bound = cast(Any, ServerBindingCursor)(wrapper.connection)
    if wrapper.queries_logged:
        return cast("AbstractContextManager[Any]", wrapper.make_debug_cursor(bound))
    return cast("AbstractContextManager[Any]", wrapper.make_cursor(bound))
