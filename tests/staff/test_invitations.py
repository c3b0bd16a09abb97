"""Joining by invitation: one link, seven days, one use, one chain."""

from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from regulars.errors import Conflict, Invalid, NotFound
from regulars.staff import granting, invitations, services
from regulars.staff.granting import Place
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, membership
from regulars.tenancy.context import ChainInfo
from tests.factories import people

pytestmark = pytest.mark.usefixtures("inside_aurum")

EMAIL = "bob@aurum.example"
DAY = timedelta(days=1)


def invite(now: datetime, *, email: str = EMAIL, role: Role = Role.GUIDE) -> tuple[Staff, str]:
    """Let Alice invite somebody to her first store."""
    return invitations.invite(
        actor=people.actor(people.owner()),
        email=email,
        name="Bob",
        place=Place(role=role, store_ids=(people.first_store().id,)),
        language="en",
        now=now,
    )


def accept(token: str, now: datetime, *, password: str = people.PASSWORD) -> Staff:
    """Join with the usual answers."""
    return invitations.accept(token=token, name="Bob", password=password, language="en", now=now)


def test_an_accepted_invitation_makes_somebody_who_can_sign_in(
    inside_aurum: ChainInfo, now: datetime
) -> None:
    _invited, token = invite(now, email="  Bob@Aurum.Example ")

    bob = accept(token, now + 6 * DAY)

    assert (bob.email, bob.state, bob.role) == (EMAIL, Staff.State.ACTIVE, Role.GUIDE)
    assert bob.check_password(people.PASSWORD)
    assert EmailAddress.objects.filter(user=bob, email=EMAIL, verified=True, primary=True).exists()
    assert [each.name for each in membership.chains_of(email=EMAIL)] == [inside_aurum.name]


def test_only_a_digest_of_the_link_is_kept(now: datetime) -> None:
    invited, token = invite(now)

    invited.refresh_from_db()
    assert invited.invite_hash
    assert token not in invited.invite_hash


def test_a_link_works_once(now: datetime) -> None:
    _invited, token = invite(now)
    accept(token, now)

    with pytest.raises(invitations.InvitationUnknown):
        accept(token, now, password="another good password")


def test_a_link_is_over_after_seven_days(now: datetime) -> None:
    _invited, token = invite(now)

    invitations.find(token=token, now=now + 7 * DAY - timedelta(seconds=1))
    with pytest.raises(invitations.InvitationExpired):
        invitations.find(token=token, now=now + 7 * DAY)


def test_a_link_of_one_chain_means_nothing_in_another(now: datetime, bloom: ChainInfo) -> None:
    _invited, token = invite(now)

    with context.inside(bloom), pytest.raises(invitations.InvitationUnknown):
        invitations.find(token=token, now=now)


def test_a_fresh_link_ends_the_earlier_one(now: datetime) -> None:
    bob, first = invite(now)

    _again, second = invitations.renew(
        actor=people.actor(people.owner()), staff_id=bob.id, now=now + 8 * DAY
    )

    with pytest.raises(invitations.InvitationUnknown):
        invitations.find(token=first, now=now)
    assert invitations.find(token=second, now=now + 9 * DAY) == bob


def test_a_withdrawn_invitation_is_over_and_its_address_forgotten(now: datetime) -> None:
    bob, token = invite(now)

    invitations.withdraw(actor=people.actor(people.owner()), staff_id=bob.id, now=now)

    bob.refresh_from_db()
    assert (bob.state, bob.email) == (Staff.State.LEFT, None)
    with pytest.raises(invitations.InvitationUnknown):
        invitations.find(token=token, now=now)


def test_inviting_the_same_address_again_replaces_the_first(now: datetime) -> None:
    bob, first = invite(now)

    again, second = invite(now, role=Role.STORE_MANAGER)

    assert again.id == bob.id
    assert accept(second, now).role == Role.STORE_MANAGER
    with pytest.raises(NotFound):
        invitations.find(token=first, now=now)


def test_somebody_who_works_here_is_not_invited_again(now: datetime) -> None:
    people.staff(email=EMAIL)

    with pytest.raises(invitations.AlreadyHere) as refusal:
        invite(now)

    assert isinstance(refusal.value, Conflict)
    assert "email" in refusal.value.fields


def test_somebody_who_left_comes_back_as_the_same_person(now: datetime) -> None:
    bob = people.staff(email=EMAIL, stores=(people.first_store(),))
    services.leave(actor=people.actor(people.owner()), staff_id=bob.id, now=now)

    _invited, token = invite(now + DAY)
    back = accept(token, now + DAY)

    assert back.id == bob.id
    assert back.left_at is None
    assert EmailAddress.objects.filter(email=EMAIL, verified=True).count() == 1


def test_an_invited_person_cannot_sign_in_before_joining(now: datetime) -> None:
    bob, _token = invite(now)

    assert not bob.is_active
    assert not bob.has_usable_password()


@pytest.mark.parametrize("password", ["short", "1234567890", "password123"])
def test_a_weak_password_is_refused_and_the_link_stays(now: datetime, password: str) -> None:
    _bob, token = invite(now)

    with pytest.raises(Invalid) as refusal:
        accept(token, now, password=password)

    assert "password" in refusal.value.fields
    assert accept(token, now).state == Staff.State.ACTIVE


@pytest.mark.parametrize("email", ["", "bob", "bob@", "a b@c.example", "x" * 250 + "@e.example"])
def test_an_address_that_is_none_is_refused(now: datetime, email: str) -> None:
    with pytest.raises(Invalid):
        invite(now, email=email)


def test_nobody_is_invited_beyond_the_inviters_own_place(now: datetime) -> None:
    manager = people.staff(name="Mei", role=Role.STORE_MANAGER, stores=(people.first_store(),))

    with pytest.raises(granting.MoreThanYouHave):
        invitations.invite(
            actor=people.actor(manager),
            email=EMAIL,
            name="Bob",
            place=Place(role=Role.HEAD_OFFICE),
            now=now,
        )

    assert not Staff.objects.filter(email=EMAIL).exists()
