"""Kinds of complaint: head office changes the industry's, adds its own, switches them off."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.complaints import templates
from regulars.kit import Complaint
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.web.complaints import kinds_forms
from tests.factories import people
from tests.factories.visitors import Visitor, signed_in

KIND = "loose-stone"
PAGE = f"/settings/complaints/{KIND}/"


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def office() -> Visitor:
    """Head office."""
    return signed_in()


def found(key: str = KIND) -> Complaint:
    kind = templates.find(key)
    assert kind is not None
    return kind


def typed(kind: Complaint | None = None, **changes: Any) -> dict[str, Any]:
    """Return the page of a kind as the browser sends it back, with changes."""
    parts: list[Any] = [
        kinds_forms.KindForm(kind=kind),
        *(each for make in (kinds_forms.questions, kinds_forms.remedies) for each in (
            [make(None, kind).management_form, *make(None, kind)]
        )),
    ]  # fmt: skip
    sent: dict[str, Any] = {"once": str(uuid4())}
    for form in parts:
        for field in form:
            value = field.value()
            if value is not None and value is not False and value != "":
                sent[field.html_name] = value
    return {**sent, **changes}


def own(**changes: Any) -> dict[str, Any]:
    """Return a kind of the chain's own as it is filled in."""
    facts = {
        "title_en": "Loud music", "regret_en": "I am sorry.", "severity": "low",
        "clock": "opening", "urgent": "Turn it down",
        "ask-0-text": "How loud?", "ask-0-kind": "choice", "ask-0-answers": "Loud\nVery loud",
        "remedy-0-kind": "gift", "remedy-0-limit": "50", "remedy-0-approval": "guide",
    }  # fmt: skip
    return typed(**{**facts, **changes})


def _words(answer: Any) -> str:
    main = answer.content.decode().partition("<main")[2] or answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def test_every_kind_is_listed_with_its_times(office: Visitor) -> None:
    page = _words(office.get("/settings/complaints/"))

    for kind in templates.offered():
        assert kind.title.text("en") in page
    assert "answer in 1 h" in page


def test_what_is_saved_unchanged_says_the_same(office: Visitor) -> None:
    before = found()

    assert office.post(PAGE, typed(before)).status_code == 302

    assert found() == before


def test_times_severity_and_words_are_changed(office: Visitor) -> None:
    changes = {
        "reply": "2", "reply_unit": "60", "severity": "urgent", "regret_en": "So sorry.",
        "title_en": "A lost stone",
    }  # fmt: skip

    office.post(PAGE, typed(found(), **changes))

    kind = found()
    assert (kind.reply_within, kind.severity) == (120, "urgent")
    assert (kind.regret.text("en"), kind.title.text("en")) == ("So sorry.", "A lost stone")
    assert kind.title.text("zh-hans") == "掉石或镶口松动"


def test_questions_steps_remedies_and_causes_are_changed(office: Visitor) -> None:
    kind = found()
    changes = {
        "ask-0-drop": "on",
        f"ask-{len(kind.asks)}-text": "Which shop?", f"ask-{len(kind.asks)}-kind": "text",
        "urgent": "Keep the stone", "causes": "The setting\nThe stone",
        "remedy-5-kind": "points", "remedy-5-label": "Points", "remedy-5-goodwill": "on",
        "remedy-5-approval": "store-manager", "remedy-5-limit": "2000",
    }  # fmt: skip

    answer = office.post(PAGE, typed(kind, **changes))

    assert answer.status_code == 302, _words(answer)
    after = found()
    assert [each.key for each in after.asks if each.retired] == [kind.asks[0].key]
    assert any(each.label.text("en") == "Which shop?" for each in after.asks)
    assert [each.label.text("en") for each in after.urgent if not each.retired] == [
        "Keep the stone"
    ]
    assert [each.label.text("en") for each in after.causes] == ["The setting", "The stone"]
    points = [each for each in after.goodwill if each.kind == "points"]
    assert [(str(each.approval), int(each.limit or 0)) for each in points] == [
        ("guide", 500), ("store-manager", 2000)
    ]  # fmt: skip


