"""Out of the box a satisfied complaint starts care: thanks for the opinion, then a call (Q3)."""

from datetime import timedelta

import pytest

from regulars import registry
from regulars.complaints import services
from regulars.followups.models import Task
from regulars.outbox import services as outbox
from regulars.registry import built_in, loading
from regulars.tenancy.context import ChainInfo
from tests.complaints.test_way import whole
from tests.factories import complaints
from tests.factories.complaints import Cast
from tests.factories.customers import NOW


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def answered(cast: Cast, *, satisfied: bool) -> None:
    case = whole(cast)
    services.answered(
        actor=cast.manager, case_id=case.pk, satisfied=satisfied, text="", now=NOW, key="answer"
    )
    outbox.work_off()


def tasks() -> list[tuple[str, int]]:
    rows = Task.objects.filter(plan="after-complaint").order_by("due_on")
    return [(row.step, (row.due_on - NOW.date()) // timedelta(days=1)) for row in rows]


def test_a_satisfied_customer_is_thanked_and_called(cast: Cast) -> None:
    answered(cast, satisfied=True)

    (first, thanked), *_later = tasks()
    assert (first, thanked >= 1) == ("thank", True)
    assert Task.objects.get(plan="after-complaint", step="thank").owner_id == cast.guide.id


def test_who_is_not_satisfied_is_not(cast: Cast) -> None:
    answered(cast, satisfied=False)

    assert tasks() == []


@pytest.mark.parametrize("key", sorted(loading.installed()))
def test_every_industry_has_it_with_words_and_once(key: str) -> None:
    (plan,) = (each for each in loading.base(key).follow_ups if each.starts == "complaint.closed")
    words = {each.key for each in loading.base(key).messages}

    assert [each.key for each in plan.steps] == ["thank", "still-well"]
    assert {each.send for each in plan.steps if each.send} <= words
    assert built_in.joined(loading.base(key)).follow_ups == loading.base(key).follow_ups


def test_head_office_sees_it_among_its_plans(inside_aurum: ChainInfo) -> None:
    assert "after-complaint" in {each.key for each in registry.vertical().follow_ups}
