"""How a connection is pointed at a chain's schema, and when it has served enough of them.

The search path is set by one short message of libpq's own, without a cursor: that is what a
request in a chain pays more than one in a single schema, and half as much as through psycopg.

A pooled connection is replaced once it has served many chains. A backend of PostgreSQL keeps what
it has read of every table it ever touched and frees none of it: 30 kB for a chain in which it did
a short job, 200 kB where it read for a page, 1.3 MB where it saw everything. By age alone that is
not bounded. A worker, which visits every chain all the time, keeps more of them: what it has read
already it need not read again.
"""

import time
from functools import lru_cache
from typing import Any, ClassVar, Final

from django.conf import settings
from django_tenants.postgresql_backend import base
from psycopg import errors, pq

_EXPIRED: Final = 0.0


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """Sets the search path, and counts the schemas each connection was pointed at."""

    chains_kept: ClassVar[int | None] = None  # unless it is `settings.CHAINS_PER_CONNECTION`
    search_path_set_schemas: tuple[str, ...] | None

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Point the connection at the schema asked for, unless it points there.

        Raises Django's OperationalError. Inside a transaction that failed it cannot be done, and
        need not: nothing but a rollback is possible there, which makes us set it anew.
        """
        if self.search_path_set_schemas:
            return
        if not self.schema_name:
            super()._handle_search_path(cursor)  # raises ImproperlyConfigured
            return
        schemas = _schemas(self.schema_name, with_public=self.include_public_schema)
        link = self.connection
        if self._point(link, schemas):
            self.search_path_set_schemas = schemas
            self._note_chain(link, self.schema_name)

    def _point(self, link: Any, schemas: tuple[str, ...]) -> bool:
        began = time.monotonic()
        statement = "SET search_path = " + ", ".join(f'"{each}"' for each in schemas)
        with self.wrap_database_errors, link.lock:
            answer = link.pgconn.exec_(statement.encode())
        if self.queries_logged:
            took = f"{time.monotonic() - began:.3f}"
            self.queries_log.append({"sql": statement, "time": took})
        if answer.status == pq.ExecStatus.COMMAND_OK:
            return True
        if link.pgconn.transaction_status != pq.TransactionStatus.INERROR:
            with self.wrap_database_errors:
                raise _error(link.pgconn, answer)
        return False

    def _note_chain(self, link: Any, name: str) -> None:
        if not hasattr(link, "chains_seen"):
            link.chains_seen = set()
        link.chains_seen.add(name)
        # looked at by the pool when it gets the connection back: it opens another in its place
        most = self.chains_kept or settings.CHAINS_PER_CONNECTION
        if len(link.chains_seen) > most and hasattr(link, "_expire_at"):
            link._expire_at = _EXPIRED


def _error(pgconn: Any, answer: Any) -> Exception:
    """Return psycopg's error; libpq gives none of its own answers an SQLSTATE to tell it by."""
    if pgconn.status == pq.ConnStatus.BAD:
        return errors.OperationalError(answer.get_error_message())
    return errors.error_from_result(answer)


@lru_cache(10_000)
def _schemas(name: str, *, with_public: bool) -> tuple[str, ...]:
    """Return what the path is made of; raises ValidationError for what would break its quotes."""
    schemas = dict.fromkeys((name, "public") if with_public else (name,))
    for each in schemas:
        base._check_schema_name(each)
    return tuple(schemas)
