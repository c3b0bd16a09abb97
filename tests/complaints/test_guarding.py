"""A step is taken only by whoever has seen what happened before it, and nothing typed is lost."""

from typing import Any

import pytest

from regulars.complaints import selectors, services
from regulars.complaints.models import Case
from regulars.complaints.services import escalating, guarding, remedies
from regulars.complaints.services.guarding import GoneOn
from regulars.complaints.services.remedies import Wish
from regulars.complaints.way import Move
from regulars.errors import Forbidden, NotFound
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import HOUR, Cast
from tests.factories.customers import NOW


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def held(cast: Cast, case: Case, version: int, key: str = "k") -> Case:
    return guarding.hold(actor=cast.guide, case_id=case.pk, version=version, key=key)


def test_a_page_that_shows_everything_passes(cast: Cast) -> None:
    case = complaints.case(cast)

    assert held(cast, case, case.version) == case


def test_a_page_that_is_behind_is_told_who_did_what(cast: Cast) -> None:
    case = complaints.case(cast)
    seen = case.version
    services.apologise(actor=cast.manager, case_id=case.pk, text="Sorry", now=NOW, key="a")

    with pytest.raises(GoneOn) as caught:
        held(cast, case, seen)

    assert "Apologised" in str(caught.value)
    assert "Mona" in str(caught.value)


def test_what_changes_nothing_for_a_step_does_not_hold_it_up(cast: Cast) -> None:
    case = complaints.case(cast, severity="urgent")
    seen = case.version
    services.note(actor=cast.manager, case_id=case.pk, text="By the way", now=NOW, key="n")
    escalating.sweep(now=NOW + 10 * HOUR)
    case.refresh_from_db()
    assert case.version > seen + 1

    assert held(cast, case, seen) == case
    assert guarding.news(case, version=seen) == ""


def test_a_request_that_was_taken_passes_again(cast: Cast) -> None:
    case = complaints.case(cast)
    seen = case.version
    services.apologise(actor=cast.guide, case_id=case.pk, text="Sorry", now=NOW, key="mine")

    assert held(cast, case, seen, key="mine") == case
    with pytest.raises(GoneOn):
        held(cast, case, seen, key="another")


def test_who_may_not_see_it_learns_nothing(cast: Cast) -> None:
    case = complaints.case(cast)

    with pytest.raises(NotFound):
        guarding.hold(actor=cast.stranger, case_id=case.pk, version=0, key="")


def test_a_colleague_writes_down_that_the_customer_wants_it_opened_again(cast: Cast) -> None:
    case = complaints.case(cast)
    remedies.ask(
        actor=cast.office, case_id=case.pk, wish=Wish(kind="repair", label="Mend"), now=NOW, key="w"
    )
    remedies.carry_out(actor=cast.office, remedy_id=case.remedies.get().pk, now=NOW)
    case = complaints.settle(case, cast.guide)
    facts: dict[str, Any] = {"case_id": case.pk, "now": NOW}
    services.answered(actor=cast.guide, satisfied=True, text="", key="yes", **facts)
    assert selectors.one(actor=cast.guide, case_id=case.pk).moves == (Move.REOPEN,)
    assert selectors.one(actor=cast.office, case_id=case.pk).moves == (Move.REOPEN,)

    with pytest.raises((Forbidden, NotFound)):
        services.reopen_for(actor=cast.colleague, text="It broke again", key="r", **facts)
    case = services.reopen_for(actor=cast.guide, text="It broke again", key="r", **facts)

    assert (case.state, case.round, case.ended) == ("investigating", 2, "")
    assert case.reviewer_id == cast.manager.id
