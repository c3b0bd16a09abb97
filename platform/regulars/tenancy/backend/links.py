"""psycopg's connection and cursor, for a session whose search path is the chain.

What a session must be told before its next statement (``BEGIN`` where a transaction is due, and
the search path) is sent with that statement, in one message of the simple protocol. PostgreSQL
reads it from left to right and stops at the first error, and outside of a transaction takes the
message as one: a statement can run only after the path before it was set, and if it fails the path
is as before, and is sent again. What cannot ride in front of a statement (a COPY, a cursor or
parameters of the server's, a pipeline, a statement that refuses transactions) is preceded by a
message of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import errors, generators, pq

_RIDES: Final = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|SAVEPOINT|\()")
_NOWHERE: Final = b""
_IDLE: Final = pq.TransactionStatus.IDLE
_INERROR: Final = pq.TransactionStatus.INERROR
_OK: Final = pq.ExecStatus.COMMAND_OK


class PointsNowhere(psycopg.ProgrammingError):
    """A statement was about to run on a connection that works for no chain any more."""


class Link(psycopg.Connection[Any]):
    """A connection that is told where to point, and tells the server when it must."""

    chains_seen: set[str]
    _ahead: bytes | None = None  # the search path to set before the next statement
    _rider: "Rider | None" = None  # the cursor that takes it along just now

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.chains_seen = set()

    def point(self, statement: str) -> None:
        """Set the search path with this statement before anything else is done."""
        self._ahead = statement.encode()

    def leave(self) -> None:
        """Work for nobody: whatever is asked before the next `point` raises PointsNowhere."""
        self._ahead = _NOWHERE

    @contextmanager
    def for_nobody(self) -> Iterator[None]:
        """Let through within the block what needs no chain: is this connection alive?"""
        before, self._ahead = self._ahead, None
        try:
            yield
        finally:
            self._ahead = before

    def due(self) -> list[bytes]:
        """Return what must be said before the next statement; raises PointsNowhere.

        Nothing where a transaction has failed: there PostgreSQL only takes a rollback, after which
        Django asks for the path again.
        """
        if self._ahead == _NOWHERE:
            raise PointsNowhere("This connection works for no chain: choose one first.")
        status = self.pgconn.transaction_status
        if status == _INERROR:
            return []
        begin = not self._autocommit and status == _IDLE
        said = [self._get_tx_start_command()] if begin else []
        return said if self._ahead is None else [*said, self._ahead]

    def is_due(self) -> bool:
        """Say whether something may ride in front of the next statement."""
        if self._pipeline:
            return False
        is_begun = self._autocommit or self.pgconn.transaction_status != _IDLE
        return self._ahead is not None or not is_begun

    def said(self) -> None:
        """Note that the search path is set."""
        self._ahead = None

    def _start_query(self) -> Any:
        """Say what is due in a message of its own, unless the statement takes it along."""
        if self._rider is not None:
            return
        if self._ahead is None:
            yield from super()._start_query()
        elif self._pipeline:
            yield from self._say_in_pipeline()
        elif due := self.due():
            self._check_connection_ok()
            self.pgconn.send_query(b";".join(due))
            for answer in (yield from generators.execute(self.pgconn)):
                if answer.status != _OK:
                    raise _error(self.pgconn, answer)
            self.said()

    def _say_in_pipeline(self) -> Any:
        """Queue the path without a Sync: if it fails, the server skips what comes behind it.

        Whether it was set is only known later, so it is said again after the pipeline.
        """
        path = self.due()[-1:]
        yield from super()._start_query()
        for each in path:
            yield from self._exec_command(each)


class Rider(psycopg.Cursor[Any]):
    """A cursor whose statement takes along what its connection must say first."""

    def _execute_gen(self, query: Any, params: Any = None, **options: Any) -> Any:
        link: Any = self._conn
        if link.is_due() and isinstance(query, str) and _RIDES.match(query):
            return self._ride_gen(link, query, params)
        return super()._execute_gen(query, params, **options)

    def _ride_gen(self, link: Link, query: str, params: Any) -> Any:
        link._rider = self
        try:
            yield from self._start_query(query)
        finally:
            link._rider = None
        self._query = self._convert_query(query, params)
        due = link.due()
        # on a line of its own, so that PostgreSQL quotes the statement alone if it fails
        self._pgconn.send_query(b"".join(each + b";\n" for each in due) + self._query.query)
        answers = yield from generators.execute(self._pgconn)
        self._check_results(answers)
        if len(answers) <= len(due):
            raise errors.InternalError("The statement has no answer of its own.")
        if due:
            link.said()
            del answers[: len(due)]
        self._set_results(answers)
        self._last_query = query


def _error(pgconn: Any, answer: Any) -> Exception:
    """Return psycopg's error; libpq gives none of its own answers an SQLSTATE to tell it by."""
    if pgconn.status == pq.ConnStatus.BAD:
        return errors.OperationalError(answer.get_error_message())
    return errors.error_from_result(answer)
