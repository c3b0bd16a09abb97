"""Colleagues, roles and places: nobody gives more than they have, and an owner remains."""

from datetime import datetime

import pytest

from regulars.audit.models import Entry
from regulars.errors import Forbidden, Invalid, NotFound
from regulars.staff import granting, services
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.stores.models import Store
from regulars.tenancy import membership
from regulars.tenancy.context import ChainInfo
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture
def shop() -> Store:
    return people.store(code="e1", region=people.region())


@pytest.fixture
def manager(shop: Store) -> Staff:
    return people.staff(name="Mei", role=Role.STORE_MANAGER, stores=(shop,))


def test_a_manager_adds_a_guide_with_a_pin_only(manager: Staff, shop: Store) -> None:
    made = services.add_colleague(
        actor=people.actor(manager),
        name="  小  林 ",
        number="G 17",
        place=Place(role=Role.GUIDE, store_ids=(shop.id,)),
        pin=people.PIN,
    )

    made.refresh_from_db()
    assert (made.name, made.number, made.role, made.home_store_id) == (
        "小 林",
        "G17",
        Role.GUIDE,
        shop.id,
    )
    assert made.pin
    assert people.PIN not in made.pin
    assert not made.has_usable_password()
    assert Entry.objects.filter(object_id=made.id, action="staff.added").exists()


def test_somebody_without_an_address_can_only_be_a_guide(manager: Staff, shop: Store) -> None:
    with pytest.raises(Invalid):
        services.add_colleague(
            actor=people.actor(manager),
            name="Lin",
            place=Place(role=Role.STORE_MANAGER, store_ids=(shop.id,)),
        )


def test_a_number_belongs_to_one_colleague(manager: Staff, shop: Store) -> None:
    people.staff(name="First", number="17")

    with pytest.raises(services.NumberTaken):
        services.add_colleague(
            actor=people.actor(manager),
            name="Second",
            number="17",
            place=Place(role=Role.GUIDE, store_ids=(shop.id,)),
        )


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "turned\u202eround"])
def test_a_name_that_cannot_be_shown_is_refused(name: str, manager: Staff, shop: Store) -> None:
    with pytest.raises(Invalid) as refusal:
        services.edit_self(actor=people.actor(manager), name=name, phone="", language="")

    assert "name" in refusal.value.fields


@pytest.mark.parametrize(
    ("giver", "given"),
    [
        (Role.STORE_MANAGER, Role.REGION_MANAGER),
        (Role.STORE_MANAGER, Role.HEAD_OFFICE),
        (Role.STORE_MANAGER, Role.ANALYST),
        (Role.REGION_MANAGER, Role.ANALYST),
        (Role.REGION_MANAGER, Role.OWNER),
        (Role.HEAD_OFFICE, Role.OWNER),
        (Role.GUIDE, Role.GUIDE),
        (Role.ANALYST, Role.GUIDE),
    ],
)
def test_nobody_gives_a_role_beyond_their_own(shop: Store, giver: Role, given: Role) -> None:
    region = shop.region
    assert region is not None
    regions = (region,) if giver == Role.REGION_MANAGER else ()
    boss = people.staff(name="Boss", role=giver, stores=(shop,), regions=regions)
    other = people.staff(name="Other", stores=(shop,))
    wanted = Place(
        role=given,
        store_ids=(shop.id,),
        region_ids=(region.id,) if given == Role.REGION_MANAGER else (),
    )

    with pytest.raises(Forbidden):
        services.place(actor=people.actor(boss), staff_id=other.id, place=wanted)

    other.refresh_from_db()
    assert other.role == Role.GUIDE


def test_nobody_gives_a_store_they_do_not_have(manager: Staff, shop: Store) -> None:
    elsewhere = people.store(code="w1")
    guide = people.staff(name="Guide", stores=(shop,))

    with pytest.raises(granting.MoreThanYouHave):
        services.place(
            actor=people.actor(manager),
            staff_id=guide.id,
            place=Place(role=Role.GUIDE, store_ids=(shop.id, elsewhere.id)),
        )


