"""Pages of surveys: the customer's own, the receipt, results, answers, settings."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from regulars import registry
from regulars.customers.models import Customer
from regulars.registry import selectors
from regulars.staff.models import Role, Staff
from regulars.surveys import links
from regulars.surveys.models import Invitation
from tests.factories import people, purchases, surveys
from tests.factories.customers import customer
from tests.factories.headoffice import FIRST, manager, text_of, url
from tests.factories.visitors import Visitor, signed_in
from tests.insights.conftest import World
from tests.insights.conftest import made as world_made

AT = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def carol(inside_aurum: Any) -> Customer:
    cache.clear()
    return customer(name="Carol", store=people.first_store(), owner=people.owner())


@pytest.fixture
def asked(carol: Customer) -> Invitation:
    """A question that was asked just now."""
    return surveys.asked(
        customer=carol, survey="after-purchase", store_id=people.first_store().pk,
        at=timezone.now(), language="en",
    )  # fmt: skip


def link(row: Invitation) -> str:
    return f"/s/{links.token('invitation', row.pk)}/"


def test_one_tap_is_an_answer_and_then_a_few_more_are_asked(asked: Invitation) -> None:
    visitor = Visitor()
    page = visitor.get(link(asked))
    assert "How likely are you to recommend us?" in text_of(page)
    assert "Clear and fair price" not in text_of(page)

    answer = visitor.post(link(asked), {"recommend": "4"}, follow=True)

    assert "Saved, thank you" in text_of(answer)
    assert "Clear and fair price" in text_of(answer)
    asked.refresh_from_db()
    assert (asked.state, asked.answers) == ("answered", {"recommend": 4})

    done = visitor.post(link(asked), {"rest": "1", "price": "2", "words": "Slow."}, follow=True)

    assert "Thank you!" in text_of(done)
    asked.refresh_from_db()
    assert asked.answers == {"recommend": 4, "price": 2, "words": "Slow."}
    assert asked.unhappy


def test_opening_a_link_changes_nothing(asked: Invitation) -> None:
    Visitor().get(link(asked))

    asked.refresh_from_db()
    assert (asked.state, asked.answers) == ("asked", {})


def test_the_customer_reads_it_in_the_language_they_were_asked_in(asked: Invitation) -> None:
    Invitation.objects.filter(pk=asked.pk).update(language="zh-hans")
    visitor = Visitor()
    del visitor.cookies["language"]

    page = visitor.get(link(asked))

    assert "您有多愿意把我们介绍给朋友" in page.content.decode()
    assert page["Content-Language"] == "zh-hans"


def test_no_tap_says_what_to_do(asked: Invitation) -> None:
    page = Visitor().post(link(asked), {})

    assert page.status_code == 422
    assert "Please tap one of the answers." in page.content.decode()


def test_what_is_over_says_so(asked: Invitation) -> None:
    Invitation.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - HOUR)

    page = Visitor().get(link(asked))

    assert page.status_code == 409
    assert "This question is over" in page.content.decode()


def test_guessing_links_is_stopped(carol: Customer) -> None:
    visitor = Visitor()

    found = [visitor.get(f"/s/{n:040d}/").status_code for n in range(62)]

    assert found[:60] == [404] * 60
    assert found[60:] == [429] * 2


def test_words_of_customers_are_shown_as_words(asked: Invitation) -> None:
    visitor = Visitor()
    visitor.post(link(asked), {"recommend": "1"})
    visitor.post(link(asked), {"rest": "1", "words": "<script>alert(1)</script>"})

    page = signed_in().get(reverse("survey_one", args=[asked.pk], urlconf="regulars.urls_chain"))

    assert "&lt;script&gt;alert(1)" in page.content.decode()
    assert "<script>alert(1)" not in page.content.decode()


def test_a_receipt_carries_the_question(carol: Customer) -> None:
    sold = purchases.sale(customer=carol, occurred_at=timezone.now(), now=timezone.now())

    page = signed_in().get(f"/counter/receipts/{sold.purchase_id}/")

    assert "Ask on the tablet" in page.content.decode()
    answer = Visitor().get(f"/s/{links.token('purchase', sold.purchase_id)}/")
    assert "How likely are you to recommend us?" in text_of(answer)


def test_a_receipt_of_another_store_is_not_offered_to_this_ones_tablet(carol: Customer) -> None:
    there = people.store(code="933")
    when = timezone.now()
    sold = purchases.sale(customer=carol, store_id=there.pk, occurred_at=when, now=when)
    people.staff(name="Gus", stores=(people.first_store(),), email="gus@aurum.example")
    guide = signed_in(email="gus@aurum.example")

    page = guide.get(f"/counter/receipts/{sold.purchase_id}/")

    assert "Scan to say how we did" in page.content.decode()
    assert "Ask on the tablet" not in page.content.decode()
    assert guide.post(f"/counter/receipts/{sold.purchase_id}/survey/").status_code == 404
    office = signed_in().post(
        f"/counter/receipts/{sold.purchase_id}/survey/?store={people.first_store().pk}", follow=True
    )
    assert "only the tablet there can ask about it" in office.content.decode()


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Three stores with answers of October: 24 of the jeweller's survey."""
    cache.clear()
    found = world_made()
    mei = people.staff(name="Mei", email="mei@aurum.example", stores=(found.stores[0],))
    found.customers = [
        customer(name=name, store=found.stores[n], owner=mei if n == 0 else None).id
        for n, name in enumerate(["Carol", "=cmd|calc", "Dora"])
    ]
    for n in range(24):
        surveys.answered(
            customer=Customer.objects.get(pk=found.customers[n % 3]),
            at=AT + n * HOUR,
            store_id=found.stores[n % 3].id,
            guide_id=mei.id,
            answers={"recommend": 9 if n % 4 else 3, "price": 5, "words": f"tea {n}"},
            unhappy=not n % 4,
        )
    return found


