"""Days that matter to a customer, and the nightly look ahead."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.customers import services
from regulars.customers.models import LifeEvent
from regulars.errors import Invalid, NotFound
from tests.customers.conftest import Cast
from tests.factories import customers


def keep(cast: Cast, customer_id: Any, **facts: Any) -> LifeEvent:
    """Note a birthday on 15 August unless told otherwise."""
    values = {"kind": "birthday", "month": 8, "day": 15, **facts}
    return services.set_life_event(
        actor=cast.alice, customer_id=customer_id, now=customers.NOW, **values
    )


def test_a_birthday_knows_its_next_occasion_by_sun_and_moon(cast: Cast) -> None:
    one, two = customers.customer(), customers.customer(name="李雷")

    assert keep(cast, one.pk, year=1990).next_on == date(2027, 8, 15)
    assert keep(cast, two.pk, lunar=True).next_on == date(2027, 9, 15)


def test_a_second_birthday_replaces_the_first_and_anniversaries_add_up(cast: Cast) -> None:
    made = customers.customer()

    first = keep(cast, made.pk)
    second = keep(cast, made.pk, month=9)
    keep(cast, made.pk, kind="anniversary", label="初次约会")
    keep(cast, made.pk, kind="anniversary")

    assert first.pk == second.pk
    assert LifeEvent.objects.filter(customer=made).count() == 3


def test_a_day_can_be_corrected_and_removed(cast: Cast) -> None:
    made = customers.customer()
    wedding = keep(cast, made.pk, kind="wedding")

    keep(cast, made.pk, kind="wedding", day=16, event_id=wedding.pk)
    assert LifeEvent.objects.get().day == 16
    with pytest.raises(NotFound):
        keep(cast, made.pk, kind="wedding", event_id=uuid4())
    services.remove_life_event(
        actor=cast.alice, customer_id=made.pk, event_id=wedding.pk, now=customers.NOW
    )
    assert not LifeEvent.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "party"},
        {"month": 2, "day": 30},
        {"month": 2, "day": 29, "year": 2023},
        {"year": 1850},
        {"year": 2027},
        {"day": 31, "lunar": True},
    ],
)
def test_a_day_that_cannot_be_is_refused(cast: Cast, facts: dict[str, Any]) -> None:
    made = customers.customer()

    with pytest.raises(Invalid):
        keep(cast, made.pk, **facts)


def test_next_spring_s_wedding_waits_for_its_year(cast: Cast) -> None:
    made = customers.customer()

    wedding = keep(cast, made.pk, kind="wedding", year=2028, month=5, day=1)

    assert wedding.next_on == date(2028, 5, 1)


def test_a_child_s_birthday_needs_the_parent_s_consent(cast: Cast) -> None:
    made = customers.customer()

    with pytest.raises(Invalid):
        keep(cast, made.pk, kind="child-birthday")
    agree(cast, made.pk, given=True, minute=1)
    assert keep(cast, made.pk, kind="child-birthday", label="小宝").label == "小宝"
    agree(cast, made.pk, given=False, minute=2)
    assert not LifeEvent.objects.exists()  # taken away with the consent


def agree(cast: Cast, customer_id: Any, *, given: bool, minute: int) -> None:
    """Note a yes or a no to keeping a child's birthday."""
    services.consent(
        actor=cast.alice,
        customer_id=customer_id,
        purpose="event.child-birthday",
        given=given,
        how="form",
        now=customers.NOW + timedelta(minutes=minute),
    )


def test_every_night_the_days_that_went_by_move_on(cast: Cast) -> None:
    made = customers.customer()
    LifeEvent.objects.bulk_create(
        [
            LifeEvent(customer=made, kind="birthday", month=11, day=20, next_on=date(2026, 11, 20)),
            LifeEvent(customer=made, kind="wedding", month=11, day=21, next_on=date(2026, 11, 21)),
            LifeEvent(customer=made, kind="moving", month=8, day=15, lunar=True, next_on=None),
            LifeEvent(customer=made, kind="anniversary", year=2030, month=1, day=2, next_on=None),
        ]
    )

    moved = services.advance_occasions(now=customers.NOW)

    found = dict(LifeEvent.objects.values_list("kind", "next_on"))
    assert found == {
        "birthday": date(2027, 11, 20),
        "wedding": date(2026, 11, 21),
        "moving": date(2027, 9, 15),
        "anniversary": None,
    }
    assert moved == 2
    assert services.advance_occasions(now=customers.NOW) == 0


def test_a_changed_leap_day_policy_is_worked_in(cast: Cast, policies: dict[str, object]) -> None:
    made = customers.customer()
    assert keep(cast, made.pk, month=2, day=29).next_on == date(2027, 2, 28)

    policies["customers.leap-day-birthday"] = "03-01"
    services.advance_occasions(now=customers.NOW, everything=True)

    assert LifeEvent.objects.get().next_on == date(2027, 3, 1)


def test_moving_on_takes_two_statements_however_many_there_are(cast: Cast) -> None:
    made = customers.customer()
    LifeEvent.objects.bulk_create(
        LifeEvent(customer=made, kind="anniversary", month=m, day=d, next_on=date(2026, 1, 1))
        for m in range(1, 13)
        for d in range(1, 28)
    )

    with CaptureQueriesContext(connection) as asked:
        moved = services.advance_occasions(now=customers.NOW)

    assert moved == 12 * 27
    assert len([q for q in asked if "customers_lifeevent" in q["sql"]]) == 2