def test_a_region_manager_gives_only_their_own_regions(shop: Store) -> None:
    own, other = shop.region, people.region(code="west", name="西部")
    assert own is not None
    boss = people.staff(name="Boss", role=Role.REGION_MANAGER, regions=(own,))
    guide = people.staff(name="Guide", stores=(shop,))

    services.place(
        actor=people.actor(boss),
        staff_id=guide.id,
        place=Place(role=Role.REGION_MANAGER, region_ids=(own.id,)),
    )
    with pytest.raises(granting.MoreThanYouHave):
        services.place(
            actor=people.actor(boss),
            staff_id=guide.id,
            place=Place(role=Role.REGION_MANAGER, region_ids=(own.id, other.id)),
        )

    assert list(guide.assignments.values_list("region__code", flat=True)) == ["east"]


def test_people_of_other_stores_are_not_even_found(manager: Staff) -> None:
    stranger = people.staff(name="Stranger", stores=(people.store(code="w1"),))

    with pytest.raises(NotFound):
        services.edit(
            actor=people.actor(manager), staff_id=stranger.id, name="X", number="", phone=""
        )


def test_a_store_manager_cannot_touch_the_region_manager_of_the_store(
    manager: Staff, shop: Store
) -> None:
    region = shop.region
    assert region is not None
    above = people.staff(name="Above", role=Role.REGION_MANAGER, regions=(region,))

    with pytest.raises(granting.MoreThanYouHave):
        services.edit(actor=people.actor(manager), staff_id=above.id, name="X", number="", phone="")


@pytest.mark.parametrize(
    "place",
    [
        Place(role=Role.REGION_MANAGER),
        Place(role=Role.STORE_MANAGER),
        Place(role=Role.GUIDE),
        Place(role="cleaner"),
    ],
)
def test_a_role_without_its_place_is_refused(place: Place, shop: Store) -> None:
    guide = people.staff(name="Guide", stores=(shop,))

    with pytest.raises(Invalid):
        services.place(actor=people.actor(people.owner()), staff_id=guide.id, place=place)


def test_the_last_owner_cannot_be_demoted_or_leave(now: datetime) -> None:
    alice = people.owner()

    with pytest.raises(granting.LastOwner):
        services.place(
            actor=people.actor(alice), staff_id=alice.id, place=Place(role=Role.HEAD_OFFICE)
        )
    with pytest.raises(granting.LastOwner):
        services.leave(actor=people.actor(alice), staff_id=alice.id, now=now)


def test_one_of_two_owners_may_go(now: datetime) -> None:
    alice = people.owner()
    people.staff(name="Second", role=Role.OWNER)

    services.leave(actor=people.actor(alice), staff_id=alice.id, now=now)

    alice.refresh_from_db()
    assert alice.state == Staff.State.LEFT


def test_an_invited_owner_does_not_count_as_one_who_stays(now: datetime) -> None:
    alice = people.owner()
    people.staff(name="Second", role=Role.OWNER, state=Staff.State.INVITED)

    with pytest.raises(granting.LastOwner):
        services.leave(actor=people.actor(alice), staff_id=alice.id, now=now)


def test_who_leaves_keeps_nothing_to_come_in_with(
    inside_aurum: ChainInfo, shop: Store, now: datetime
) -> None:
    bob = people.staff(stores=(shop,), email="bob@aurum.example", pin=people.PIN)
    membership.remember(email="bob@aurum.example", chain_id=inside_aurum.id)

    services.leave(actor=people.actor(people.owner()), staff_id=bob.id, now=now)

    bob.refresh_from_db()
    assert (bob.state, bob.left_at, bob.pin) == (Staff.State.LEFT, now, "")
    assert not bob.has_usable_password()
    assert membership.chains_of(email="bob@aurum.example") == []


def test_leaving_twice_changes_nothing(shop: Store, now: datetime) -> None:
    bob = people.staff(stores=(shop,))
    actor = people.actor(people.owner())

    first = services.leave(actor=actor, staff_id=bob.id, now=now)
    again = services.leave(actor=actor, staff_id=bob.id, now=now.replace(year=2027))

    assert again.left_at == first.left_at
    assert Entry.objects.filter(object_id=bob.id, action="staff.left").count() == 1


def test_head_office_cannot_put_itself_into_a_franchise_that_keeps_its_customers() -> None:
    franchise = people.store(code="fr", ownership=Store.Ownership.FRANCHISE, shares_customers=False)
    office = people.staff(name="Office", role=Role.HEAD_OFFICE)
    actor = people.actor(office)

    with pytest.raises(granting.MoreThanYouHave):
        services.place(
            actor=actor,
            staff_id=office.id,
            place=Place(role=Role.HEAD_OFFICE, store_ids=(franchise.id,)),
        )
