"""How a connection is pointed at a chain's schema, and when it has served enough of them.

The search path travels with the first statement (`links`): working in a chain costs no round trip
more than working in a single schema.

A pooled connection is replaced once it has served many chains. A backend of PostgreSQL keeps what
it has read of every table it ever touched and frees none of it: 30 kB for a chain in which it did
a short job, 200 kB where it read for a page, 1.3 MB where it saw everything. By age alone that is
not bounded. A worker, which visits every chain all the time, keeps more of them: what it has read
already it need not read again.
"""

from functools import lru_cache
from types import SimpleNamespace
from typing import Any, ClassVar, Final

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base as django_base
from django.utils.functional import cached_property
from django_tenants.postgresql_backend import base

from regulars.tenancy.backend import links

_EXPIRED: Final = 0.0


class Cursor(links.Rider, django_base.Cursor):
    """Django's cursor, whose statement takes the search path along."""


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """Sets the search path, and counts the schemas each connection was pointed at."""

    chains_kept: ClassVar[int | None] = None  # unless it is `settings.CHAINS_PER_CONNECTION`
    search_path_set_schemas: tuple[str, ...] | None

    # psycopg as Django uses it, but for the connections it makes without a pool
    Database = SimpleNamespace(**{**vars(psycopg), "connect": links.Link.connect})

    def get_connection_params(self) -> dict[str, Any]:
        """Have psycopg make cursors of ours where Django would have its own."""
        found: dict[str, Any] = super().get_connection_params()
        if found["cursor_factory"] is django_base.Cursor:
            found["cursor_factory"] = Cursor
        return found

    @property
    def pool(self) -> Any:
        """Return the pool, which holds connections of ours whatever else it was told."""
        given = self.settings_dict["OPTIONS"].get("pool")
        if given and (given is True or "connection_class" not in given):
            options = {} if given is True else given
            self.settings_dict["OPTIONS"]["pool"] = {**options, "connection_class": links.Link}
        return super().pool

    @cached_property
    def pg_version(self) -> int:
        """Read what the server said as we connected: checks of models ask it outside any chain.

        The first connection of a process looks up types on its way, which needs some place to be.
        """
        is_open, is_nowhere = self.connection is not None, self._is_nowhere()
        if is_nowhere:
            self.set_schema_to_public()
        try:
            self.ensure_connection()
            return int(self.connection.info.server_version)
        finally:
            if not is_open:
                self.close()
            if is_nowhere:
                self.tenant, self.schema_name = None, None

    def _is_nowhere(self) -> bool:
        return not self.schema_name

    def close(self) -> None:
        """Give the connection back; a cursor of it that somebody kept can do nothing more."""
        if self.connection is not None:
            self.connection.leave()
        super().close()

    def is_usable(self) -> bool:
        """Ask the server, whether or not a chain is chosen."""
        if self.connection is None:
            return False
        with self.connection.for_nobody():
            return bool(super().is_usable())

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Have the connection pointed at the schema asked for, unless it points there.

        Inside a transaction that failed it cannot be done, and need not: nothing but a rollback
        is possible there, which makes us ask for it anew.
        """
        if self.search_path_set_schemas:
            return
        if not self.schema_name:
            super()._handle_search_path(cursor)  # raises ImproperlyConfigured
            return
        schemas = _schemas(self.schema_name, with_public=self.include_public_schema)
        statement = "SET search_path = " + ", ".join(f'"{each}"' for each in schemas)
        if self.queries_logged:
            self.queries_log.append({"sql": statement, "time": "0.000"})
        self.connection.point(statement)
        self.search_path_set_schemas = schemas
        self._note_chain(self.connection, self.schema_name)

    def _note_chain(self, link: links.Link, name: str) -> None:
        link.chains_seen.add(name)
        # looked at by the pool when it gets the connection back: it opens another in its place
        most = self.chains_kept or settings.CHAINS_PER_CONNECTION
        if len(link.chains_seen) > most and hasattr(link, "_expire_at"):
            link._expire_at = _EXPIRED


@lru_cache(10_000)
def _schemas(name: str, *, with_public: bool) -> tuple[str, ...]:
    """Return what the path is made of; raises ValidationError for what would break its quotes."""
    schemas = dict.fromkeys((name, "public") if with_public else (name,))
    for each in schemas:
        base._check_schema_name(each)
    return tuple(schemas)
