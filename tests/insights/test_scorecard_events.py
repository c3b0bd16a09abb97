"""A scorecard's complaints, and the rows behind its complaints, contacts and messages."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import audit
from regulars.complaints.models import Case
from regulars.insights.periods import Days
from regulars.insights.selectors import mapping, scorecard, scorecard_events
from regulars.insights.selectors.scorecard import Card, Whose
from regulars.messages.models import Contact
from regulars.staff.models import Staff
from tests import counts
from tests.factories import contacts, people
from tests.insights import complaining
from tests.insights.conftest import World

NOW = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
DAYS = Days(date(2026, 10, 1), date(2026, 10, 31))
FIRST = datetime(2026, 9, 29, 15, 30, tzinfo=UTC)
CASES = st.lists(
    st.tuples(
        st.integers(0, 3),  # store
        st.integers(0, 2),  # owner; the last is nobody
        st.integers(0, 24 * 34),  # hours after FIRST
        st.booleans(),  # settled
        st.sampled_from(["", "", "spam", "withdrawn"]),
    ),
    max_size=20,
)


def guides() -> list[Staff | None]:
    found = {each.name: each for each in Staff.objects.filter(name__in=("Mei", "Lan"))}
    return [found.get(n) or people.staff(name=n, stores=()) for n in ("Mei", "Lan")] + [None]


def written(world: World, given_: list[Any], owners: list[Staff | None]) -> list[Case]:
    made = []
    for store, owner, hours, is_settled, ended in given_:
        at, who = FIRST + timedelta(hours=hours), owners[owner]
        over = {"ended": ended, "state": "closed", "closed_at": at} if ended else {}
        made.append(
            complaining.case(
                store_id=world.stores[store].id, at=at, owner_id=who.id if who else None,
                resolved_at=at if is_settled else None, **over,
            )
        )  # fmt: skip
    return complaining.write(made)


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(8, proof=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=CASES)
def test_complaints_are_what_a_slow_count_finds(world: World, given_: list[Any]) -> None:
    Case.objects.update(opened_at=datetime(2020, 1, 1, tzinfo=UTC))
    owners = guides()
    zone = timedelta(hours=8)
    cases = [
        each for each in written(world, given_, owners)
        if each.ended != "spam" and DAYS.first <= (each.opened_at + zone).date() <= DAYS.last
    ]  # fmt: skip
    place = mapping.map_of(audit.ALL).everything()

    found = scorecard.of(whose=Whose(place=place, with_rest=True), days=DAYS, now=NOW)

    def card(some: list[Case]) -> tuple[int, int]:
        return len(some), sum(each.resolved_at is not None for each in some)

    assert (found.total.complaints, found.total.resolved) == card(cases)
    for owner in owners:
        key = owner.id if owner else None
        own = [each for each in cases if each.owner_id == key]
        told = found.guides.get(key, Card())
        assert (told.complaints, told.resolved) == card(own)
        if owner is None:
            continue
        whose = Whose(guide_id=key)
        alone = scorecard.of(whose=whose, days=DAYS, now=NOW).total
        assert (alone.complaints, alone.resolved) == card(own)
        for kind, part in (("complaints", len(own)), ("resolved", card(own)[1])):
            rows = scorecard_events.page(whose=whose, days=DAYS, kind=kind, now=NOW)  # type: ignore[arg-type]
            assert len(rows) == part
        rows = scorecard_events.page(whose=whose, days=DAYS, kind="unresolved", now=NOW)
        assert {each.id for each in rows} == {
            each.pk for each in own if each.resolved_at is None
        }  # fmt: skip


def test_what_the_customer_opened_again_is_not_resolved(world: World) -> None:
    at = FIRST + timedelta(days=2)
    owner = people.staff(name="Mei", stores=())
    again, _fine = complaining.write(
        complaining.case(
            store_id=world.stores[0].id, at=at, owner_id=owner.id, resolved_at=at,
            reopened=is_reopened,
        )
        for is_reopened in (True, False)
    )  # fmt: skip
    whose = Whose(guide_id=owner.id)

    total = scorecard.of(whose=whose, days=DAYS, now=NOW).total

    assert (total.complaints, total.resolved) == (2, 1)
    rows = scorecard_events.page(whose=whose, days=DAYS, kind="unresolved", now=NOW)
    assert [each.id for each in rows] == [again.pk]


def contact(carol: Any, *, at: datetime, **facts: Any) -> None:
    values = {"direction": "out", "purpose": "care", "channel": "call", "state": "logged", **facts}
    Contact(customer_id=carol.pk, at=at, **values).save(force_insert=True)


def test_contacts_and_messages_have_their_rows_a_page_at_a_time(world: World) -> None:
    mei = guides()[0]
    assert mei is not None
    carol = contacts.person(store=world.stores[0], owner=mei)
    for n in range(3):
        at = NOW - timedelta(days=1, hours=n)
        contact(carol, at=at, store_id=world.stores[0].id, staff_id=mei.id, flagged=n == 1)
        answer = {"state": "answered", "settled_at": at + timedelta(minutes=5 + n * 600)}
        contact(
            carol, at=at, direction="in", purpose="service", channel="wechat",
            **(answer if n < 2 else {"state": "received"}),
        )  # fmt: skip
    whose = Whose(guide_id=mei.id)
    card = scorecard.of(whose=whose, days=DAYS, now=NOW).total

    def rows(kind: Any) -> list[scorecard_events.Event]:
        found: list[scorecard_events.Event] = []
        after = None
        while page := scorecard_events.page(
            whose=whose, days=DAYS, kind=kind, now=NOW, after=after, limit=1
        ):
            found += page
            after = page[-1].mark
        return found

    assert (card.contacts, card.flagged, card.messages, card.quickly) == (3, 2, 3, 1)
    assert [len(rows(kind)) for kind in ("contacts", "flagged", "messages", "replies", "slow")] == [
        3, 2, 3, 1, 2,
    ]  # fmt: skip
    assert [each.told for each in rows("messages")] == ["wechat"] * 3
    assert [each.taken for each in rows("replies")] == [timedelta(minutes=5)]
    assert {each.is_marked for each in rows("flagged")} == {True}
