"""Whoever leaves leaves no complaint behind: it is somebody else's at once (Q2)."""

import pytest

from regulars.audit import SYSTEM
from regulars.complaints import services
from regulars.complaints.models import Case, Entry
from regulars.staff.models import Role, Staff
from regulars.tenancy.context import ChainInfo
from regulars.usecases import leave
from tests.complaints.test_way import whole
from tests.factories import complaints, people
from tests.factories.complaints import Cast
from tests.factories.customers import NOW


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def leaves(person: object, *, to: object = None) -> None:
    """Let somebody leave, their customers going to somebody else or to nobody."""
    leave.leave(
        actor=SYSTEM, staff_id=person.id, successor_id=to.id if to else None, now=NOW  # type: ignore[attr-defined]
    )  # fmt: skip


def of(case: Case) -> Case:
    case.refresh_from_db()
    return case


def test_a_successor_of_the_store_owns_it_and_the_reason_is_written(cast: Cast) -> None:
    case = complaints.case(cast)

    leaves(cast.guide, to=cast.colleague)

    assert of(case).owner_id == cast.colleague.id
    step = Entry.objects.get(case=case, kind="handed-on")
    assert step.data == {"from": str(cast.guide.id), "to": str(cast.colleague.id)}
    assert step.text
    assert step.public is False


def test_a_successor_from_elsewhere_gets_none_but_the_stores_manager(cast: Cast) -> None:
    case = complaints.case(cast)

    leaves(cast.guide, to=cast.stranger)

    assert of(case).owner_id == cast.manager.id


def test_without_a_successor_it_is_the_managers(cast: Cast) -> None:
    case = complaints.case(cast)

    leaves(cast.guide)

    assert of(case).owner_id == cast.manager.id


def test_where_nobody_answers_it_waits_for_the_first_who_opens_it(cast: Cast) -> None:
    case = complaints.case(cast)
    above = Staff.objects.filter(
        role__in=[Role.STORE_MANAGER, Role.REGION_MANAGER, Role.HEAD_OFFICE]
    )
    above.update(role=Role.ANALYST)
    Staff.objects.filter(role=Role.OWNER).update(state=Staff.State.INVITED)

    leaves(cast.guide)

    assert of(case).owner_id is None
    services.take(actor=cast.colleague, case_id=case.pk, now=NOW)
    assert of(case).owner_id == cast.colleague.id


def test_whoever_takes_over_does_not_review_their_own(cast: Cast) -> None:
    case = complaints.settle(complaints.case(cast), cast.guide)
    services.answered(
        actor=cast.guide, case_id=case.pk, satisfied=False, text="No.", now=NOW, key="no"
    )
    assert of(case).reviewer_id == cast.manager.id

    leaves(cast.guide)

    assert of(case).owner_id == cast.manager.id
    assert case.reviewer_id == cast.region.id


def test_a_reviewer_who_leaves_is_replaced_and_the_owner_stays(cast: Cast) -> None:
    case = complaints.settle(complaints.case(cast), cast.guide)
    services.answered(
        actor=cast.guide, case_id=case.pk, satisfied=False, text="No.", now=NOW, key="no"
    )

    leaves(cast.manager)

    assert (of(case).owner_id, case.reviewer_id) == (cast.guide.id, cast.region.id)
    assert not Entry.objects.filter(case=case, kind="handed-on").exists()


def test_what_is_over_stays_whose_it_was_and_leaving_again_changes_nothing(cast: Cast) -> None:
    over = whole(cast)
    services.answered(
        actor=cast.manager, case_id=over.pk, satisfied=True, text="", now=NOW, key="yes"
    )
    running = complaints.case(cast, key="another")

    leaves(cast.manager)
    leaves(cast.guide)
    leaves(cast.guide)

    assert of(over).owner_id == cast.manager.id
    assert of(running).owner_id == cast.region.id
    assert Entry.objects.filter(case=running, kind="handed-on").count() == 1


def test_a_successor_who_leaves_as_well_hands_it_on_again(cast: Cast) -> None:
    colleague = people.staff(name="Nina", stores=(cast.store,))
    case = complaints.case(cast)
    leaves(cast.guide, to=people.actor(colleague))

    leaves(people.actor(colleague))

    assert of(case).owner_id == cast.manager.id
    assert Entry.objects.filter(case=case, kind="handed-on").count() == 2
