"""What lists of complaints are narrowed by, the figures beside them, and many stores as one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import selectors, services
from regulars.complaints.models import Case
from regulars.complaints.selectors import Wanted, Whose, sources
from regulars.errors import Forbidden
from regulars.staff.models import Role, Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints, people
from tests.factories.complaints import HOUR, Cast
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def from_the_web(cast: Cast, **facts: Any) -> Case:
    """Raise a complaint that nobody has opened."""
    return complaints.case(
        cast, by=CUSTOMER, raised="web", customer_id=None, key=f"web-{Case.objects.count()}",
        **facts,
    )  # fmt: skip


def ended(cast: Cast, case: Case, *, hours: int) -> Case:
    """End a complaint some hours from now."""
    services.end(
        actor=cast.manager, case_id=case.pk, how="spam", reason="No", now=NOW + hours * HOUR,
        key="e",
    )  # fmt: skip
    return case


def listed(actor: Actor, *, hours: int = 0, size: int = 50, **wanted: Any) -> list[Case]:
    """Walk every page."""
    found, after = [], None
    while True:
        page = selectors.page(
            actor=actor, wanted=Wanted(**wanted), now=NOW + hours * HOUR, after=after, limit=size
        )
        found += [item.case for item in page.items]
        after = page.after
        if after is None:
            return found


def test_mine_are_also_those_somebody_looks_at_afresh(cast: Cast) -> None:
    hers = complaints.case(cast, severity="low", key="a")
    complaints.case(cast, severity="low", key="b")
    Case.objects.filter(pk=hers.pk).update(round=2, reviewer=cast.manager.id)

    assert listed(cast.manager, whose=Whose.MINE) == [hers]
    assert listed(cast.manager, whose=Whose.MINE, closed=None) == [hers]
    assert selectors.tally(actor=cast.manager, wanted=Wanted(), now=NOW).mine == 1


def test_lists_are_narrowed_by_owner_product_and_what_is_waited_for(cast: Cast) -> None:
    ring = complaints.case(cast, product_code="R-1", product_name="Ring 18K", key="ring")
    chain = complaints.case(cast, by=cast.manager, product_code="C-1", key="chain")
    open_to_all = from_the_web(cast, name="Zhou Mei")
    services.wait(actor=cast.guide, case_id=ring.pk, text="A picture?", now=NOW, key="w")
    Case.objects.filter(pk=chain.pk).update(round=2)

    for wanted, expected in (
        ({"owner_id": cast.manager.id}, {chain}),
        ({"unowned": True}, {open_to_all}),
        ({"waiting": True}, {ring}),
        ({"second_round": True}, {chain}),
        ({"product": "R-1"}, {ring}),
        ({"product": "18k"}, {ring}),
        ({"product": "%"}, set()),
        ({"text": "zhou"}, {open_to_all}),
        ({"text": cast.customer.name}, {ring, chain}),
    ):
        assert set(listed(cast.office, **wanted)) == expected, wanted


def test_closed_ones_are_narrowed_by_when_they_were_closed(cast: Cast) -> None:
    cases = [ended(cast, complaints.case(cast, key=str(n)), hours=n) for n in range(4)]

    def closed(since: int, until: int) -> list[Case]:
        return listed(
            cast.manager, closed=True, closed_since=NOW + since * HOUR,
            closed_until=NOW + until * HOUR,
        )  # fmt: skip

    assert closed(1, 3) == [cases[2], cases[1]]
    assert closed(4, 9) == []


@pytest.mark.parametrize("stores", [1, sources._MANY, 3 * sources._MANY])
@pytest.mark.parametrize("is_closed", [False, True])
def test_several_stores_are_read_as_one_list(cast: Cast, stores: int, is_closed: bool) -> None:
    places = [people.store(code=f"m{n}") for n in range(stores)]
    for n in range(24):  # unevenly, and many at the same moment
        case = complaints.case(cast, key=str(n), severity=("low", "high", "urgent")[n % 3])
        if is_closed:
            ended(cast, case, hours=n % 5)
        Case.objects.filter(pk=case.pk).update(store=places[n * n % stores])
    scope = Scope(store_ids=frozenset(each.pk for each in places))
    actor = replace(cast.manager, scope=scope)
    rows = Case.objects.order_by(*(("-closed_at", "-id") if is_closed else ("urgent_at", "id")))

    for size in (1, 7, 50):
        assert listed(actor, size=size, closed=is_closed) == list(rows)


def test_a_tab_counts_what_it_leads_to(cast: Cast) -> None:
    late = complaints.case(cast, severity="urgent", key="late")
    complaints.case(cast, severity="low", key="low", by=cast.manager)
    from_the_web(cast, severity="low")

    for actor in (cast.guide, cast.manager, cast.office, cast.stranger):
        for whose in Whose:
            wanted = Wanted(whose=whose, severities=["low", "urgent"])
            found = selectors.tally(actor=actor, wanted=wanted, now=NOW + HOUR)
            by_tab = {
                Whose.ALL: found.all,
                Whose.MINE: found.mine,
                Whose.STORE: found.all if found.store is None else found.store,
            }
            for each, number in by_tab.items():
                assert number == len(
                    listed(actor, hours=1, whose=each, severities=["low", "urgent"])
                )
            here = listed(actor, hours=1, whose=whose, late=True)
            assert found.late == len(here)
            assert found.unowned == len(listed(actor, hours=1, whose=whose, unowned=True))
    assert listed(cast.guide, hours=1, late=True) == [late]


def test_what_waits_is_each_ones_own(cast: Cast) -> None:
    complaints.case(cast, severity="urgent", key="late")
    resting = complaints.case(cast, severity="low", key="resting")
    services.wait(actor=cast.guide, case_id=resting.pk, text="A picture?", now=NOW, key="w")
    from_the_web(cast, severity="low")

    def waiting(actor: Actor) -> tuple[int, int, int, int]:
        found = selectors.waiting(actor=actor, now=NOW + HOUR)
        return found.total, found.mine, found.late, found.unowned

    assert waiting(cast.guide) == (2, 1, 1, 1)
    assert waiting(cast.colleague) == (1, 0, 0, 1)
    assert waiting(cast.manager) == (2, 0, 1, 1)
    assert waiting(cast.office) == (1, 0, 1, 0)  # what nobody opened is the store's
    assert waiting(cast.stranger) == (0, 0, 0, 0)
    analyst = people.actor(people.staff(name="Ana", role=Role.ANALYST))
    assert waiting(analyst) == (0, 0, 0, 0)


def test_figures_take_one_statement_however_many_there_are(cast: Cast) -> None:
    def count() -> list[int]:
        found = []
        for actor in (cast.guide, cast.manager, cast.office):
            for work in (
                lambda actor=actor: selectors.tally(actor=actor, wanted=Wanted(), now=NOW),
                lambda actor=actor: selectors.waiting(actor=actor, now=NOW),
            ):
                with CaptureQueriesContext(connection) as caught:
                    work()
                found.append(len(caught))
        return found

    few = count()
    for n in range(5):
        complaints.case(cast, key=str(n))

    assert few == count() == [1] * 6


def test_who_may_not_see_complaints_is_told_no_figures(cast: Cast) -> None:
    nobody = replace(cast.office, may=frozenset())

    with pytest.raises(Forbidden):
        selectors.tally(actor=nobody, wanted=Wanted(), now=NOW)
    assert selectors.waiting(actor=nobody, now=NOW).total == 0


def test_a_guide_finds_what_is_over_wherever_they_owned_it(cast: Cast) -> None:
    gone = ended(cast, complaints.case(cast, key="mine"), hours=1)
    other = ended(
        cast, complaints.case(cast, key="not", by=cast.manager, customer_id=None), hours=2
    )
    spam = ended(cast, from_the_web(cast), hours=3)
    cast.customer.owner = Staff.objects.get(name=cast.colleague.name)
    cast.customer.save()

    since = NOW - timedelta(days=1)
    assert listed(cast.guide, closed=True, closed_since=since) == [spam, gone]
    assert listed(cast.colleague, closed=True, closed_since=since) == [spam, gone]
    assert other in listed(cast.manager, closed=True, closed_since=since)
