"""A second round is judged by what the customer says after it, not by what they said before."""

from typing import Any

import pytest

from regulars.complaints import selectors, services
from regulars.complaints.models import Case
from regulars.complaints.services.ending import EndRefused
from regulars.complaints.way import End
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import Cast
from tests.factories.customers import NOW


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def unsatisfied(cast: Cast, case: Case, key: str) -> Case:
    return services.answered(
        actor=cast.guide, case_id=case.pk, satisfied=False, text="Loose", now=NOW, key=key
    )


def ends(cast: Cast, case: Case) -> tuple[End, ...]:
    return selectors.one(actor=cast.manager, case_id=case.pk).ends


def test_no_end_as_still_unsatisfied_before_the_second_round_was_judged(cast: Cast) -> None:
    case = complaints.settle(complaints.case(cast), cast.guide)
    case = unsatisfied(cast, case, "first")
    facts: dict[str, Any] = {
        "actor": cast.manager, "case_id": case.pk, "how": "unsatisfied", "reason": "No way",
        "now": NOW,
    }  # fmt: skip
    assert End.UNSATISFIED not in ends(cast, case)
    with pytest.raises(EndRefused):
        services.end(**facts, key="early")

    way: list[tuple[Any, dict[str, Any]]] = [
        (services.propose, {"text": "New", "cause_told": True, "remedies": []}),
        (services.agree, {"how": "phone", "text": ""}),
        (services.do, {"text": "Done"}),
        (services.ask, {"text": "And now?"}),
    ]
    for number, (verb, more) in enumerate(way):
        verb(actor=cast.guide, case_id=case.pk, now=NOW, key=f"again{number}", **more)
    case.refresh_from_db()
    assert (case.state, case.satisfied) == ("asked", None)
    assert End.UNSATISFIED not in ends(cast, case)
    with pytest.raises(EndRefused):
        services.end(**facts, key="still-early")

    unsatisfied(cast, case, "second")
    assert End.UNSATISFIED in ends(cast, case)
    assert services.end(**facts, key="late").ended == "unsatisfied"
