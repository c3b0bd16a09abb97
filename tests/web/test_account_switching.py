"""Taking turns on a shared tablet: bound to chain and store, by PIN, back to the chooser."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from regulars.staff import devices
from regulars.staff.models import Role, Staff
from regulars.stores import services as stores
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.visitors import Visitor, is_in, sign_in


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1")


@pytest.fixture
def mei(shop: Store) -> Staff:
    return people.staff(
        name="Mei",
        role=Role.STORE_MANAGER,
        stores=(shop,),
        email="mei@aurum.example",
        pin="6093",
    )


@pytest.fixture
def bob(shop: Store) -> Staff:
    return people.staff(name="Bob", stores=(shop,), pin=people.PIN)


@pytest.fixture
def tablet(mei: Staff, bob: Staff, shop: Store) -> Client:
    """A browser that Mei marked as shared."""
    client = Visitor()
    sign_in(client, email="mei@aurum.example")
    client.post("/switch/share/", {"store": str(shop.id)})
    return client


def turn(client: Client, person: Staff, pin: str = people.PIN) -> Any:
    """Tap a name and give a PIN."""
    return client.post(f"/switch/{person.id}/", {"pin": pin})


def test_marking_a_device_signs_the_manager_out(tablet: Client) -> None:
    assert not is_in(tablet)


def test_the_chooser_shows_the_stores_people_who_have_a_pin(
    tablet: Client, bob: Staff, shop: Store
) -> None:
    people.staff(name="Elsewhere", stores=(people.store(code="w1"),), pin=people.PIN)
    people.staff(name="Without", stores=(shop,))

    page = tablet.get("/switch/").content.decode()

    assert "Bob" in page
    assert "Mei" in page
    assert "Elsewhere" not in page
    assert "Without" not in page


def test_a_colleague_comes_in_by_pin_and_is_who_acts(tablet: Client, bob: Staff) -> None:
    turn(tablet, bob)

    page = tablet.get("/me/")
    assert page.context["person"] == bob
    assert "Bob" in page.content.decode()


def test_a_wrong_pin_says_how_many_tries_are_left_and_then_locks(
    tablet: Client, bob: Staff
) -> None:
    first = turn(tablet, bob, "9999")
    for _wrong in range(4):
        last = turn(tablet, bob, "9999")

    assert (first.status_code, last.status_code) == (422, 429)
    assert "4 tries left" in first.content.decode()
    assert "Wait 15 minutes" in last.content.decode()
    assert turn(tablet, bob).status_code == 429
    assert not is_in(tablet)


def test_without_the_mark_no_pin_opens_anything(bob: Staff) -> None:
    response = turn(Visitor(), bob)

    assert response["Location"] == "/account/login/"


def test_people_of_other_stores_cannot_come_in_by_pin(tablet: Client) -> None:
    other = people.staff(name="Else", stores=(people.store(code="w1"),), pin=people.PIN)

    assert turn(tablet, other).status_code == 404
    assert not is_in(tablet)


def test_a_mark_of_one_chain_is_none_in_another(tablet: Client, bloom: ChainInfo) -> None:
    with context.inside(bloom):
        charlie = people.staff(name="Charlie", stores=(people.first_store(),), pin=people.PIN)
    elsewhere = Visitor("bloom")
    elsewhere.cookies.update(tablet.cookies)

    response = turn(elsewhere, charlie)

    assert response["Location"] == "/account/login/"


def test_a_forged_mark_is_none(bob: Staff) -> None:
    client = Visitor()
    client.cookies["device"] = "eyJzdG9yZSI6IDF9:forged:signature"

    assert turn(client, bob)["Location"] == "/account/login/"


def test_a_guide_cannot_mark_a_device(bob: Staff, shop: Store) -> None:
    people.staff(name="Ann", stores=(shop,), email="ann@aurum.example")
    client = Visitor()
    sign_in(client, email="ann@aurum.example")

    response = client.post("/switch/share/", {"store": str(shop.id)})

    assert response.status_code == 403
    assert devices._cookie_name() not in client.cookies


def test_a_manager_cannot_mark_a_device_for_another_store(mei: Staff) -> None:
    client = Visitor()
    sign_in(client, email="mei@aurum.example")

    response = client.post("/switch/share/", {"store": str(people.first_store().id)})

    assert response.status_code == 404


def test_forgetting_the_devices_of_a_store_ends_every_mark(
    tablet: Client, bob: Staff, shop: Store
) -> None:
    stores.forget_devices(actor=people.actor(people.owner()), store_id=shop.id)

    assert turn(tablet, bob)["Location"] == "/account/login/"


def test_a_closed_store_shares_no_device(tablet: Client, bob: Staff, shop: Store) -> None:
    stores.close(actor=people.actor(people.owner()), store_id=shop.id, on=timezone.localdate())

    assert turn(tablet, bob)["Location"] == "/account/login/"


def test_an_idle_tablet_returns_to_the_chooser(
    tablet: Client, bob: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(tablet, bob)
    assert is_in(tablet)
    later = timezone.now() + timedelta(seconds=devices.IDLE_SECONDS + 1)
    monkeypatch.setattr("regulars.staff.devices.timezone.now", lambda: later)

    response = tablet.get("/me/")

    assert response["Location"].startswith("/switch/?next=")


def test_somebody_who_goes_on_working_stays(
    tablet: Client, bob: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(tablet, bob)
    begin = timezone.now()
    for minutes in (2, 4, 6):
        moment = begin + timedelta(minutes=minutes)
        monkeypatch.setattr("regulars.staff.devices.timezone.now", lambda at=moment: at)
        assert is_in(tablet)


def test_the_chooser_leaves_nobody_signed_in_behind_it(tablet: Client, bob: Staff) -> None:
    turn(tablet, bob)

    tablet.get("/switch/")

    assert not is_in(tablet)


def test_each_turn_begins_a_session_of_its_own(tablet: Client, bob: Staff, mei: Staff) -> None:
    turn(tablet, bob)
    first = tablet.cookies["session"].value

    turn(tablet, mei, "6093")

    assert tablet.cookies["session"].value != first
    assert tablet.get("/me/").context["person"] == mei


def test_a_pin_does_not_open_the_office(tablet: Client, mei: Staff) -> None:
    turn(tablet, mei, "6093")

    team, password = tablet.get("/team/"), tablet.get("/account/password/change/")

    assert (team.status_code, password.status_code) == (403, 403)
    assert "This needs your password" in team.content.decode()
    assert tablet.post("/switch/stop/").status_code == 403


def test_who_came_by_pin_changes_it_with_the_present_one_only(tablet: Client, bob: Staff) -> None:
    turn(tablet, bob)

    refused = tablet.post("/me/pin/", {"old_pin": "9999", "pin": "6093"})
    tablet.post("/me/pin/", {"old_pin": people.PIN, "pin": "6093"})

    assert refused.status_code == 422
    assert is_in(tablet)
    assert turn(tablet, bob, "6093").status_code == 302


def test_after_the_turn_one_is_where_one_wanted_to_go(tablet: Client, bob: Staff) -> None:
    inside = tablet.post(f"/switch/{bob.id}/", {"pin": people.PIN, "next": "/me/"})
    outside = tablet.post(
        f"/switch/{bob.id}/", {"pin": people.PIN, "next": "https://evil.example/"}
    )

    assert inside["Location"] == "/me/"
    assert outside["Location"] == "/"


def test_a_device_nobody_shared_explains_how_to_share_it(mei: Staff) -> None:
    client = Visitor()
    sign_in(client, email="mei@aurum.example")

    page = client.get("/switch/")

    assert page.status_code == 200
    assert "Share this device" in page.content.decode()
