"""PINs: refused when trivial, locked after five wrong tries, never readable."""

import threading
from typing import Any

import pytest
from django.core.cache import cache

from regulars.audit.models import Entry
from regulars.errors import NotFound
from regulars.staff import granting, pins
from regulars.staff.models import Role, Staff
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture
def bob() -> Staff:
    return people.staff(stores=(people.first_store(),), pin=people.PIN)


def _try(person: Staff, pin: str) -> None:
    pins.verify(staff=person, store_id=person.home_store_id, pin=pin)


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "123",
        "123456789",
        "12a4",
        "１２３４",
        "1234",
        "9876",
        "0123",
        "7890",
        "0000",
        "1212",
        "123123",
        "1314",
        "2580",
        "5201314",
        " 4071",
    ],
)
def test_a_pin_anybody_would_try_or_nobody_can_type_is_refused(pin: str) -> None:
    with pytest.raises(pins.PinRefused):
        pins.hashed(pin)


@pytest.mark.parametrize("pin", ["4071", "90210", "38120466"])
def test_a_pin_of_four_to_eight_digits_is_kept_as_a_hash(pin: str) -> None:
    assert pin not in pins.hashed(pin)


def test_the_right_pin_lets_in_and_forgets_earlier_tries(bob: Staff) -> None:
    for _wrong in range(4):
        with pytest.raises(pins.PinWrong):
            _try(bob, "9999")

    _try(bob, people.PIN)

    with pytest.raises(pins.PinWrong) as refusal:
        _try(bob, "9999")
    assert refusal.value.params["left"] == 4


def test_five_wrong_tries_lock_the_person_for_fifteen_minutes(bob: Staff) -> None:
    for _wrong in range(4):
        with pytest.raises(pins.PinWrong):
            _try(bob, "9999")

    with pytest.raises(pins.PinLocked) as refusal:
        _try(bob, "9999")

    assert refusal.value.retry_after == 15 * 60
    with pytest.raises(pins.PinLocked):
        _try(bob, people.PIN)
    assert Entry.objects.filter(object_id=bob.id, action="staff.pin-locked").count() == 1


def test_a_lock_is_one_persons_alone(bob: Staff) -> None:
    eve = people.staff(name="Eve", stores=(people.first_store(),), pin=people.PIN)
    for _wrong in range(5):
        with pytest.raises((pins.PinWrong, pins.PinLocked)):
            _try(bob, "9999")

    _try(eve, people.PIN)


def test_a_lock_in_one_chain_is_none_in_another(bob: Staff, bloom: ChainInfo) -> None:
    for _wrong in range(5):
        with pytest.raises((pins.PinWrong, pins.PinLocked)):
            _try(bob, "9999")

    with context.inside(bloom):
        assert cache.get(f"pin-lock:{bob.id}") is None
    assert cache.get(f"pin-lock:{bob.id}") is not None


def test_somebody_without_a_pin_cannot_be_guessed() -> None:
    nobody = people.staff(name="Nobody")

    with pytest.raises(pins.PinWrong):
        _try(nobody, "")


def test_a_new_pin_from_a_manager_ends_the_lock(
    bob: Staff, django_capture_on_commit_callbacks: Any
) -> None:
    for _wrong in range(5):
        with pytest.raises((pins.PinWrong, pins.PinLocked)):
            _try(bob, "9999")

    with django_capture_on_commit_callbacks(execute=True):
        pins.set_pin(actor=people.actor(people.owner()), staff_id=bob.id, pin="6093")

    bob.refresh_from_db()
    _try(bob, "6093")


def test_a_guide_sets_their_own_pin_and_nobody_elses(bob: Staff) -> None:
    eve = people.staff(name="Eve", stores=(people.first_store(),))

    pins.set_pin(actor=people.actor(bob), staff_id=bob.id, pin="6093")

    with pytest.raises(Exception, match="allowed"):
        pins.set_pin(actor=people.actor(bob), staff_id=eve.id, pin="6093")


def test_a_store_manager_does_not_set_the_pin_of_head_office() -> None:
    manager = people.staff(name="Mei", role=Role.STORE_MANAGER, stores=(people.first_store(),))
    office = people.staff(name="Office", role=Role.HEAD_OFFICE, stores=(people.first_store(),))

    with pytest.raises(granting.MoreThanYouHave):
        pins.set_pin(actor=people.actor(manager), staff_id=office.id, pin="6093")


def test_a_leaver_gets_no_pin() -> None:
    gone = people.staff(name="Gone", state=Staff.State.LEFT)

    with pytest.raises(NotFound):
        pins.set_pin(actor=people.actor(people.owner()), staff_id=gone.id, pin="6093")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the PINs that were really compared."""
    seen: list[str] = []

    def compare(pin: str, _hashed: str) -> bool:
        seen.append(pin)
        return False

    monkeypatch.setattr(pins, "check_password", compare)
    return seen


def test_guessing_in_parallel_gains_no_further_try(
    bob: Staff, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pins, "record", lambda **_facts: None)
    schema = context.current()
    start = threading.Barrier(12)

    def guess() -> None:
        with context.inside(schema):
            start.wait()
            with pytest.raises((pins.PinWrong, pins.PinLocked)):
                _try(bob, "9999")

    guessers = [threading.Thread(target=guess) for _number in range(12)]
    for each in guessers:
        each.start()
    for each in guessers:
        each.join()

    assert len(looked_at) == 5
