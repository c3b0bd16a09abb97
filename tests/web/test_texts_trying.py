"""Words tried on real customers, lists of words with their box, and what guides copy."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.messages import wording
from regulars.messages.services import templating
from regulars.staff.models import Role, Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import people
from tests.factories.contacts import person
from tests.factories.customers import NOW
from tests.factories.purchases import line, sale
from tests.factories.visitors import Visitor, signed_in
from tests.web.test_texts import WORDS, typed

LISTS = {"added": "", "allowed": "", "most_alike": "30", "most_parts": "3"}


@pytest.fixture(autouse=True)
def _no_tries_yet(inside_aurum: ChainInfo) -> None:
    cache.clear()


@pytest.fixture
def office() -> Visitor:
    """Head office."""
    return signed_in()


@pytest.fixture
def guide() -> Staff:
    """A guide who can sign in."""
    shop = people.first_store()
    return people.staff(name="小李", stores=(shop,), email="li@a.example", phone="13900000000")


@pytest.fixture
def carol(guide: Staff) -> Customer:
    """A customer of the guide who bought a necklace."""
    made = person(name="王小明", gender="male", store=people.first_store(), owner=guide)
    sale(line(129_900, product_name="项链"), customer=made)
    return made


def previewed(office: Visitor, customer: Customer, text: str, **facts: Any) -> str:
    answer = office.post(f"/settings/texts/preview/{customer.pk}/", typed(text, **facts))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_customer_is_found_to_try_words_on(office: Visitor, carol: Customer) -> None:
    page = office.get("/settings/texts/people/?q=王小明").content.decode()

    assert f"/settings/texts/preview/{carol.pk}/" in page
    assert office.get("/settings/texts/people/").content.decode().strip() == ""


def test_a_preview_is_filled_from_the_file_and_the_last_purchase(
    office: Visitor, carol: Customer
) -> None:
    page = previewed(office, carol, "{customer.salutation}，{purchase.product}好吗？{guide.name}")

    assert "王先生，项链好吗？小李" in page
    assert "It can be sent like this" in page


def test_a_preview_names_what_would_stay_empty(office: Visitor, carol: Customer) -> None:
    page = previewed(office, carol, "{customer.salutation}，{possession.name}好吗？{guide.name}")

    assert '<mark class="found found-refuse">What they own</mark>' in page
    assert "Would stay empty" in page
    assert "It can be sent like this" not in page


def test_a_name_that_is_html_stays_a_name(office: Visitor, guide: Staff) -> None:
    hostile = person(name="<img src=x>", owner=guide, store=people.first_store())

    page = previewed(office, hostile, "{customer.name}好。{guide.name}")

    assert "<img" not in page
    assert "&lt;img src=x&gt;好。小李" in page


def test_a_hundred_customers_say_what_is_missing_and_how_alike_they_would_read(
    office: Visitor, carol: Customer, guide: Staff
) -> None:
    for _ in range(4):
        person(name="陈静", gender="female", owner=guide, store=people.first_store())
    person(name="林强", store=people.first_store())
    templating.set_words(actor=SYSTEM, added=[], allowed=[], most_alike=4, now=NOW)

    page = office.post("/settings/texts/trial/", typed(WORDS)).content.decode()

    assert "5 of your 6 newest customers" in page
    assert "would stay empty for 1 of them" in page
    assert "5 of them would read the very same words" in page
    assert "field-error" in page


def test_what_is_tried_takes_as_many_statements_for_many_as_for_few(
    office: Visitor, carol: Customer, guide: Staff
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            office.post("/settings/texts/trial/", typed(WORDS))
        return len(queries)

    asked()
    few = asked()
    for _ in range(9):
        person(owner=guide, store=people.first_store())

    assert asked() == few


def test_lists_of_words_are_kept_each_word_once(office: Visitor) -> None:
    answer = office.post(
        "/settings/texts/lists/",
        {**LISTS, "added": "亲\r\n\r\n 亲 \r\n宝宝", "allowed": "新品堂", "most_alike": "5"},
    )

    policy = wording.policy()
    assert answer.status_code == 302
    assert (policy.added, policy.allowed, policy.most_alike) == (("亲", "宝宝"), ("新品堂",), 5)


@pytest.mark.parametrize(
    "wrong", [{"added": "长" * 41}, {"most_alike": "0"}, {"most_parts": "11"}, {"most_parts": ""}]
)
def test_lists_and_limits_have_bounds(office: Visitor, wrong: dict[str, str]) -> None:
    assert office.post("/settings/texts/lists/", {**LISTS, **wrong}).status_code == 422
    assert wording.policy().most_parts == 3


def test_words_are_tried_by_the_lists_as_they_stand_on_the_page(office: Visitor) -> None:
    def tried(**lists: str) -> str:
        sent = {**LISTS, **lists, "purpose": "care", "words": "亲，新品堂<b>祝您安康"}
        return str(office.post("/settings/texts/lists/try/", sent).content.decode())

    plain = tried()
    changed = tried(added="亲", allowed="新品堂")

    assert '<mark class="found found-refuse">新品</mark>' in plain
    assert '<mark class="found found-refuse">亲</mark>' in changed
    assert '<mark class="found found-refuse">新品</mark>' not in changed
    assert "<b>" not in plain
    assert wording.policy().added == ()


def test_a_guide_reads_the_words_for_an_occasion(guide: Staff, carol: Customer) -> None:
    li = signed_in(email="li@a.example")

    page = li.get("/messages/words/?occasion=birthday").content.decode()
    hits = li.get("/messages/words/?q=王小明", headers={"HX-Request": "true"}).content.decode()

    assert '<span class="place">Salutation</span>' in page
    assert "data-copies" not in page, "places are nothing to send"
    assert f"/messages/words/{carol.pk}/" in hits
    assert "<html" not in hits


def test_a_guide_copies_words_that_are_filled_and_signed_by_them(
    guide: Staff, carol: Customer
) -> None:
    li = signed_in(email="li@a.example")

    page = li.get(
        f"/messages/words/{carol.pk}/?occasion=birthday&language=zh-Hans"
    ).content.decode()

    copied = re.findall(r'data-copies data-value="([^"]*)"', page)
    assert len(copied) == 1
    assert copied[0].startswith("王先生，生日快乐！")
    assert copied[0].endswith("小李")


def test_words_with_a_gap_are_shown_but_not_copied(guide: Staff) -> None:
    nobody = person(name="陈静", owner=guide, store=people.first_store())

    page = (
        signed_in(email="li@a.example")
        .get(f"/messages/words/{nobody.pk}/?occasion=after-purchase")
        .content.decode()
    )

    assert "Not known of this customer: What they bought" in page
    assert "data-value" not in page


def test_what_sells_is_copied_for_those_alone_who_welcome_it(guide: Staff) -> None:
    shop = people.first_store()
    likes, not_asked = (
        person(name="陈静", owner=guide, store=shop, promotions=wish) for wish in ("welcome", "")
    )
    li = signed_in(email="li@a.example")

    def page(customer: Customer) -> str:
        address = f"/messages/words/{customer.pk}/?occasion=new-arrival"
        return str(li.get(address).content.decode())

    assert "data-value" in page(likes)
    assert "data-value" not in page(not_asked)
    assert "does not wish to hear of this" in page(not_asked)


def test_nobody_copies_what_goes_out_by_itself(guide: Staff) -> None:
    page = signed_in(email="li@a.example").get("/messages/words/").content.decode()

    assert "When nobody answers in time" not in page


def test_more_texts_for_a_customer_take_no_more_statements(guide: Staff, carol: Customer) -> None:
    li = signed_in(email="li@a.example")

    def asked(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert li.get(f"/messages/words/{carol.pk}/{query}").status_code == 200
        return len(queries)

    asked("")
    assert asked("") == asked("?occasion=birthday")


def test_a_customer_of_somebody_else_is_not_found_and_an_analyst_copies_nothing(
    guide: Staff,
) -> None:
    theirs = person(name="陈静", owner=people.owner(), store=people.first_store())
    people.staff(name="Ann", role=Role.ANALYST, email="ann@a.example")

    assert signed_in(email="li@a.example").get(f"/messages/words/{theirs.pk}/").status_code == 404
    assert signed_in(email="ann@a.example").get("/messages/words/").status_code == 403
