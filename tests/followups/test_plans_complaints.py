"""Care rests exactly while the complaint is open, in whatever order its news is heard (Q3)."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.complaints.models import Case
from regulars.followups.plans import pausing
from regulars.tenancy.context import ChainInfo
from regulars.usecases import plan_complaints
from tests.factories import complaints, followups
from tests.factories.complaints import Cast
from tests.factories.customers import NOW
from tests.factories.followups import plan
from tests.followups.conftest import Declare

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


@pytest.fixture
def case(cast: Cast) -> Case:
    return complaints.case(cast)


def stands(case: Case, *, closed: bool) -> None:
    end = {"state": "closed", "ended": "withdrawn", "closed_at": NOW + HOUR}
    facts = end if closed else {"state": "heard", "ended": "", "closed_at": None}
    Case.objects.filter(pk=case.pk).update(**facts)


def hear(case: Case, news: str, at: Any) -> None:
    told: dict[str, Any] = {
        "customer": str(case.customer_id), "complaint": str(case.pk), "at": at.isoformat(),
        "now": NOW + 9 * HOUR,
    }  # fmt: skip
    if news == "opened":
        plan_complaints.opened(**told)
    else:
        plan_complaints.closed(**told, satisfied=news == "satisfied")


def is_paused(case: Case) -> bool:
    assert case.customer_id is not None
    return pausing.is_paused(case.customer_id)


@pytest.mark.parametrize("ended", ["satisfied", "closed"])
@pytest.mark.parametrize("turn", [*permutations((0, 1, 1), 3)])
def test_care_goes_on_though_the_end_is_heard_of_first(
    case: Case, ended: str, turn: tuple[int, ...]
) -> None:
    stands(case, closed=True)

    for which in turn:
        hear(case, *(("opened", NOW), (ended, NOW + HOUR))[which])

    assert not is_paused(case)


@pytest.mark.parametrize("ended", ["satisfied", "closed"])
@pytest.mark.parametrize("turn", [*permutations(range(3))])
def test_care_rests_on_while_it_is_open_again(
    cast: Cast, case: Case, declare: Declare, ended: str, turn: tuple[int, ...]
) -> None:
    declare(plan("sorry", starts="complaint.closed"))
    stands(case, closed=False)
    news = (("opened", NOW), (ended, NOW + HOUR), ("opened", NOW + 2 * HOUR))

    for which in turn:
        hear(case, *news[which])

    assert is_paused(case)
    assert not [each for each in followups.told(cast.customer) if "sorry" in each]


def test_a_plan_that_a_complaint_stops_is_stopped_all_the_same(
    cast: Cast, case: Case, declare: Declare
) -> None:
    declare(plan("care", stops=("complaint.opened",)))
    task = followups.task(cast.customer, plan="care", since=NOW - HOUR)
    stands(case, closed=True)

    hear(case, "closed", NOW + HOUR)
    hear(case, "opened", NOW)

    task.refresh_from_db()
    assert (task.state, task.why) == ("stopped", "complaint.opened")


@pytest.mark.parametrize("news", ["opened", "closed"])
def test_the_customer_is_held_before_the_complaint_as_in_a_merge(case: Case, news: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        hear(case, news, NOW)

    said = [each["sql"] for each in asked]
    customer = next(at for at, sql in enumerate(said) if "FOR KEY SHARE" in sql)
    complaint = next(at for at, sql in enumerate(said) if "FOR NO KEY UPDATE" in sql)
    assert customer < complaint
    assert "complaints_case" in said[complaint]
