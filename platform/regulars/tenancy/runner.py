"""Applying recorded SQL to chains: one transaction each, resumed after a kill.

What fits into a transaction is one round trip a chain: the guard, the SQL and the mark that it is
done. Steps that must run outside one are marked one by one, under a lock that is asked for and
never waited for.
"""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import psycopg

from regulars.tenancy import pooling
from regulars.tenancy.models import Chain

_PATIENCE: Final = 60.0
_MOVED: Final = "Another run changed this chain meanwhile: run once more."
_NOT_NOW: Final = "RG001"  # our own SQLSTATE
_CHAINS: Final = '"public"."tenancy_chain"'
_PER_LINK: Final = 50  # chains; a backend keeps what it has read of each
_CONCURRENT_INDEX = re.compile(
    r'^CREATE (?:UNIQUE )?INDEX CONCURRENTLY "?([\w$]+)"?', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """SQL that is done and marked as one; `version` is the last release in it."""

    version: int
    sql: str
    atomic: bool


class Runner:
    """Applies the scripts, over one connection per thread."""

    def __init__(self, scripts: Mapping[int, list[Step]], *, target: int) -> None:
        self.scripts = scripts
        self.target = target
        self._parameters = pooling.parameters("owner")
        self._mine = threading.local()
        self._links: list[psycopg.Connection[Any]] = []

    def __call__(self, chain: Chain) -> tuple[Chain, str | None]:
        """Run the steps the chain has not done; return it with the fault, or None."""
        link: psycopg.Connection[Any] | None = None
        try:
            link = self._link()
            return chain, _migrate_one(link, chain, self.scripts[chain.schema_version], self.target)
        except (psycopg.Error, TimeoutError) as error:
            if link is not None:
                link.close()
            return chain, str(error).strip()

    def _link(self) -> "psycopg.Connection[Any]":
        """Return the thread's connection, a new one before it has kept too much of the chains."""
        link = getattr(self._mine, "link", None)
        if link is None or link.closed or self._mine.used >= _PER_LINK:
            if link is not None:
                link.close()
            link = psycopg.connect(**self._parameters, autocommit=True)
            self._links.append(link)
            self._mine.link, self._mine.used = link, 0
        self._mine.used += 1
        return cast("psycopg.Connection[Any]", link)

    def close(self) -> None:
        """Close every connection."""
        for link in self._links:
            link.close()


def _migrate_one(
    link: "psycopg.Connection[Any]", chain: Chain, steps: list[Step], target: int
) -> str | None:
    if len(steps) == 1 and steps[0].atomic and _at_once(link, chain, steps[0], target):
        return None
    fault = _step_by_step(link, chain, steps, target)
    link.execute("SELECT pg_advisory_unlock_all()")
    return fault


def _at_once(link: "psycopg.Connection[Any]", chain: Chain, step: Step, target: int) -> bool:
    """Do all in one round trip, or nothing: False if the chain is not free or not as it was."""
    guard = (
        f"BEGIN; SET LOCAL lock_timeout = '5s'; DO $guard$ BEGIN\n"
        f"IF NOT pg_try_advisory_xact_lock({_lock_of(chain)}) THEN\n"
        f"RAISE EXCEPTION 'busy' USING ERRCODE = '{_NOT_NOW}'; END IF;\n"
        f"PERFORM FROM {_CHAINS} WHERE id = '{chain.pk}' AND schema_step = 0"
        f" AND schema_version = {chain.schema_version};\n"
        f"IF NOT FOUND THEN RAISE EXCEPTION 'moved' USING ERRCODE = '{_NOT_NOW}'; END IF;\n"
        "END $guard$"
    )
    mark = _mark(chain, version=target, step=0)
    path = f'SET LOCAL search_path = "{chain.schema_name}"'
    try:
        link.execute(f"{guard};\n{path};\n{step.sql};\n{mark};\nCOMMIT".encode())
    except psycopg.Error as error:
        if error.sqlstate != _NOT_NOW:
            raise
        link.rollback()
        return False
    return True


def _step_by_step(
    link: "psycopg.Connection[Any]", chain: Chain, steps: list[Step], target: int
) -> str | None:
    version, done = _taken(link, chain)
    if version != chain.schema_version:
        return None if version >= target else _MOVED
    for number, step in enumerate(steps, start=1):
        if number <= done:
            continue
        if number == len(steps):
            mark = _mark(chain, version=target, step=0)
        else:
            mark = _mark(chain, version=chain.schema_version, step=number)
        _run_step(link, chain.schema_name, step, mark)
    return None


def _mark(chain: Chain, *, version: int, step: int) -> str:
    return (
        f"UPDATE {_CHAINS} SET schema_version = {version}, schema_step = {step}, "
        f"schema_fault = '' WHERE id = '{chain.pk}'"
    )


def _lock_of(chain: Chain) -> str:
    return f"hashtextextended('migrate:{chain.schema_name}', 0)"


def _taken(link: "psycopg.Connection[Any]", chain: Chain) -> tuple[int, int]:
    """Take the chain for this connection; return its version and the steps done beyond it.

    Another runner may be at it, or one that was killed: the database goes on with what that one
    had sent. It is asked for again and again, because whoever waits inside a statement would keep
    the other's concurrent index from being finished.
    """
    question = (
        f"SELECT pg_try_advisory_lock({_lock_of(chain)}); "
        f"SELECT schema_version, schema_step FROM {_CHAINS} WHERE id = '{chain.pk}'"
    )
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        answer = link.execute(question.encode())
        if answer.fetchall()[0][0]:
            answer.nextset()
            ((version, done),) = answer.fetchall()
            return version, done
        time.sleep(0.05)
    raise TimeoutError("Another run has been at work on this chain for a minute.")


def _run_step(link: "psycopg.Connection[Any]", schema: str, step: Step, mark: str) -> None:
    if step.atomic:
        link.execute(
            f"BEGIN; SET LOCAL search_path = \"{schema}\"; SET LOCAL lock_timeout = '5s';\n"
            f"{step.sql};\n{mark};\nCOMMIT".encode()
        )
        return
    link.execute(f'SET search_path = "{schema}"'.encode())
    leftover = _CONCURRENT_INDEX.match(step.sql)
    if leftover:  # an interrupted build leaves an invalid index under the same name
        link.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{leftover[1]}"'.encode())
    link.execute(step.sql.encode())
    link.execute(mark.encode())
