"""Who sees which complaints, the most urgent first, and a page at a time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import numbers, selectors, services
from regulars.complaints.models import Case
from regulars.complaints.selectors import Mark, Wanted, Whose, sources
from regulars.complaints.services import remedies
from regulars.errors import Forbidden, NotFound
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints, customers
from tests.factories.complaints import HOUR, Cast, settle
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def listed(actor: Actor, *, size: int = 50, **wanted: Any) -> list[Case]:
    """Walk every page."""
    found, after = [], None
    while True:
        page = selectors.page(
            actor=actor, wanted=Wanted(**wanted), now=NOW, after=after, limit=size
        )
        found += [item.case for item in page.items]
        after = page.after
        if after is None:
            return found


def mixed(cast: Cast) -> list[Case]:
    """Raise complaints of every urgency; return them as they are to be listed."""
    waits = complaints.case(cast, severity="urgent", key="waits")
    low = complaints.case(cast, severity="low", key="low")
    urgent = complaints.case(cast, severity="urgent", key="urgent", by=cast.manager)
    high = complaints.case(cast, severity="high", key="high")
    services.wait(actor=cast.guide, case_id=waits.pk, text="A picture?", now=NOW, key="w")
    return [urgent, high, low, waits]


@pytest.mark.parametrize("size", [1, 2, 50])
def test_the_first_clock_to_run_out_comes_first_and_what_waits_last(cast: Cast, size: int) -> None:
    expected = mixed(cast)

    for who in (cast.manager, cast.region, cast.office):
        assert listed(who, size=size) == expected


def test_mine_store_and_all_are_what_they_say(cast: Cast) -> None:
    urgent, high, low, waits = mixed(cast)
    unopened = complaints.case(
        cast, by=CUSTOMER, raised="web", customer_id=None, severity="low", key="web"
    )

    assert listed(cast.guide, whose=Whose.MINE) == [high, low, waits]
    assert listed(cast.manager, whose=Whose.MINE) == [urgent]
    assert set(listed(cast.guide)) == {urgent, high, low, waits, unopened}  # of her customer
    assert listed(cast.colleague) == [unopened]
    assert listed(cast.colleague, whose=Whose.STORE) == [unopened]
    assert listed(cast.stranger) == []
    assert listed(cast.stranger, store_ids=[cast.store.pk]) == []
    assert len(listed(cast.office, store_ids=[cast.store.pk])) == 5


def test_what_a_franchise_withholds_is_not_listed(cast: Cast) -> None:
    mixed(cast)
    scope = Scope(everything=True, withheld_customers=frozenset({cast.store.pk}))
    office = replace(cast.office, scope=scope)

    assert listed(office) == listed(office, closed=True) == []
    assert listed(office, store_ids=[cast.store.pk]) == []
    assert selectors.counts(actor=office, now=NOW).open == 0


def test_lists_are_narrowed(cast: Cast) -> None:
    urgent, high, low, waits = mixed(cast)
    pk = cast.customer.pk

    for wanted, expected in (
        ({"severities": ["high", "low"]}, [high, low]),
        ({"states": ["apologised"]}, []),
        ({"templates": ["loose-stone"]}, []),
        ({"text": "brok"}, [urgent, high, low, waits]),
        ({"text": "100%_"}, []),
        ({"text": f" {low.number.replace('-', ' ')} "}, [low]),
        ({"customer_id": pk, "closed": None}, [urgent, high, low, waits]),
        ({"reviewer": cast.manager.id}, []),
        ({"late": True}, []),
    ):
        assert listed(cast.office, **wanted) == expected, wanted
    late = selectors.page(actor=cast.office, wanted=Wanted(late=True), now=NOW + HOUR)
    assert [(item.case, item.is_late) for item in late.items] == [(urgent, True), (high, True)]


def test_closed_ones_are_listed_the_last_closed_first(cast: Cast) -> None:
    cases = [complaints.case(cast, key=str(n), now=NOW + n * HOUR) for n in range(3)]
    for n, case in enumerate(cases):
        at = NOW + (9 - n) * HOUR  # the first raised is closed last
        services.end(actor=cast.manager, case_id=case.pk, how="spam", reason="No", now=at, key="e")

    for who in (cast.guide, cast.manager, cast.office):
        assert listed(who, closed=True, size=2) == cases
        assert listed(who) == []
    assert listed(cast.guide, closed=True, whose=Whose.MINE) == cases


def test_the_board_counts_each_state_and_shows_the_first(cast: Cast) -> None:
    expected = mixed(cast)
    settle(expected[1], cast.guide, upto="apologised")

    board = selectors.board(actor=cast.manager, wanted=Wanted(), now=NOW, limit=2)

    columns = {each.state: each for each in board}
    assert list(columns) == [
        "heard", "apologised", "investigating", "proposed", "agreed", "done", "asked"
    ]  # fmt: skip
    assert columns["heard"].count == 3
    assert [item.case for item in columns["heard"].items] == [expected[0], expected[2]]
    assert (columns["apologised"].count, columns["asked"].count) == (1, 0)


def test_figures_say_what_there_is_to_do(cast: Cast) -> None:
    _urgent, high, *_ = mixed(cast)
    complaints.case(cast, by=CUSTOMER, raised="web", customer_id=None, key="web")
    wish = remedies.Wish(kind="gift", label="Box", amount_minor=100)
    remedies.ask(actor=cast.guide, case_id=high.pk, wish=wish, now=NOW, key="r")

    mine = selectors.counts(actor=cast.guide, now=NOW + HOUR)
    theirs = selectors.counts(actor=cast.manager, now=NOW + HOUR)

    assert (mine.open, mine.late, mine.mine, mine.to_approve, mine.unowned) == (5, 2, 2, 0, 1)
    assert (theirs.mine, theirs.to_approve) == (1, 1)
    (asked,) = selectors.to_approve(cast.manager)
    assert (asked.remedy.label, asked.asked_by) == ("Box", "Gina")
    assert selectors.to_approve(cast.stranger) == []


def test_statements_do_not_grow_with_the_list(cast: Cast) -> None:
    def count(work: Any) -> int:
        with CaptureQueriesContext(connection) as caught:
            work()
        return len(caught)

    case = settle(complaints.case(cast), cast.guide, upto="proposed")
    works = [
        lambda: listed(cast.office), lambda: listed(cast.guide),
        lambda: selectors.board(actor=cast.office, wanted=Wanted(), now=NOW),
        lambda: selectors.counts(actor=cast.office, now=NOW),
        lambda: selectors.to_approve(cast.office),
        lambda: selectors.one(actor=cast.guide, case_id=case.pk),
        lambda: selectors.by_token(numbers.token(case.pk)),
    ]  # fmt: skip
    wish = remedies.Wish(kind="gift", label="Box", amount_minor=100)
    remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")
    before = [count(work) for work in works]
    for number in range(5):
        remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key=f"r{number}")
        settle(complaints.case(cast, key=str(number)), cast.guide, upto="proposed")
    after = [count(work) for work in works]

    assert after == before
    assert max(after) <= 5


def test_one_shows_steps_list_remedies_and_what_may_be_done_next(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide, upto="investigating")

    seen = selectors.one(actor=cast.guide, case_id=case.pk)
    by_manager = selectors.one(actor=cast.manager, case_id=case.pk)
    by_office = replace(cast.office, may=frozenset({"complaints.view"}))

    assert [step.entry.kind for step in seen.steps][:2] == ["opened", "first-response"]
    assert {step.by for step in seen.steps} == {"Gina"}
    assert seen.moves == ("found", "proposed")
    assert (seen.may_work, seen.ends) == (True, ())
    assert by_manager.ends == ("spam", "duplicate", "withdrawn")
    assert {each.item.key for each in seen.seen if not each.is_open} >= {"regret", "feel", "fast"}
    assert selectors.one(actor=by_office, case_id=case.pk).moves == ()


def test_a_finished_list_may_be_closed_and_only_the_customer_opens_it_again(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide)

    assert selectors.one(actor=cast.guide, case_id=case.pk).moves == ("satisfied", "unsatisfied")
    services.answered(
        actor=cast.guide, case_id=case.pk, satisfied=True, text="", now=NOW, key="yes"
    )

    assert selectors.one(actor=cast.guide, case_id=case.pk).moves == ()  # one item is open


def test_who_may_not_see_a_complaint_finds_none(cast: Cast) -> None:
    case = complaints.case(cast)
    nobody = replace(cast.office, may=frozenset())

    with pytest.raises(NotFound):
        selectors.one(actor=cast.stranger, case_id=case.pk)
    for read in (
        lambda: selectors.one(actor=nobody, case_id=case.pk),
        lambda: selectors.page(actor=nobody, wanted=Wanted(), now=NOW),
        lambda: selectors.board(actor=nobody, wanted=Wanted(), now=NOW),
        lambda: selectors.counts(actor=nobody, now=NOW),
    ):
        with pytest.raises(Forbidden):
            read()


def test_the_customer_sees_one_name_and_nothing_internal(cast: Cast) -> None:
    case = settle(complaints.case(cast), cast.guide, upto="proposed")
    services.note(actor=cast.guide, case_id=case.pk, text="A difficult one", now=NOW, key="n")
    carl = Staff.objects.get(name="Carl")
    services.hand_on(
        actor=cast.manager, case_id=case.pk, staff_id=carl.pk, reason="On leave", now=NOW, key="h"
    )

    seen = selectors.by_token(numbers.token(case.pk))

    told = repr(seen)
    assert (seen.number, seen.us, seen.state) == (case.number, "Carl", "proposed")
    assert [step.kind for step in seen.steps] == [
        "opened", "apologised", "investigating", "proposed"
    ]  # fmt: skip
    assert seen.promised_at == NOW + timedelta(hours=24)
    for inside in ("A difficult one", "On leave", "Gina", "Mona", "claw was bent", "setting"):
        assert inside not in told


def test_a_managers_reason_is_not_shown_to_the_customer(cast: Cast) -> None:
    case = complaints.case(cast)
    services.end(
        actor=cast.manager, case_id=case.pk, how="withdrawn", reason="A quarrel", now=NOW, key="e"
    )

    seen = selectors.by_token(numbers.token(case.pk))

    assert seen.is_closed
    assert "A quarrel" not in repr(seen)


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "0" * 32 + ":abc", "\0", "é" * 40])
def test_a_token_that_is_not_ours_opens_nothing(cast: Cast, token: str) -> None:
    complaints.case(cast)

    with pytest.raises(NotFound):
        selectors.by_token(token)


def test_a_guide_of_many_customers_sees_what_others_opened_of_them(cast: Cast) -> None:
    hers = customers.customer(
        store=cast.store, owner=Staff.objects.get(name="Gina"), phone="+8613900000001"
    )
    case = complaints.case(cast, by=cast.manager, customer_id=hers.pk, key="other")

    assert listed(cast.guide) == [case]
    assert listed(cast.guide, customer_id=hers.pk) == [case]


@pytest.mark.parametrize(
    ("who", "wanted", "index"),
    [
        ("guide", Wanted(whose=Whose.MINE), "case_owner"),
        ("manager", Wanted(), "case_board"),
        ("office", Wanted(), "case_urgent"),
        ("office", Wanted(late=True), "case_urgent"),
        ("manager", Wanted(closed=True), "case_closed"),
    ],
)
def test_each_scope_is_read_in_the_order_of_one_index(
    cast: Cast, who: str, wanted: Wanted, index: str
) -> None:
    complaints.case(cast)
    asked = sources.ids(
        getattr(cast, who), wanted, after=Mark(NOW, cast.store.pk), limit=9, now=NOW
    )

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # one row is sorted as quickly as read
        cursor.execute(f"EXPLAIN {asked.sql}", asked.params)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    (read,) = (line for line in plan.splitlines() if "complaints_case" in line)
    assert f"using {index} " in read
    inner = plan.split("Function Scan")[-1]  # what merges several stores is sorted, no more
    assert "Sort" not in inner
