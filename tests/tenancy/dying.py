"""Provisioning and migrating, stopped wherever a test wants, to be killed there."""

import signal
import time
from typing import Any
from uuid import UUID

from django.db import connections

from regulars.tenancy import provisioning, releases, runner
from tests.mortals import Says
from tests.prepared import NOW

_DEATH_COMES_WITHIN = 600.0  # seconds


class Stop:
    """Stands still after a number of statements, in the middle of whatever transaction is open."""

    def __init__(self, says: Says, after: int, *, piecemeal: bool) -> None:
        self.says = says
        self.after = after
        self.piecemeal = piecemeal
        self.done = 0

    def __call__(self, execute: Any, *statement: Any) -> Any:
        answer = execute(*statement)
        self.count(str(statement[0]))
        return answer

    def count(self, sql: str) -> None:
        """Count a statement; at the wanted one, say which it was and wait for death."""
        self.done += 1
        if self.done == self.after:
            for each in connections.all():
                if self.piecemeal and each.connection is not None:
                    each.connection.commit()
            self.says(sql[:60])
            signal.pause()


def provision(says: Says, chain_id: UUID, after: int, piecemeal: bool) -> None:
    """Provision a chain up to a statement; tell how many there were if it comes to the end.

    With `piecemeal` what was done until then is committed, as if no transaction held it together.
    """
    stop = Stop(says, after, piecemeal=piecemeal)
    for alias in ("default", "owner"):
        connections[alias].execute_wrappers.append(stop)
    plain = provisioning._execute

    def execute(sql: str) -> None:
        plain(sql)
        stop.count(sql)

    provisioning._execute = execute
    provisioning.provision(chain_id=chain_id, now=NOW)
    says(stop.done)


def migrate(says: Says, unmarked: bool = False) -> None:
    """Migrate every chain that is behind, telling before each step.

    With `unmarked` a step is committed before it is marked as done, and death waits in between.
    """
    plain = runner._run_step

    def run_step(link: Any, schema: str, step: Any, mark: str) -> None:
        if not unmarked:
            says(schema)
            plain(link, schema, step, mark)
            return
        plain(link, schema, step, "SELECT 1")
        says(schema)
        time.sleep(_DEATH_COMES_WITHIN)

    runner._run_step = run_step
    releases.migrate_chains()
