"""Changing one's own e-mail address: the password first, then a link read at the new one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import signing

from regulars.audit import Actor
from regulars.audit.decisions import PasswordNeeded
from regulars.audit.models import Entry
from regulars.errors import Invalid
from regulars.staff import addresses, services
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, membership
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")

OLD, NEW = "bob@aurum.example", "robert@aurum.example"
DAY = timedelta(days=1)


@pytest.fixture
def bob(inside_aurum: ChainInfo) -> Staff:
    membership.remember(email=OLD, chain_id=inside_aurum.id)
    return people.staff(email=OLD, stores=(people.first_store(),))


def wish(person: Staff, now: datetime, **changes: Any) -> str:
    """Ask for another address and return the secret of the link."""
    asked: dict[str, Any] = {"email": NEW, "password": people.PASSWORD, "now": now} | changes
    _change, token = addresses.wish(actor=people.actor(person), **asked)
    return token


def test_nothing_changes_before_the_link_is_confirmed(bob: Staff, now: datetime) -> None:
    wish(bob, now)

    bob.refresh_from_db()
    assert (bob.email, bob.wished_email) == (OLD, NEW)
    assert EmailAddress.objects.get(user=bob).email == OLD
    assert membership.chains_of(email=NEW) == []


def test_a_confirmed_address_is_the_one_to_sign_in_with(
    bob: Staff, now: datetime, inside_aurum: ChainInfo
) -> None:
    change = addresses.confirm(token=wish(bob, now, email="  Robert@Aurum.Example "), now=now)

    bob.refresh_from_db()
    assert (change.old, change.new, change.is_done) == (OLD, NEW, True)
    assert (bob.email, bob.wished_email) == (NEW, None)
    kept = EmailAddress.objects.get(user=bob)
    assert (kept.email, kept.verified, kept.primary) == (NEW, True, True)
    assert [each.name for each in membership.chains_of(email=NEW)] == [inside_aurum.name]
    assert membership.chains_of(email=OLD) == []


def test_the_wish_and_the_change_are_audited(bob: Staff, now: datetime) -> None:
    addresses.confirm(token=wish(bob, now), now=now)

    entries = Entry.objects.filter(object_id=bob.id).order_by("id").values_list("action", "data")
    assert list(entries) == [
        ("staff.email-wished", {"wished": NEW}),
        ("staff.email-changed", {"old": OLD, "new": NEW}),
    ]


def test_the_address_operators_know_the_owner_by_follows(
    now: datetime, inside_aurum: ChainInfo
) -> None:
    alice = people.owner()
    Chain.objects.filter(pk=inside_aurum.id).update(owner_email="Alice@aurum.example")

    addresses.confirm(token=wish(alice, now, email="alice@lin.example"), now=now)

    assert Chain.objects.get(pk=inside_aurum.id).owner_email == "alice@lin.example"


def test_a_colleagues_change_leaves_the_owners_address_alone(
    bob: Staff, now: datetime, inside_aurum: ChainInfo
) -> None:
    before = Chain.objects.get(pk=inside_aurum.id).owner_email

    addresses.confirm(token=wish(bob, now), now=now)

    assert Chain.objects.get(pk=inside_aurum.id).owner_email == before


def test_without_the_password_nothing_is_asked_for(bob: Staff, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        wish(bob, now, password="not the password")

    bob.refresh_from_db()
    assert set(refusal.value.fields) == {"password"}
    assert bob.wished_email is None


@pytest.mark.parametrize("email", ["", "nobody", "a@b\nBcc: c@d.example", OLD, f"{'x' * 250}@y.io"])
def test_what_is_no_new_address_is_refused_at_its_field(
    bob: Staff, now: datetime, email: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        wish(bob, now, email=email)

    assert set(refusal.value.fields) == {"email"}


@pytest.mark.parametrize("state", Staff.State.values)
def test_an_address_of_this_chain_is_refused_whatever_became_of_its_person(
    bob: Staff, now: datetime, state: str
) -> None:
    people.staff(name="Mei", email=NEW, state=state)

    with pytest.raises(addresses.AddressTaken):
        wish(bob, now)


def test_a_colleague_who_came_by_the_address_meanwhile_keeps_it(bob: Staff, now: datetime) -> None:
    token = wish(bob, now)
    people.staff(name="Mei", email=NEW)

    with pytest.raises(addresses.AddressTaken):
        addresses.confirm(token=token, now=now)

    bob.refresh_from_db()
    assert bob.email == OLD


def test_the_same_address_in_another_chain_is_no_hindrance(
    bob: Staff, now: datetime, aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(bloom):
        people.staff(name="Charlie", email=NEW)
        membership.remember(email=NEW, chain_id=bloom.id)

    addresses.confirm(token=wish(bob, now), now=now)

    assert {each.id for each in membership.chains_of(email=NEW)} == {aurum.id, bloom.id}


def test_two_confirmations_are_one(bob: Staff, now: datetime) -> None:
    token = wish(bob, now)
    addresses.confirm(token=token, now=now)

    again = addresses.confirm(token=token, now=now + 2 * DAY)

    assert again.is_done
    assert Entry.objects.filter(action="staff.email-changed").count() == 1


def test_a_link_is_over_after_a_day(bob: Staff, now: datetime) -> None:
    token = wish(bob, now)

    addresses.find(token=token, now=now + DAY - timedelta(seconds=1))
    with pytest.raises(addresses.AddressLinkExpired):
        addresses.confirm(token=token, now=now + DAY)


def test_only_the_latest_link_counts(bob: Staff, now: datetime) -> None:
    mistyped = wish(bob, now, email="robrt@aurum.example")
    token = wish(bob, now)

    with pytest.raises(addresses.AddressLinkUnknown):
        addresses.confirm(token=mistyped, now=now)
    assert addresses.confirm(token=token, now=now).is_done


def test_a_withdrawn_link_no_longer_counts(bob: Staff, now: datetime) -> None:
    token = wish(bob, now)

    addresses.withdraw(actor=people.actor(bob))

    with pytest.raises(addresses.AddressLinkUnknown):
        addresses.confirm(token=token, now=now)


def test_a_changed_password_ends_the_link(bob: Staff, now: datetime) -> None:
    token = wish(bob, now)
    bob.refresh_from_db()
    bob.set_password("a brand new password")
    bob.save()

    with pytest.raises(addresses.AddressLinkUnknown):
        addresses.confirm(token=token, now=now)


def test_a_leavers_link_no_longer_counts(bob: Staff, now: datetime) -> None:
    token = wish(bob, now)
    services.leave(actor=people.actor(people.owner()), staff_id=bob.id, now=now)

    with pytest.raises(addresses.AddressLinkUnknown):
        addresses.confirm(token=token, now=now)


def test_a_link_of_one_chain_is_nothing_in_another(
    bob: Staff, now: datetime, bloom: ChainInfo
) -> None:
    token = wish(bob, now)
    with context.inside(bloom):
        twin = people.staff(name="Bob", id=bob.id, email=OLD, wished_email=NEW)
        Staff.objects.filter(pk=twin.pk).update(password=bob.password)

        with pytest.raises(addresses.AddressLinkUnknown):
            addresses.confirm(token=token, now=now)


@pytest.mark.parametrize(
    "token",
    ["", "nonsense", "a:b", signing.dumps({"chain": "x"})],
    ids=["nothing", "no signature", "a bad signature", "signed for something else"],
)
def test_what_we_did_not_sign_is_no_link(token: str, now: datetime) -> None:
    with pytest.raises(addresses.AddressLinkUnknown):
        addresses.find(token=token, now=now)


def test_who_came_by_pin_is_asked_to_sign_in_with_the_password(bob: Staff, now: datetime) -> None:
    by_pin = Actor(
        kind=people.actor(bob).kind, id=bob.id, role=Role.GUIDE, with_password=frozenset({"x"})
    )

    with pytest.raises(PasswordNeeded):
        addresses.wish(actor=by_pin, email=NEW, password=people.PASSWORD, now=now)


def test_who_has_only_a_pin_is_told_to_be_invited(now: datetime) -> None:
    mei = people.staff(name="Mei", stores=(people.first_store(),), pin=people.PIN)

    with pytest.raises(addresses.NoPassword):
        wish(mei, now)
