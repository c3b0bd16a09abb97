"""Every move by everybody in any order: no open list is closed, no second owner, all is kept."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from regulars.audit import Actor
from regulars.complaints import access, checklist, services, way
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import writing
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.complaints.walking import MOVES, VERBS, ComplaintMachine, RolledBack, walk
from tests.counts import Note

WANTED = counts.of(120, proof=10_000)
MOST = 3 * WANTED  # as long as something was never done


def lacking() -> set[str]:
    """Return what nobody has done yet, and the ends that were not reached."""
    return VERBS - set(ComplaintMachine.done) | set(way.End) - set(ComplaintMachine.over)


@pytest.mark.proof("hypothesis tries every move by every role in any order, as time passes")
def test_no_order_of_moves_by_anybody_breaks_the_rules(
    inside_aurum: ChainInfo, record_property: Note
) -> None:
    RolledBack.steps, start = 0, counts.seed()
    ComplaintMachine.over.clear()
    ComplaintMachine.done.clear()

    while RolledBack.steps < WANTED or (counts.IS_LONG and lacking() and RolledBack.steps < MOST):
        walk(start=start + RolledBack.steps)

    assert not counts.IS_LONG or not lacking(), "never done or never reached"
    record_property("moves", RolledBack.steps)
    record_property("of them not refused", ComplaintMachine.done.total())
    reached = ", ".join(sorted(ComplaintMachine.over))
    record_property("found", f"nothing wrong, seed {start}; ends seen: {reached}")


def nobody_looks_at_the_list(patch: pytest.MonkeyPatch) -> Callable[[RolledBack], None]:
    patch.setattr(checklist, "open_items", lambda items, past: ())
    return lambda machine: machine.moves(0, MOVES[0], "Words")


def whoever_opens_it_has_it(patch: pytest.MonkeyPatch) -> Callable[[RolledBack], None]:
    def take(*, actor: Actor, case_id: UUID, now: datetime) -> Case:
        case = access.locked(actor=actor, case_id=case_id)
        case.owner_id = actor.id
        writing.write(case, "taken", actor=actor, now=now)
        return case

    patch.setattr(services, "take", take)
    return lambda machine: machine.takes(2)


def steps_are_not_kept(patch: pytest.MonkeyPatch) -> Callable[[RolledBack], None]:
    patch.setattr(Entry, "save", lambda *_given, **_named: None)
    return lambda machine: machine.moves(0, (services.note, {}), "Words")


@pytest.mark.proof("one step of the walk, with a guard switched off each time")
@pytest.mark.parametrize(
    "switch_off", [nobody_looks_at_the_list, whoever_opens_it_has_it, steps_are_not_kept]
)
def test_positive_control_without_a_guard_the_walk_stops(
    inside_aurum: ChainInfo,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
    switch_off: Callable[[pytest.MonkeyPatch], Callable[[RolledBack], None]],
) -> None:
    machine = RolledBack()
    try:
        machine.begin(web=False, template="")
        machine.looked_at()
        tried = switch_off(monkeypatch)

        with pytest.raises(AssertionError):
            machine.looked_at(after=tried)
    finally:
        machine.teardown()
    record_property("found", f"{switch_off.__name__.replace('_', ' ')}: noticed")
