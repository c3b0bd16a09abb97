"""Sessions of the database must be kept: the search path of a session is the chain.

A pooler that gives each transaction whichever backend is free (PgBouncer's ``pool_mode`` of
``transaction`` or ``statement``) loses the search path, or leaves it to the next chain. So each
process proves once, before it works for any chain, that its sessions are its own.
"""

import logging
import secrets
import threading
from contextlib import ExitStack
from typing import Any, Final

import psycopg
from django.db import OperationalError, connections

_LOG = logging.getLogger(__name__)
_OTHERS: Final = 4  # sessions that keep backends busy, so that a pooler shows what it is
_PATIENCE: Final = 5  # seconds to connect
_STATE: Final = "SELECT pg_backend_pid(), current_setting('search_path')"
_proven = False
_proving = threading.Lock()


class SessionsNotKept(RuntimeError):
    """Something between us and PostgreSQL shares sessions: chains would see each other."""

    def __init__(self) -> None:
        super().__init__(
            "The database address leads through a pooler that does not keep sessions, so one chain "
            "could work in another's schema. Set pool_mode=session in it, or connect to PostgreSQL "
            "itself (docs/operations.md, “Poolers”)."
        )


def check(address: str = "", **parameters: Any) -> None:
    """Prove that a session keeps its search path and its backend while others are busy.

    Takes an address or psycopg's parameters. Raises SessionsNotKept, or psycopg.OperationalError
    when the database cannot be reached. Changes nothing.
    """
    mark = f"probe_{secrets.token_hex(8)}"
    given = {"connect_timeout": _PATIENCE, "prepare_threshold": None, **parameters}
    try:
        with ExitStack() as links:
            ours = links.enter_context(psycopg.connect(address, autocommit=True, **given))
            others = [
                links.enter_context(psycopg.connect(address, **given)) for _ in range(_OTHERS)
            ]
            ours.execute("SELECT set_config('search_path', %s, false)", [mark])
            before = _state(ours)
            if before[1] != mark:
                raise SessionsNotKept
            for other in others:
                if set(before) & set(_state(other)) or _state(ours) != before:
                    raise SessionsNotKept
    except psycopg.errors.ProtocolViolation as error:  # PgBouncer's answer to BEGIN, by statement
        raise SessionsNotKept from error


def _state(link: "psycopg.Connection[Any]") -> tuple[int, str]:
    """Return backend and search path; a link without autocommit keeps its backend busy then."""
    ((backend, path),) = link.execute(_STATE).fetchall()
    return backend, path


def prove() -> None:
    """Check the roles this process knows; asked of the database once in the life of a process.

    Raises SessionsNotKept each time it is asked until a check succeeds, and Django's
    OperationalError when the database cannot be reached.
    """
    global _proven
    if _proven:
        return
    with _proving:
        for alias in connections.settings:
            if not _proven:
                with connections[alias].wrap_database_errors:
                    check(**parameters(alias))
        _proven = True


def prove_at_start() -> None:
    """Refuse to start behind such a pooler; a database that is still away is checked when used."""
    try:
        prove()
    except OperationalError as error:
        _LOG.warning("Whether sessions are kept is checked once the database is there: %s", error)


def parameters(alias: str) -> dict[str, Any]:
    """Return psycopg's parameters of a connection of Django's, for one of our own beside it."""
    given = connections[alias].get_connection_params()
    keep = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert"}
    return {key: value for key, value in given.items() if key in keep}