def test_results_say_scores_with_sample_and_range(world: World) -> None:
    text = text_of(signed_in().get(url("/insights/surveys/")))

    assert "+50" in text  # 18 promoters, 6 detractors of 24
    assert "24 answers" in text
    assert "100%" in text  # of those who spoke of the price
    assert "tea 23" in text


def test_few_answers_are_said_to_be_too_few_and_shown(world: World) -> None:
    text = text_of(signed_in().get(url("/insights/surveys/", store=world.stores[0].id)))

    assert "too few to say" in text
    assert "8 answers" in text
    assert "tea 21" in text


def test_an_empty_period_says_what_will_be_here(world: World) -> None:
    answer = signed_in().get("/insights/surveys/?period=custom&start=2020-01-01&end=2020-01-31")

    assert "Nobody was asked in this period" in text_of(answer)


def test_a_store_manager_reads_their_own_stores_and_no_words_of_others(world: World) -> None:
    mia = manager(Role.STORE_MANAGER, stores=(world.stores[0],))

    text = text_of(mia.get(url("/insights/surveys/answers/", only="words")))

    assert "tea 0" in text
    assert "tea 1 " not in f"{text} "
    other = Invitation.objects.filter(store=world.stores[1].id).first()
    assert other is not None
    assert mia.get(f"/surveys/{other.pk}/").status_code == 404


def test_a_guide_sees_the_answers_of_their_own_customers(world: World) -> None:
    mei = signed_in(email="mei@aurum.example")
    own = Invitation.objects.filter(customer=world.customers[0]).first()
    other = Invitation.objects.filter(customer=world.customers[1]).first()
    assert own is not None
    assert other is not None

    assert "tea" in text_of(mei.get(f"/surveys/{own.pk}/"))
    assert mei.get(f"/surveys/{other.pk}/").status_code == 404
    assert mei.get("/insights/surveys/").status_code == 403


def test_an_answer_offers_a_complaint_and_takes_note(world: World) -> None:
    office = signed_in()
    row = Invitation.objects.filter(unhappy=True).first()
    assert row is not None

    page = office.get(f"/surveys/{row.pk}/").content.decode()
    assert f"/complaints/new/?customer={row.customer_id}" in page
    assert "I have seen to it" in page

    office.post(f"/surveys/{row.pk}/seen/")
    row.refresh_from_db()
    assert row.seen_by_id == people.owner().pk
    unseen = text_of(office.get(url("/insights/surveys/answers/", only="unseen")))
    assert unseen.count("3/10") == 5


