"""Two people change the team at the same moment: an owner remains, an address is used once."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from regulars.errors import RegularsError
from regulars.staff import granting, invitations, services
from regulars.staff.granting import LastOwner, Place
from regulars.staff.models import Role, Staff
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.factories import people


def at_once(chain: ChainInfo, *works: Callable[[], Any]) -> list[RegularsError | None]:
    """Do each in a thread with a connection of its own; return what each was refused with."""
    start = threading.Barrier(len(works))
    outcomes: list[RegularsError | None] = []

    def do(work: Callable[[], Any]) -> None:
        with context.inside(chain):
            start.wait()
            try:
                work()
                outcomes.append(None)
            except RegularsError as refusal:
                outcomes.append(refusal)
        connection.close()

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return outcomes


def _aurum() -> ChainInfo:
    chain = directory.find("aurum")
    assert chain is not None
    return chain


def test_two_owners_who_leave_at_once_do_not_both_get_away(
    own_database: str, now: datetime
) -> None:
    chain = _aurum()
    with context.inside(chain):
        alice, second = people.owner(), people.staff(name="Second", role=Role.OWNER)
        actor = people.actor(alice)

    outcomes = at_once(
        chain,
        lambda: services.leave(actor=actor, staff_id=alice.id, now=now),
        lambda: services.leave(actor=actor, staff_id=second.id, now=now),
    )

    with context.inside(chain):
        owners = Staff.objects.filter(role=Role.OWNER, state=Staff.State.ACTIVE).count()
    assert owners == 1
    assert len(outcomes) == 2
    assert [type(each) for each in outcomes if each is not None] == [LastOwner]


def test_without_the_queue_both_owners_would_get_away(
    own_database: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control: with the guard off and both past the check, nobody is left."""
    chain, both_checked, check = _aurum(), threading.Barrier(2), granting.keep_an_owner

    def check_and_wait(staff: Staff) -> None:
        check(staff)
        both_checked.wait(timeout=20)

    monkeypatch.setattr(granting, "one_at_a_time", lambda: None)
    monkeypatch.setattr(granting, "keep_an_owner", check_and_wait)
    with context.inside(chain):
        alice, second = people.owner(), people.staff(name="Second", role=Role.OWNER)
        actor = people.actor(alice)

    at_once(
        chain,
        lambda: services.leave(actor=actor, staff_id=alice.id, now=now),
        lambda: services.leave(actor=actor, staff_id=second.id, now=now),
    )

    with context.inside(chain):
        assert not Staff.objects.filter(role=Role.OWNER, state=Staff.State.ACTIVE).exists()


def test_two_invitations_of_one_address_make_one_person(own_database: str, now: datetime) -> None:
    chain = _aurum()
    with context.inside(chain):
        actor, shop = people.actor(people.owner()), people.first_store()

    def invite() -> None:
        invitations.invite(
            actor=actor,
            email="bob@aurum.example",
            name="Bob",
            place=Place(role=Role.GUIDE, store_ids=(shop.id,)),
            now=now,
        )

    outcomes = at_once(chain, invite, invite, invite)

    with context.inside(chain):
        assert Staff.objects.filter(email="bob@aurum.example").count() == 1
    assert outcomes == [None, None, None]
