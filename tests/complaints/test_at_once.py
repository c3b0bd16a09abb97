"""Several people at one complaint in the same moment, with commits that are real (Q2, Q6)."""

import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.db import connections

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import services
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.services import escalating, remedies
from regulars.errors import RegularsError
from regulars.outbox.models import Job
from regulars.staff.models import Role
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import compensate
from tests import counts
from tests.counts import Note
from tests.factories import complaints, people
from tests.factories.complaints import HOUR
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))
ROUNDS = counts.of(2, proof=50)
pytestmark = pytest.mark.proof("several people let loose at the same moment, real commits")


@pytest.fixture
def chain(own_database: str) -> Iterator[ChainInfo]:
    """Work in a chain whose commits are real."""
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        yield found


def at_once(chain: ChainInfo, *works: Callable[[], object]) -> list[str]:
    """Do all of it at once, each on a connection of its own; return what each ended with."""
    start = threading.Barrier(len(works))
    ends: list[str] = []

    def run(work: Callable[[], object]) -> None:
        try:
            with context.inside(chain):
                start.wait()
                work()
            ends.append("done")
        except RegularsError as refused:
            ends.append(refused.code)
        except Exception as fault:  # noqa: BLE001  (it must be seen in the test's own thread)
            ends.append(repr(fault))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_two_managers_approve_once(chain: ChainInfo, record_property: Note) -> None:
    cast = complaints.cast()
    second = people.actor(people.staff(name="Max", role=Role.STORE_MANAGER, stores=(cast.store,)))
    for turn in range(ROUNDS):
        case = complaints.case(cast, key=str(turn))
        wish = remedies.Wish(kind="gift", label="Box", amount_minor=100)
        remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")

        def approve(who: Actor, remedy: Remedy = remedy) -> None:
            remedies.approve(actor=who, remedy_id=remedy.pk, now=NOW)

        ends = at_once(chain, lambda: approve(cast.manager), lambda: approve(second))

        assert ends == ["done", "remedy-decided"]
        steps = Entry.objects.filter(case=case, kind="remedy-approved")
        assert steps.count() == 1
        remedy.refresh_from_db()
        assert (remedy.state, remedy.approved_by_id) == ("approved", steps.get().by_id)
        assert remedy.second_by_id is None
    record_property("rounds", ROUNDS)


def test_a_remedy_is_carried_out_once(chain: ChainInfo) -> None:
    cast = complaints.cast()
    case = complaints.case(cast)
    wish = remedies.Wish(kind="points", label="Sorry", points=100, amount_minor=700)
    remedy = remedies.ask(actor=cast.office, case_id=case.pk, wish=wish, now=NOW, key="r")

    def carry_out() -> None:
        compensate.carry_out(actor=cast.office, remedy_id=remedy.pk, now=NOW)

    ends = at_once(chain, *[carry_out] * 4)

    assert ends == ["done"] + ["remedy-decided"] * 3
    case.refresh_from_db()
    assert case.cost_minor == 700


def test_the_first_who_opens_a_complaint_of_the_web_owns_it(
    chain: ChainInfo, record_property: Note
) -> None:
    cast = complaints.cast()
    for turn in range(ROUNDS):
        case = complaints.case(cast, by=CUSTOMER, raised="web", customer_id=None, key=str(turn))

        def take(who: Actor, case: Case = case) -> None:
            services.take(actor=who, case_id=case.pk, now=NOW)

        ends = at_once(chain, lambda: take(cast.guide), lambda: take(cast.colleague))

        assert ends == ["done", "not-found"]
        taken = Entry.objects.get(case=case, kind="taken")
        case.refresh_from_db()
        assert case.owner_id == taken.by_id
    record_property("rounds", ROUNDS)


def test_of_eight_who_make_the_same_move_one_does(chain: ChainInfo) -> None:
    cast = complaints.cast()
    case = complaints.case(cast)
    moves: list[tuple[str, Callable[[str], object]]] = [
        ("apologised", lambda key: services.apologise(
            actor=cast.guide, case_id=case.pk, text="Sorry", now=NOW, key=key)),
        ("investigating", lambda key: services.investigate(
            actor=cast.guide, case_id=case.pk, text="I see", promised_at=NOW + HOUR, now=NOW,
            key=key)),
    ]  # fmt: skip
    for kind, move in moves:
        ends = at_once(
            chain,
            *[lambda key=f"{kind}-{n}": move(key) for n in range(8)],  # noqa: B023
        )

        assert ends == ["complaint-not-now"] * 7 + ["done"]
        assert Entry.objects.filter(case=case, kind=kind).count() == 1
    case.refresh_from_db()
    assert case.version == Entry.objects.filter(case=case).count()


def test_eight_sweeps_draw_in_and_tell_once(chain: ChainInfo) -> None:
    cast = complaints.cast()
    for turn in range(5):
        complaints.case(cast, severity="high", key=str(turn))

    ends = at_once(chain, *[lambda: escalating.sweep(now=NOW + HOUR)] * 8)

    assert ends == ["done"] * 8
    assert Entry.objects.filter(kind="escalated").count() == 5
    assert Job.objects.filter(handler="complaint.drawn-in").count() == 5


def test_positive_control_without_the_lock_both_approve(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = complaints.cast()
    case = complaints.case(cast)
    wish = remedies.Wish(kind="gift", label="Box", amount_minor=100)
    remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")
    both_have_read = threading.Barrier(2)

    def unheld(_actor: Actor, remedy_id: UUID) -> tuple[Case, Remedy]:
        found = Remedy.objects.select_related("case__store", "case__customer").get(pk=remedy_id)
        both_have_read.wait()
        return found.case, found

    monkeypatch.setattr(remedies, "held", unheld)

    def approve(who: Actor) -> None:
        remedies.approve(actor=who, remedy_id=remedy.pk, now=NOW)

    ends = at_once(chain, lambda: approve(cast.manager), lambda: approve(cast.office))

    assert ends == ["done", "done"]
    assert Entry.objects.filter(case=case, kind="remedy-approved").count() == 2
