"""Sweeps of plans in processes that are killed."""

from typing import Any

from regulars import registry
from regulars.followups.plans import starting, sweeping
from regulars.tenancy import context, directory
from tests.factories import followups
from tests.factories.followups import EVER, NOW
from tests.mortals import Says


def sweep(says: Says) -> None:
    """Take in what was recorded, and say so whenever the tasks of some customers were written."""
    plans = followups.vertical(followups.plan())
    registry.vertical = lambda: plans  # this process is nobody else's
    chain = directory.find("aurum")
    assert chain is not None
    start = starting._start

    def spoken(*given: Any, **named: Any) -> Any:
        found = start(*given, **named)
        says(len(found))
        return found

    starting._start = spoken
    starting._AT_ONCE = 10  # type: ignore[misc]
    with context.inside(chain):
        sweeping.sweep(now=NOW, since=EVER)
