"""The library of texts: read, changed, refused with marks, switched off, by head office alone."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.kit import care, labels, lint
from regulars.messages import placeholders, wording
from regulars.messages.selectors import templates
from regulars.messages.services import templating
from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.web.texts import marking, words
from tests.factories import people
from tests.factories.customers import NOW
from tests.factories.visitors import Visitor, signed_in

WORDS = "{customer.salutation}您好，祝您生日快乐。{store.name}{guide.name}"
SELLING = "{customer.salutation}您好，生日快乐，全场八折。{store.name}{guide.name}"
HOSTILE = "<script>alert(1)</script>\"'&{customer.salutation}全场八折<b>{guide.name}"


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def office() -> Visitor:
    """Head office."""
    return signed_in()


def typed(text: str = WORDS, **facts: Any) -> dict[str, Any]:
    """Return the fields of a birthday greeting in one language."""
    return {
        "occasion": "birthday",
        "purpose": "care",
        "channels": ["sms"],
        "text_zh_hans": text,
        **facts,
    }


def written(office: Visitor, **facts: Any) -> str:
    """Write a text and return its key."""
    answer = office.post("/settings/texts/new/", typed(**facts))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).split("/")[-2]


def test_every_occasion_purpose_and_placeholder_has_words_of_its_own() -> None:
    assert set(words.OCCASIONS) == set(care.OCCASIONS)
    assert set(words.PURPOSES) == set(words.TONES) == set(care.PURPOSES)
    assert set(words.CHANNELS) == set(care.CHANNELS)
    assert set(placeholders.NAMES) == care.PLACEHOLDERS
    assert set(words.LANGUAGES) == set(words.FIELDS) == set(labels.LANGUAGES)


def test_the_library_shows_the_texts_of_the_industry_by_occasion(office: Visitor) -> None:
    page = office.get("/settings/texts/").content.decode()

    for message in templates.library():
        assert f"/settings/texts/edit/{message.key}/" in page
        assert str(words.OCCASIONS[message.occasion]) in page
    assert "{customer.salutation}" not in page, "places carry their names"


def test_what_is_asked_for_narrows_the_library(office: Visitor) -> None:
    own = written(office)
    templating.switch(actor=SYSTEM, key="mid-autumn", on=False, now=NOW)

    def keys(query: str) -> set[str]:
        page = office.get(f"/settings/texts/?{query}").content.decode()
        return set(re.findall(r"/settings/texts/edit/([a-z0-9-]+)/", page))

    assert keys("state=own") == {own}
    assert keys("state=off") == {"mid-autumn"}
    assert keys("state=changed") == set()
    assert keys("purpose=selling") == {each.key for each in templates.library(purpose="selling")}
    assert own in keys("occasion=birthday&channel=sms")
    assert own not in keys("occasion=birthday&channel=call")
    assert own not in keys("language=en")
    assert keys("occasion=moving-day&state=own") == set()


def test_a_text_is_written_changed_and_removed(office: Visitor) -> None:
    key = written(office)

    office.post(f"/settings/texts/edit/{key}/", typed(WORDS + "！"))
    changed = templates.find(key)
    office.post(f"/settings/texts/edit/{key}/remove/")

    assert changed is not None
    assert changed.text.zh_hans == WORDS + "！"
    assert templates.find(key) is None


def test_one_of_the_industry_is_changed_and_followed_again(office: Visitor) -> None:
    before = templates.find("birthday-greeting")
    fields = {"channels": ["wechat", "call"], "text_zh_hans": WORDS, "occasion": "qixi"}

    answer = office.post("/settings/texts/edit/birthday-greeting/", fields)
    changed = templates.find("birthday-greeting")
    office.post("/settings/texts/edit/birthday-greeting/follow/")

    assert answer.status_code == 302
    assert changed is not None
    assert (changed.occasion, changed.channels) == ("birthday", ("wechat", "call"))
    assert templates.find("birthday-greeting") == before


def test_words_that_sell_are_refused_marked_and_kept_in_the_field(office: Visitor) -> None:
    answer = office.post("/settings/texts/new/", typed(SELLING))
    page = answer.content.decode()

    assert answer.status_code == 422
    assert '<mark class="found found-refuse">八折</mark>' in page
    assert "is an offer" in page
    assert "全场八折" in re.findall(r"<textarea[^>]*>([^<]*)", page)[0]
    assert 'aria-invalid="true"' in page
    assert not [each for each in templates.library() if is_own(each.key)]


def test_the_same_form_sent_twice_writes_one_text(office: Visitor) -> None:
    once = "0198a1b2-0000-4000-8000-000000000000"

    first, again = written(office, once=once), written(office, once=once)
    other = written(office, once=once, text_zh_hans=WORDS + "！")

    assert first == again
    assert other != first
    assert {first, other} == {each.key for each in templates.library() if is_own(each.key)}


def is_own(key: str) -> bool:
    return key.startswith("own-")


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"text_zh_hans": ""}, "one language at least"),
        ({"channels": []}, "This field is required"),
        ({"text_en": "Dear {customer.salutation}, be happy. {guide.name}"}, "{store.name}"),
        ({"text_zh_hans": WORDS + "{"}, "brace"),
        ({"text_zh_hans": "好" * 1001}, "1000"),
        ({"text_zh_hans": WORDS.replace("guide.name", "guide.nam")}, "no placeholder"),
        ({"occasion": "no-such-day"}, "no-such-day"),
        ({"text_zh_hans": "{customer.name}您好" + "安" * 250 + "{guide.name}"}, "Too long"),
        ({"purpose": "selling", "occasion": "new-arrival"}, "marked as such"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(
    office: Visitor, facts: dict[str, Any], told: str
) -> None:
    answer = office.post("/settings/texts/new/", typed(**facts))

    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_what_plans_need_of_a_text_is_said(office: Visitor) -> None:
    fields = {"channels": ["wechat"], "text_zh_hans": WORDS}

    answer = office.post("/settings/texts/edit/birthday-greeting/", fields)

    assert answer.status_code == 422
    assert "takes the words of a call from it" in answer.content.decode()


def checked(office: Visitor, text: str, field: str = "zh_hans", **facts: Any) -> str:
    """Return what the live lint says."""
    answer = office.post(f"/settings/texts/check/{field}/", typed("", **{f"text_{field}": text}))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_live_lint_marks_words_and_counts_parts(office: Visitor) -> None:
    page = checked(office, SELLING)

    assert '<mark class="found found-refuse">八折</mark>' in page
    assert "About 1 part, signature included" in page
    assert "UCS-2" in page


def test_english_is_measured_as_sent_abroad_with_the_signature_it_would_have(
    office: Visitor,
) -> None:
    text = "Dear {customer.name}, be well. {store.name}"

    assert "UCS-2" in checked(office, text, "en"), "a Chinese name as the signature"
    assert wording.length(text, "en", signature="Aurum").alphabet == "gsm-7"
    assert wording.length("好" * 66, "zh-Hans", signature="金叶").parts == 1
    assert wording.length("好" * 67, "zh-Hans", signature="金叶").parts == 2


def test_the_live_lint_says_what_nobody_would_take_for_meant_for_them(office: Visitor) -> None:
    assert "refused for more than 30 customers at once" in checked(office, WORDS)
    personal = WORDS.replace("祝", "{purchase.product}戴着好吗？祝")
    assert "customers at once" not in checked(office, personal)


def test_an_empty_language_says_nothing_and_an_unknown_one_is_not_found(office: Visitor) -> None:
    assert checked(office, "").strip() == ""
    assert office.post("/settings/texts/check/nonsense/").status_code == 404


@pytest.mark.parametrize("address", ["/settings/texts/new/", "/settings/texts/check/zh_hans/"])
def test_nothing_in_a_text_is_html(office: Visitor, address: str) -> None:
    page = office.post(address, typed(HOSTILE)).content.decode()

    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_positive_control_without_escaping_it_would_be(
    office: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking, "escape", str)

    assert "<script>alert" in checked(office, HOSTILE)


def test_reasons_quote_hostile_words_harmlessly(office: Visitor) -> None:
    templating.set_words(actor=SYSTEM, added=["<img src=x>"], allowed=[], now=NOW)

    page = checked(office, "{customer.name}<img src=x>{guide.name}")

    assert "<img" not in page
    assert "your chain&#x27;s list" in page


def test_marks_of_several_findings_never_tear_the_text() -> None:
    text = "甲<乙>丙丁"
    over = [
        found("refuse", 1, 4, text),
        found("warn", 0, 3, text),
        found("refuse", 5, 5, text),
    ]

    shown = marking.marked(text, over)

    assert shown == (
        '<mark class="found found-warn">甲</mark>'
        '<mark class="found found-refuse">&lt;乙&gt;</mark>丙丁'
    )
    assert re.sub("<[^>]*>", "", shown).replace("&lt;", "<").replace("&gt;", ">") == text


def found(severity: Any, start: int, end: int, text: str) -> lint.Finding:
    return lint.Finding(
        place="text",
        start=start,
        end=end,
        code="sells-price",
        severity=severity,
        words=text[start:end],
        reason=labels.Label(en="why"),
    )


def test_a_text_is_switched_off_and_on_and_its_plans_are_named(office: Visitor) -> None:
    key = "after-purchase-thanks"

    office.post(f"/settings/texts/edit/{key}/switch/")
    page = office.get(f"/settings/texts/edit/{key}/").content.decode()
    gone = templates.find(key)
    office.post(f"/settings/texts/edit/{key}/switch/")

    assert gone is None
    assert "nothing to send without it" in page
    assert "After the purchase" in page
    assert templates.find(key) is not None


def test_what_a_longer_list_refuses_is_shown_to_be_looked_at(office: Visitor) -> None:
    key = written(office)

    templating.set_words(actor=SYSTEM, added=["生日快乐"], allowed=[], now=NOW)

    page = office.get("/settings/texts/?state=marked").content.decode()
    assert f"/settings/texts/edit/{key}/" in page


def test_more_texts_take_no_more_statements(office: Visitor) -> None:
    office.get("/settings/texts/")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert office.get("/settings/texts/").status_code == 200
        return len(queries)

    few = asked()
    for number in range(4):
        templating.save(
            actor=SYSTEM,
            key=f"own-birthday-{number}",
            body={
                "occasion": "birthday",
                "purpose": "care",
                "channels": ["sms"],
                "text": {"zh-Hans": WORDS},
            },
            now=NOW,
        )
    office.get("/settings/texts/")

    assert asked() == few


def test_there_is_room_for_so_many_texts_and_no_more(
    office: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = written(office)
    monkeypatch.setattr(templating, "_MOST", len(templates.library()))

    assert office.post("/settings/texts/new/", typed()).status_code == 422
    assert office.post(f"/settings/texts/edit/{key}/", typed(WORDS + "！")).status_code == 302


def test_a_text_that_does_not_exist_is_not_found(office: Visitor) -> None:
    assert office.get("/settings/texts/edit/no-such-text/").status_code == 404
    assert office.post("/settings/texts/edit/birthday-greeting/remove/").status_code == 409


def test_others_may_not_change_texts() -> None:
    people.staff(
        name="Bob", role=Role.STORE_MANAGER, stores=(people.first_store(),), email="b@a.example"
    )
    bob = signed_in(email="b@a.example")

    assert bob.get("/settings/texts/").status_code == 403
    assert bob.post("/settings/texts/new/", typed()).status_code == 403
    assert bob.get("/messages/words/").status_code == 200