def test_a_kind_of_ones_own_is_offered_and_sent_twice_is_one(office: Visitor) -> None:
    form = own()
    first = office.post("/settings/complaints/new/", form)
    again = office.post("/settings/complaints/new/", form)

    assert first.status_code == 302, _words(first)
    assert first["Location"] == again["Location"]
    mine = [each for each in templates.offered() if each.key.startswith("own-")]
    assert [each.title.text("zh-hans") for each in mine] == ["Loud music"]
    assert [one.label.text("en") for one in mine[0].asks[0].choices] == ["Loud", "Very loud"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title_en": ""}, "Write what it is called."),
        ({"regret_en": " "}, "Write what a colleague says first."),
        ({"reply": "9", "reply_unit": "60", "resolve": "1", "resolve_unit": "60"},
         "The solution cannot be due before the first answer."),
        ({"clock": "wall", "urgent": ""},
         "Where every minute counts, say what is done first of all."),
        ({"remedy-0-kind": ""}, "Choose what makes good."),
        ({"remedy-0-kind": "", "remedy-0-limit": ""}, "Offer something that makes good."),
        ({"remedy-1-kind": "gift", "remedy-1-approval": "guide"},
         "The same remedy stands there twice for the same role."),
        ({"ask-0-answers": ""}, "Write at least one possible answer."),
        ({"title_en": "a {brace}"}, "Words in braces mean nothing here"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_the_words_of_the_shop(
    office: Visitor, changes: dict[str, str], says: str
) -> None:
    answer = office.post("/settings/complaints/new/", own(**changes))

    assert answer.status_code == 422
    assert says in _words(answer)
    assert [each for each in templates.offered() if each.key.startswith("own-")] == []


def test_the_preview_shows_what_colleagues_will_see_and_keeps_nothing(office: Visitor) -> None:
    answer = office.post("/settings/complaints/preview/", own())
    page = _words(answer)

    for words in ("Loud music", "Turn it down", "I am sorry.", "How loud?", "up to 50"):
        assert words in page
    assert templates.find("own") is None
    assert "as soon as everything needed" in _words(office.post("/settings/complaints/preview/"))


def test_switched_off_and_on_again_keeps_what_was_changed(office: Visitor) -> None:
    office.post(PAGE, typed(found(), regret_en="So sorry."))

    office.post(f"{PAGE}switch/")
    assert KIND not in {each.key for each in templates.offered()}
    office.post(f"{PAGE}switch/")

    assert KIND in {each.key for each in templates.offered()}
    assert found().regret.text("en") == "So sorry."


def test_the_industrys_own_is_switched_off_and_on_and_followed_again(office: Visitor) -> None:
    before = found()
    office.post(f"{PAGE}switch/")
    assert KIND not in {each.key for each in templates.offered()}
    office.post(f"{PAGE}switch/")
    assert found() == before
    office.post(PAGE, typed(before, regret_en="So sorry."))

    office.post(f"{PAGE}follow/")

    assert found() == before


def test_a_manager_of_a_store_changes_none(office: Visitor) -> None:
    here = people.first_store()
    people.staff(name="Mona", role=Role.STORE_MANAGER, stores=(here,), email="m@aurum.example")
    mona = signed_in(email="m@aurum.example")

    for path in ("/settings/complaints/", PAGE, "/settings/complaints/new/"):
        assert mona.get(path).status_code == 403


def test_the_list_asks_the_same_however_many_there_are(office: Visitor) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            office.get("/settings/complaints/")
        return len(queries)

    office.post("/settings/complaints/new/", own())
    asked()
    few = asked()
    for _ in range(3):
        office.post("/settings/complaints/new/", own())
    asked()

    assert asked() == few


def test_head_office_says_what_only_colleagues_are_asked(office: Visitor) -> None:
    kind = found()
    keys = [each.key for each in kind.asks]
    piece, certificate = keys.index("piece"), keys.index("certificate")

    page = office.get(PAGE)
    form = typed(kind, **{f"ask-{piece}-inside": "on"})
    form.pop(f"ask-{certificate}-inside", None)
    office.post(PAGE, form)

    assert page.context["questions"][certificate]["inside"].value() is True
    asked = {each.key: each.asks_customer for each in found().asks}
    assert (asked["piece"], asked["certificate"]) == (False, True)
