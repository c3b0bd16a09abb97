"""One line of time from several sources, in pages, at a constant cost."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.customers.models import Consent, Note
from regulars.errors import NotFound
from regulars.points import ledger
from regulars.staff.models import Role
from regulars.usecases import timeline
from tests.factories import people
from tests.factories.purchases import NOW, customer, event, line, returned, sale

pytestmark = pytest.mark.usefixtures("one_point_per_unit")


def note(carol: Any, text: str, *, days: int) -> None:
    Note(customer=carol, text=text, at=NOW + timedelta(days=days)).save(force_insert=True)


def page(carol: Any, **facts: Any) -> timeline.Page:
    actor = people.actor(people.owner())
    return timeline.page(customer_id=carol.id, actor=actor, language="en", **facts)


def test_events_of_all_kinds_come_newest_first() -> None:
    carol = customer()
    bought = sale(line(10_000, quantity=2), customer=carol, occurred_at=NOW - timedelta(days=9))
    note(carol, "likes jade", days=-5)
    returned(bought, (1, 1))
    ledger.award(event(carol, "gift", now=NOW + timedelta(days=1)), amount=5, expires_at=None)
    Consent(
        customer=carol, purpose="care", given=True, how="spoken", at=NOW + timedelta(days=2)
    ).save(force_insert=True)

    events = page(carol).events

    assert [each.kind for each in events] == [
        "consents",
        "points",
        "points",
        "purchases",
        "notes",
        "purchases",
    ]
    assert (events[-1].points, events[-1].amount_minor) == (100, 10_000)


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    carol = customer()
    for number in range(7):
        note(carol, f"note {number}", days=0)
        sale(customer=carol, occurred_at=NOW)

    seen, place = [], ""
    while True:
        some = page(carol, before=place, limit=4)
        seen += [each.id for each in some.events]
        place = some.next
        if not place:
            break

    assert len(seen) == len(set(seen)) == 14


def test_the_number_of_statements_does_not_grow_with_the_events(
    django_assert_num_queries: Any,
) -> None:
    few, many = customer(name="Few"), customer(name="Many")
    for person, number in ((few, 1), (many, 12)):
        for _ in range(number):
            sale(customer=person)
            note(person, "x", days=0)
    page(few)

    with django_assert_num_queries(16) as counted:
        page(few)
    with django_assert_num_queries(len(counted)):
        page(many)


def test_a_customer_out_of_reach_has_no_timeline() -> None:
    other = people.store(code="303")
    carol = customer(home_store=other, owner=None)
    guide = people.staff(role=Role.GUIDE, stores=(people.first_store(),))

    with pytest.raises(NotFound):
        timeline.page(customer_id=carol.id, actor=people.actor(guide))


@pytest.mark.parametrize("place", ["x", "2026-01-01T00:00:00_x", "2026-01-01_" + "0" * 32])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(timeline.NoSuchPlace):
        page(customer(), before=place)
