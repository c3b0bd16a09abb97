"""Follow-up plans in the settings: read, switched, changed, made; by head office alone."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache

from regulars import kit, registry
from regulars.insights.selectors import care_load
from regulars.kit import FollowUp, Vertical
from regulars.registry import loading, selectors
from regulars.registry.models import Declaration
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.web.plans import faults
from tests.factories.visitors import Visitor, signed_in


@pytest.fixture
def office(inside_aurum: ChainInfo) -> Visitor:
    """Head office of a jeweller."""
    cache.clear()
    return signed_in()


def plan(key: str = "after-purchase") -> FollowUp:
    """Return a plan as it holds."""
    plans: tuple[FollowUp, ...] = registry.vertical().follow_ups
    return next(each for each in plans if each.key == key)


def step(key: str, of: str = "after-purchase") -> Any:
    return next(each for each in plan(of).steps if each.key == key)


def step_data(**changes: Any) -> dict[str, Any]:
    """Return the form of a step as a browser sends it."""
    return {
        "after": "5", "do": "call", "label": "Call them", "send": "",
        "ask-TOTAL_FORMS": "0", "ask-INITIAL_FORMS": "0", **changes,
    }  # fmt: skip


def new_data(**changes: Any) -> dict[str, Any]:
    """Return the form of a new plan as a browser sends it."""
    return {
        "once": str(uuid4()), "title": "A word of thanks", "starts": "purchase.recorded",
        "purpose": "care", "stops": ["purchase.returned"], "first-after": "2", "first-do": "call",
        "first-label": "Thank them", "first-send": "", **changes,
    }  # fmt: skip


def own_plan() -> FollowUp:
    plans: tuple[FollowUp, ...] = registry.vertical().follow_ups
    return next(each for each in plans if each.key.startswith("own-"))


def test_every_plan_is_readable(office: Visitor) -> None:
    page = office.get("/settings/plans/").content.decode()

    for each in registry.vertical().follow_ups:
        assert each.title.en in page
    for words in ("A purchase", "after 30 days", "1 day before", "The goods come back"):
        assert words in page
    assert "Category is none of" in page
    assert '<span class="place">Salutation</span>' in page
    assert "{customer.salutation}" not in page


def test_a_plan_can_be_turned_off_and_on(office: Visitor) -> None:
    office.post("/settings/plans/birthday/switch/")
    off = plan("birthday").retired
    page = office.get("/settings/plans/").content.decode()
    office.post("/settings/plans/birthday/switch/")

    assert off is True
    assert "Turned off" in page
    assert plan("birthday").retired is False
    assert not Declaration.objects.filter(noun="follow-up").exists()  # it follows the industry


def test_what_was_changed_stays_changed_while_it_is_off(office: Visitor) -> None:
    office.post("/settings/plans/birthday/", {"title": "Our birthday", "stops": []})
    office.post("/settings/plans/birthday/switch/")
    off = plan("birthday")
    office.post("/settings/plans/birthday/switch/")

    assert (off.retired, off.title.en) == (True, "Our birthday")
    assert (plan("birthday").retired, plan("birthday").title.en) == (False, "Our birthday")


def test_days_way_words_and_label_of_a_step_can_be_changed(office: Visitor) -> None:
    answer = office.post(
        "/settings/plans/after-purchase/steps/wearing/",
        step_data(after="45", do="visit", send="wearing-call", label="See how it is worn"),
    )

    changed = step("wearing")
    assert answer.status_code == 302
    assert (changed.after, changed.do, changed.send) == (45, "visit", "wearing-call")
    assert changed.label.en == "See how it is worn"
    assert changed.label.zh_hans != "See how it is worn"  # only the reader's language


def test_steps_stand_in_the_order_of_their_days(office: Visitor) -> None:
    office.post("/settings/plans/after-purchase/steps/wearing/", step_data(after="1"))

    assert [each.key for each in plan().steps] == ["wearing", "thanks"]


def test_a_step_can_be_added_left_out_and_taken_in_again(office: Visitor) -> None:
    data = step_data(after="60", once=str(uuid4()))
    for _twice in range(2):
        office.post("/settings/plans/after-purchase/add/", data)
    added = plan().steps[-1]
    turn = f"/settings/plans/after-purchase/steps/{added.key}/turn/"

    office.post(turn)
    left_out = step(added.key).retired
    office.post(turn)

    assert len(plan().steps) == 3  # sent twice, it is one
    assert left_out is True
    assert step(added.key).retired is False


def test_the_last_step_cannot_be_left_out(office: Visitor) -> None:
    office.post("/settings/plans/birthday/steps/prepare/turn/")
    office.post("/settings/plans/birthday/steps/greet/turn/")
    page = office.get("/settings/plans/").content.decode()

    assert step("greet", "birthday").retired is False
    assert "A plan needs at least one step." in page


def test_questions_are_kept_changed_added_and_asked_no_more(office: Visitor) -> None:
    before = step("wearing")
    data = step_data(
        do="call", send="wearing-call", label="Call", after="30",
        **{
            "ask-TOTAL_FORMS": "4", "ask-INITIAL_FORMS": "3",
            "ask-0-key": "liked", "ask-0-text": "Do you love it?", "ask-0-kind": "rating",
            "ask-1-key": "fits", "ask-1-text": "Fit", "ask-1-kind": "choice",
            "ask-1-answers": "Right\nTight\nGave it away",
            "ask-2-key": "wants", "ask-2-text": "Wishes", "ask-2-kind": "text", "ask-2-drop": "on",
            "ask-3-key": "", "ask-3-text": "Was it a gift?", "ask-3-kind": "boolean",
        },
    )  # fmt: skip

    answer = office.post("/settings/plans/after-purchase/steps/wearing/", data)

    asks = {each.key: each for each in step("wearing").ask}
    assert answer.status_code == 302
    assert asks["liked"].label.en == "Do you love it?"
    assert {each.key: each.retired for each in asks["fits"].choices} == {
        "right": False, "tight": False, "own-1": False, "loose": True,
    }  # fmt: skip
    assert asks["wants"].retired
    assert asks["own-1"].kind == "boolean"
    assert asks["liked"].kind == before.ask[0].kind


def test_a_plan_of_ones_own_is_made_previewed_and_turned_off(office: Visitor) -> None:
    data = new_data(categories=["gold-bar"])
    preview = office.post("/settings/plans/new/", {**data, "preview": "1"})
    none_yet = not Declaration.objects.filter(noun="follow-up").exists()
    for _twice in range(2):
        office.post("/settings/plans/new/", data)
    made = own_plan()
    office.post(f"/settings/plans/{made.key}/switch/")

    assert preview.status_code == 200
    assert "tasks a week" in preview.content.decode()
    assert none_yet
    assert (made.title.en, made.starts, made.where[0].value) == (
        "A word of thanks", "purchase.recorded", ("gold-bar",),
    )  # fmt: skip
    assert Declaration.objects.filter(noun="follow-up").count() == 1
    assert own_plan().retired
    assert "A word of thanks" in office.get("/settings/plans/").content.decode()


def test_what_a_plan_would_make_is_counted_only_when_asked(
    office: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    count = care_load.of

    def of(*, plan: FollowUp, now: datetime) -> care_load.Load:
        counted.append(plan.title.en)
        return count(plan=plan, now=now)

    monkeypatch.setattr(care_load, "of", of)
    address, form = "/settings/plans/birthday/", {"title": "Our birthday", "stops": []}

    office.get(address)
    refused = office.post(address, {**form, "title": ""})
    before = list(counted)
    preview = office.post(address, {**form, "preview": "1"})

    assert (refused.status_code, preview.status_code) == (422, 200)
    assert (before, counted) == ([], ["Our birthday"])
    assert "tasks a week" in preview.content.decode()
    assert plan("birthday").title.en == "Birthday"


def test_an_own_plan_gets_further_steps(office: Visitor) -> None:
    office.post("/settings/plans/new/", new_data())
    key = own_plan().key

    office.post(f"/settings/plans/{key}/add/", step_data(after="20", once=str(uuid4())))

    assert [each.after for each in own_plan().steps] == [2, 20]


def test_the_industry_can_be_followed_again(office: Visitor) -> None:
    office.post("/settings/plans/birthday/", {"title": "Our birthday", "stops": []})
    office.post("/settings/plans/birthday/follow/")

    assert plan("birthday").title.en == "Birthday"


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"after": "-1"}, "after", "Nobody knows in advance"),
        ({"do": "message", "send": ""}, "send", "Choose the words"),
        ({"do": "message", "send": "wearing-call"}, "send", "for calls only"),
        ({"do": "call", "send": "cleaning-due"}, "send", "for messages only"),
        ({"label": "Ask about {this}"}, "label", "Words in braces"),
        ({"after": "9000"}, "after", "730"),
        ({"do": "dance"}, "do", "dance"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    office: Visitor, changes: dict[str, Any], field: str, said: str
) -> None:
    answer = office.post("/settings/plans/after-purchase/steps/wearing/", step_data(**changes))

    assert answer.status_code == 422
    assert said in " ".join(map(str, answer.context["form"].errors[field]))
    assert step("wearing").after == 30


def test_a_new_plan_is_refused_at_the_fields_of_its_first_step(office: Visitor) -> None:
    answer = office.post("/settings/plans/new/", new_data(**{"first-after": "-3"}))

    assert answer.status_code == 422
    assert "after" in answer.context["first"].errors
    assert not Declaration.objects.filter(noun="follow-up").exists()


def test_a_choice_without_answers_is_refused(office: Visitor) -> None:
    data = step_data(**{"ask-TOTAL_FORMS": "1", "ask-0-text": "Which?", "ask-0-kind": "choice"})

    answer = office.post("/settings/plans/after-purchase/steps/wearing/", data)

    assert answer.status_code == 422
    assert "answers" in answer.context["rows"][0].errors


def upgraded(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the industry's package be a newer one, with a further step after a purchase."""
    base: Vertical = loading.installed()["jewelry"]
    old = next(each for each in base.follow_ups if each.key == "after-purchase")
    newer = replace(old, title=kit.Label(en="After buying"), steps=(*old.steps, replace(
        old.steps[-1], key="yearly", after=365)))  # fmt: skip
    plans = tuple(newer if each is old else each for each in base.follow_ups)
    locked = (*base.locked, "step after-purchase.yearly")
    vertical = replace(base, version="9.9", follow_ups=plans, locked=locked)
    monkeypatch.setattr(loading, "installed", lambda: {"jewelry": vertical})
    selectors.forget(context.current().id)


def test_an_upgrade_leaves_what_was_changed_and_offers_what_is_new(
    office: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.post("/settings/plans/after-purchase/", {"title": "Ours", "stops": []})

    upgraded(monkeypatch)

    assert plan().title.en == "Ours"
    assert {each.key: each.retired for each in plan().steps} == {
        "thanks": False, "wearing": False, "yearly": True,
    }  # fmt: skip
    assert selectors.conflicts() == []
    assert "Take in again" in office.get("/settings/plans/after-purchase/").content.decode()


def test_an_upgrade_is_followed_where_nothing_was_changed(
    office: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgraded(monkeypatch)

    assert plan().title.en == "After buying"
    assert len(plan().steps) == 3


def test_a_fault_nobody_has_words_for_is_told_in_the_kits() -> None:
    refused = registry_refusal("follow_ups.x", "is odd")

    assert faults.of(refused) == [("", "", "follow_ups.x: is odd")]


def registry_refusal(where: str, text: str) -> Any:
    from regulars.registry.services import DeclarationRefused

    try:
        try:
            raise kit.VerticalError("x", [kit.Fault(where, text)])
        except kit.VerticalError as error:
            raise DeclarationRefused(faults="x") from error
    except DeclarationRefused as refused:
        return refused
