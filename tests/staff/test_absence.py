"""Who is on holiday or ill says so, and others answer for them meanwhile (Q2)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from regulars.audit.models import Entry
from regulars.errors import Invalid, NotFound
from regulars.staff import absence
from regulars.staff.granting import MoreThanYouHave
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import signed_in

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


@pytest.fixture
def shop(inside_aurum: ChainInfo) -> Store:
    return people.store(code="e1", region=people.region())


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(stores=(shop,), email="bob@aurum.example")


def away(who: Staff, *, by: Staff | None = None, until: date | None = TODAY) -> Staff:
    return absence.set_away(
        actor=people.actor(by or who), staff_id=who.pk, until=until, today=TODAY
    )


def test_the_last_day_is_included_and_the_next_is_not(bob: Staff) -> None:
    gone = away(bob, until=TODAY + DAY)

    assert [absence.is_away(gone, on=TODAY + n * DAY) for n in range(3)] == [True, True, False]
    everybody = Staff.objects.filter(pk=bob.pk)
    assert not absence.present(everybody, on=TODAY + DAY).exists()
    assert absence.present(everybody, on=TODAY + 2 * DAY).exists()


def test_who_comes_back_early_says_so_and_the_same_again_is_no_news(bob: Staff) -> None:
    away(bob)
    away(bob)
    back = away(bob, until=None)

    assert not absence.is_away(back, on=TODAY)
    assert Entry.objects.filter(object_id=bob.pk, action="staff.away").count() == 2


@pytest.mark.parametrize("until", [TODAY - DAY, TODAY + 400 * DAY])
def test_a_day_that_makes_no_sense_is_refused(bob: Staff, until: date) -> None:
    with pytest.raises(Invalid):
        away(bob, until=until)


def test_a_manager_says_it_of_their_people_and_of_nobody_else(bob: Staff, shop: Store) -> None:
    manager = people.staff(name="Mei", role=Role.STORE_MANAGER, stores=(shop,))
    elsewhere = people.staff(name="Sven", stores=(people.store(code="w1"),))

    assert away(bob, by=manager).away_until == TODAY
    with pytest.raises(NotFound):
        away(elsewhere, by=manager)
    with pytest.raises(MoreThanYouHave):
        away(people.owner(), by=people.staff(name="Hugo", role=Role.HEAD_OFFICE))


def test_one_says_it_on_ones_own_page_and_takes_it_back(bob: Staff) -> None:
    browser, day = signed_in(email="bob@aurum.example"), timezone.localdate() + 3 * DAY
    told = {"name": "Bob", "phone": "", "language": ""}

    browser.post("/me/", told | {"away_until": day.isoformat()})
    bob.refresh_from_db()
    shown = browser.get("/me/").text
    refused = browser.post("/me/", told | {"away_until": "2020-01-01"})
    browser.post("/me/", told)

    assert bob.away_until == day
    assert day.isoformat() in shown
    assert refused.status_code == 422
    bob.refresh_from_db()
    assert bob.away_until is None


def test_a_manager_says_it_on_the_page_of_a_colleague(bob: Staff) -> None:
    office, day = signed_in(), timezone.localdate() + 3 * DAY
    told = {"name": "Bob", "number": "", "phone": "", "away_until": day.isoformat()}

    answer = office.post(f"/team/{bob.pk}/edit/", told)

    assert answer.status_code == 302
    bob.refresh_from_db()
    assert bob.away_until == day
    assert day.isoformat() in office.get(f"/team/{bob.pk}/").text