def test_the_page_takes_the_same_statements_however_many_answers(
    world: World, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office = signed_in()

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            office.get(url("/insights/surveys/"))
        return len(seen)

    statements()
    few = statements()
    for n in range(30):
        surveys.answered(at=AT + n * HOUR, store_id=world.stores[n % 3].id)

    assert statements() == few


def test_files_hold_the_figures_and_withhold_words_without_names(world: World) -> None:
    def sheet(visitor: Visitor, what: str) -> list[list[str]]:
        answer: Any = visitor.get(url(f"/insights/files/{what}.csv"))
        content = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(content)))

    Customer.objects.filter(pk=world.customers[0]).update(member_code="M-7")
    figures = sheet(signed_in(), "surveys")
    assert figures[1][:3] == ["All", "", "24"]
    office = sheet(signed_in(), "survey-answers")
    assert any("tea 5" in cell for row in office for cell in row)
    analyst = sheet(manager(Role.ANALYST), "survey-answers")
    assert len(analyst) == len(office) == 25
    assert not any("tea" in cell or "Carol" in cell for row in analyst for cell in row)
    assert {row[3] for row in analyst[1:]} == {""}
    assert "M-7" in {row[3] for row in office}


def test_head_office_turns_a_survey_off_and_on(carol: Customer) -> None:
    office = signed_in()

    office.post("/settings/surveys/after-purchase/switch/")
    assert _survey("after-purchase").retired

    office.post("/settings/surveys/after-purchase/switch/")
    assert not _survey("after-purchase").retired


def _survey(key: str) -> Any:
    return next(each for each in registry.vertical().surveys if each.key == key)


def test_head_office_says_when_and_how_often_it_asks(carol: Customer) -> None:
    office = signed_in()
    form = {
        "title": "After buying", "starts": "purchase.delivered", "days": "4", "every": "30",
        "first": "Would you tell a friend?", "question-piece": "The piece", "question-advice": "",
        "question-price": "The price", "question-words": "Your words", "themes": ["relationship"],
    }  # fmt: skip

    assert office.post("/settings/surveys/after-purchase/", form).status_code == 302

    survey = _survey("after-purchase")
    assert (survey.starts, survey.days, survey.every, survey.sends) == (
        "purchase.delivered", 4, 30, False
    )  # fmt: skip
    assert [each.key for each in survey.questions if not each.retired] == [
        "recommend", "piece", "price", "theme-relationship", "words"
    ]  # fmt: skip
    assert survey.questions[0].label.en == "Would you tell a friend?"
    assert survey.questions[0].label.zh_hans == "您有多愿意把我们介绍给朋友？"

    office.post("/settings/surveys/after-purchase/follow/")
    assert _survey("after-purchase").days == 10


def test_head_office_makes_a_survey_of_its_own_once(carol: Customer) -> None:
    office = signed_in()
    once = "0193d0c2-7a41-7b1e-8000-000000000001"
    form = {
        "once": once, "title": "Ours", "starts": "customer.visited", "days": "1", "every": "60",
        "sends": "on", "first": "How was it?", "scale": "faces", "themes": ["price", "brand"],
        "say": "on",
    }  # fmt: skip

    for _ in range(2):
        assert office.post("/settings/surveys/new/", form).status_code == 302

    (own,) = [each.noun for each in selectors.declarations("survey") if each.is_own]
    assert [each.about for each in own.questions] == ["", "price", "brand", ""]
    assert "Ours" in text_of(office.get("/settings/surveys/"))


def test_a_survey_of_seven_questions_is_refused_in_words(carol: Customer) -> None:
    form = {
        "once": "0193d0c2-7a41-7b1e-8000-000000000002", "title": "Long", "days": "1",
        "starts": "customer.visited", "every": "60", "first": "How was it?", "scale": "faces",
        "themes": ["price", "brand", "service", "product", "relationship"], "say": "on",
    }  # fmt: skip

    answer = signed_in().post("/settings/surveys/new/", form)

    assert answer.status_code == 422
    assert "Six questions at most" in answer.content.decode()


def test_two_questions_in_the_same_words_are_refused_in_words(carol: Customer) -> None:
    form = {
        "title": "Same", "starts": "purchase.recorded", "days": "1", "every": "60",
        "first": "How was it?", "question-piece": "The piece", "question-advice": "The piece",
        "question-price": "The price", "question-words": "Words",
    }  # fmt: skip

    answer = signed_in().post("/settings/surveys/after-purchase/", form)

    assert answer.status_code == 422
    assert "Write them apart" in answer.content.decode()


def test_a_period_begins_where_the_address_says(world: World) -> None:
    answer = signed_in().get(url("/insights/surveys/answers/", survey="complaint-settled"))

    assert FIRST.isoformat() in text_of(answer)
    assert "Nothing here in this period" in text_of(answer)
    assert Staff.objects.filter(name="Mei").exists()
