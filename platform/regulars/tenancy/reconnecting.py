"""A database that was killed and is back is used at once: nobody is handed a dead connection.

Both parts are options of the connection pool. Neither costs a round trip while all is well.
"""

import logging
import select
import time
from typing import Any, Final, Self

import psycopg
from psycopg_pool import ConnectionPool

from regulars.tenancy.backend import links

_LOG = logging.getLogger(__name__)
_TRY_FOR: Final = 30.0  # seconds; then the pool goes on with longer and longer pauses
_PAUSE: Final = 0.2
_HOPELESS: Final = ("28", "3D")  # wrong password, no such database


class Connection(links.Link):
    """A connection that is tried for again while the database restarts.

    The pool by itself waits for one second, then two, four and so on, and would find a database
    that needed ten seconds to recover only after fifteen.
    """

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Self:
        """Connect, with tries until it is there; raises psycopg.OperationalError after a while."""
        until = time.monotonic() + _TRY_FOR
        while True:
            try:
                return super().connect(conninfo, **kwargs)
            except psycopg.OperationalError as error:
                is_hopeless = (error.sqlstate or "").startswith(_HOPELESS)
                if is_hopeless or "password" in str(error) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)


def check(connection: links.Link) -> None:
    """Refuse a connection whose server has closed it; raises psycopg.OperationalError.

    Nothing is said on an idle connection, so one that has something to read is asked about. One
    that is dead is not alone: the pool replaces all it keeps.
    """
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    if not poller.poll(0):
        return
    try:
        with connection.for_nobody():
            ConnectionPool.check_connection(connection)
    except psycopg.Error:
        _LOG.warning("The database has closed our connections; they are replaced.")
        _drain()
        raise


def _drain() -> None:
    from django.db import connections

    pool = connections["default"].pool  # type: ignore[attr-defined]
    if pool is not None:
        pool.drain()
