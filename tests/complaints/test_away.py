"""While the owner of a complaint is away others hear of it (Q2)."""

from datetime import timedelta

import pytest

from regulars.audit import Actor
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import escalating
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import HOUR, Cast
from tests.factories.customers import NOW
from tests.factories.visitors import signed_in

TODAY = NOW.date()
DAY = timedelta(days=1)


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def away(*actors: Actor, until: object = TODAY) -> None:
    Staff.objects.filter(pk__in=[each.id for each in actors]).update(away_until=until)


def told(case: Case, kind: str) -> list[str]:
    steps = Entry.objects.filter(case=case, kind=kind).order_by("id")
    return [to for each in steps for to in each.data["to"]]


def ids(*actors: Actor) -> list[str]:
    return [str(each.id) for each in actors]


def test_the_manager_is_warned_while_the_owner_is_away(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    away(cast.guide)

    escalating.sweep(now=NOW + 0.8 * HOUR)

    assert told(case, "warned") == ids(cast.manager)
    case.refresh_from_db()
    assert case.owner_id == cast.guide.id


def test_who_is_back_is_warned_again(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    away(cast.guide, until=TODAY - DAY)

    escalating.sweep(now=NOW + 0.8 * HOUR)

    assert told(case, "warned") == ids(cast.guide)


def test_where_the_manager_is_away_too_the_region_is_warned(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    away(cast.guide, cast.manager)

    escalating.sweep(now=NOW + 0.8 * HOUR)

    assert told(case, "warned") == ids(cast.region)


def test_a_level_whose_people_are_away_is_passed_over(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    away(cast.manager)

    escalating.sweep(now=NOW + HOUR)

    assert told(case, "escalated") == ids(cast.region)


def test_where_everybody_is_away_head_office_is_told_all_the_same(cast: Cast) -> None:
    case = complaints.case(cast, severity="high")
    Staff.objects.update(away_until=TODAY)

    escalating.sweep(now=NOW + 0.8 * HOUR)
    escalating.sweep(now=NOW + HOUR)

    assert told(case, "warned") == ids(cast.guide)
    assert str(cast.office.id) in told(case, "escalated")


def test_the_page_says_that_the_owner_is_away(cast: Cast) -> None:
    case = complaints.case(cast)
    office = signed_in()
    here = office.get(f"/complaints/{case.pk}/").text
    away(cast.guide, until=TODAY + 400 * DAY)

    gone = office.get(f"/complaints/{case.pk}/").text

    assert "until 2027-" not in here
    assert "until 2027-" in gone
