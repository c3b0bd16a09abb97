"""Doing one thing with many complaints: asked about first, each within one's scope."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints.models import Case, Entry
from regulars.web.complaints import bulk_acts
from tests.factories import complaints
from tests.factories.complaints import Cast
from tests.factories.visitors import Visitor
from tests.web.test_complaints_board import browser

pytestmark = pytest.mark.usefixtures("inside_aurum")
CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast() -> Cast:
    return complaints.cast()


def some(cast: Cast, count: int = 3, **facts: Any) -> list[Case]:
    """Raise complaints."""
    return [
        complaints.case(cast, key=str(n), title=f"Ring {n}.", now=timezone.now(), **facts)
        for n in range(count)
    ]


def asked(act: str, cases: list[Case], **more: Any) -> dict[str, Any]:
    """Return what the page that asks sends."""
    return {"act": act, "case": [case.pk for case in cases], "once": str(uuid4()), **more}


def said(visitor: Visitor, form: dict[str, Any], status: int = 200) -> str:
    answer = visitor.post("/complaints/bulk/", form, follow=True)
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def steps(kind: str) -> list[str]:
    """Return what was written at steps of a kind."""
    return list(Entry.objects.filter(kind=kind).values_list("text", flat=True))


def test_what_needs_words_is_asked_about_first_and_changes_nothing(cast: Cast) -> None:
    cases = some(cast)

    page = said(browser(cast.manager), {"act": "note", "case": [case.pk for case in cases[:2]]})

    assert "2 complaints" in page
    assert page.count('name="case"') == 2
    assert steps("note") == []


def test_a_note_is_written_on_each_once_however_often_it_is_sent(cast: Cast) -> None:
    manager, form = browser(cast.manager), asked("note", some(cast), text="Recall of May")

    first, second = said(manager, form), said(manager, form)

    assert "Done with 3 complaints" in first
    assert "Done with 3 complaints" in second
    assert steps("note") == ["Recall of May"] * 3


def test_complaints_are_handed_on_to_a_colleague_of_the_store(cast: Cast) -> None:
    cases = some(cast)
    manager = browser(cast.manager)

    page = said(manager, asked("hand-on", cases, to=str(cast.colleague.id), text="On leave"))

    assert "Done with 3 complaints" in page
    assert {case.owner_id for case in Case.objects.all()} == {cast.colleague.id}
    again = said(manager, asked("hand-on", cases[:1], to=str(cast.colleague.id), text="Again"))
    assert "1 complaint stayed as it was" in again
    assert "Choose a colleague who works in this store." in again


@pytest.mark.parametrize("wrong", [{"to": ""}, {"text": "  "}, {"to": str(uuid4())}])
def test_what_is_missing_is_said_at_the_form(cast: Cast, wrong: dict[str, str]) -> None:
    form = asked("hand-on", some(cast, 1), to=str(cast.colleague.id), text="On leave")

    page = said(browser(cast.manager), {**form, **wrong}, status=422)

    assert 'aria-invalid="true"' in page
    assert steps("handed-on") == []


def test_those_nobody_opened_are_taken_and_those_of_others_are_not(cast: Cast) -> None:
    free = complaints.case(cast, by=CUSTOMER, raised="web", customer_id=None, key="web")
    (owned,) = some(cast, 1)
    form = {"act": "take", "case": [free.pk, owned.pk]}

    page = said(browser(cast.manager), form)

    assert "Done with 1 complaint." in page
    assert "Gina owns it already." in page
    free.refresh_from_db()
    assert free.owner_id == cast.manager.id


def test_spam_and_duplicates_are_ended_with_a_reason(cast: Cast) -> None:
    spam, one, other = some(cast)
    manager = browser(cast.manager)

    said(manager, asked("spam", [spam], text="Advertising"))
    page = said(manager, asked("duplicate", [one, other], other=other.number, text="Rung twice"))

    spam.refresh_from_db()
    one.refresh_from_db()
    other.refresh_from_db()
    assert (spam.ended, one.ended, one.duplicate_of) == ("spam", "duplicate", other.pk)
    assert other.state == "heard"  # nothing is the same as itself
    assert "Choose the other complaint." in page


def test_a_number_that_is_none_is_refused_at_the_form(cast: Cast) -> None:
    form = asked("duplicate", some(cast, 1), other="123", text="Rung twice")

    assert "no complaint of this number" in said(browser(cast.manager), form, status=422)


def test_a_guide_neither_hands_on_nor_ends(cast: Cast) -> None:
    cases = some(cast)
    guide = browser(cast.guide)

    for act in ("hand-on", "spam", "duplicate"):
        answer = guide.post("/complaints/bulk/", asked(act, cases, text="No"))
        assert answer.status_code == 403
    page = guide.get("/complaints/").content.decode()
    assert 'value="note"' in page
    assert 'value="spam"' not in page


def test_what_lies_outside_ones_stores_is_neither_named_nor_changed(cast: Cast) -> None:
    cases = some(cast)

    page = said(browser(cast.stranger), asked("note", cases, text="Mine?"))

    assert "A complaint you cannot see" in page
    assert "Ring 0." not in page
    assert steps("note") == []


def test_all_of_the_filter_are_named_before_anything_is_done(cast: Cast) -> None:
    low = some(cast)
    complaints.case(cast, key="urgent", severity="urgent", title="Urgent one", now=timezone.now())
    form = {"act": "spam", "every": "yes", "query": "severity=medium", "case": [low[0].pk]}

    page = said(browser(cast.manager), form)

    assert "3 complaints" in page
    assert page.count('name="case"') == 3
    assert "Urgent one" not in page


def test_all_of_the_filter_are_taken_once_somebody_is_sure(cast: Cast) -> None:
    for key in ("one", "two"):
        complaints.case(
            cast, by=CUSTOMER, raised="web", customer_id=None, key=key, now=timezone.now()
        )
    manager, form = browser(cast.manager), {"act": "take", "every": "yes", "query": "whose=all"}

    page = said(manager, form)
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page):
        sent.setdefault(name, []).append(value)
    assert set(sent) >= {"act", "case", "once"}
    done = said(manager, sent)

    assert "Done with 2 complaints." in done
    assert {case.owner_id for case in Case.objects.all()} == {cast.manager.id}


def test_more_than_are_taken_at_once_is_said_in_a_sentence(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_acts, "MOST", 2)
    some(cast)

    page = said(browser(cast.manager), {"act": "note", "every": "yes"})

    assert "More fit the filter. At most" in page
    assert page.count('name="case"') == 2


@pytest.mark.parametrize("form", [{}, {"act": "x"}, {"act": "note"}, {"act": "note", "case": "y"}])
def test_a_form_without_sense_leads_back_with_a_word(cast: Cast, form: dict[str, str]) -> None:
    answer = browser(cast.manager).post("/complaints/bulk/", form)

    assert (answer.status_code, answer["Location"]) == (302, "/complaints/")
