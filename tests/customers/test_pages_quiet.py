"""The page of quiet customers: whose, why, how many at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.customers.models import Customer
from regulars.insights.models import Silence
from tests.customers.conftest import Browser, Cast
from tests.factories import customers, mornings

PHONE = "13800138000"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def silent(customer: Customer, *, missed: int = 123_400) -> None:
    """Let last night have found a customer quiet: every five weeks, away for eight now."""
    Silence(
        customer_id=customer.pk,
        last_day=mornings.today() - timedelta(56),
        usual_days=35,
        due_on=mornings.today() - timedelta(3),
        noticed_on=mornings.today() - timedelta(3),
        weekly_minor=missed // 8,
        missed_minor=missed,
    ).save(force_insert=True)


def test_a_guide_sees_their_own_with_the_reason_and_the_phone(cast: Cast) -> None:
    silent(customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north))
    silent(customers.customer(name="李雷", owner=cast.charlie_, store=cast.south))

    page = text(Browser(cast.bob_).get("customers_quiet"))

    assert "Comes about every 5 weeks; the last visit was 8 weeks ago." in page
    assert "138 0013 8000" in page
    assert "王小明" in page
    assert "李雷" not in page


def test_a_manager_sees_whose_they_are_and_the_phones_masked(cast: Cast) -> None:
    silent(customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north))

    page = text(Browser(cast.carol_).get("customers_quiet"))

    assert "Bob" in page
    assert "138 **** 8000" in page
    assert "0013" not in page


def test_where_nobody_is_quiet_the_page_says_what_will_be_here(cast: Cast) -> None:
    page = text(Browser(cast.bob_).get("customers_quiet"))

    assert "Nobody is quiet" in page


def test_the_list_of_customers_leads_here(cast: Cast) -> None:
    assert "/customers/quiet/" in text(Browser(cast.bob_).get("customers"))


def test_head_office_narrows_the_list_to_a_store(cast: Cast) -> None:
    silent(customers.customer(name="王小明", store=cast.north))
    silent(customers.customer(name="李雷", store=cast.south))

    page = text(Browser(cast.ann_).get("customers_quiet", store=cast.north.pk))

    assert "王小明" in page
    assert "李雷" not in page


def test_a_full_page_leads_to_the_next(cast: Cast) -> None:
    for number in range(31):
        made = customers.customer(name=f"Nr {number}", owner=cast.bob_, store=cast.north)
        silent(made, missed=1000 + number)
    browser = Browser(cast.bob_)

    first = browser.get("customers_quiet")
    after = first.context["next_url"].removeprefix("?after=").replace("%3A", ":")
    second = text(browser.get("customers_quiet", after=after))

    assert "Nr 30" in text(first)
    assert "Nr 0<" not in text(first)
    assert "Nr 0<" in second


@pytest.mark.parametrize("mark", ["nonsense", "\0", "1:2:3"])
def test_an_address_somebody_made_up_shows_the_front(cast: Cast, mark: str) -> None:
    silent(customers.customer(name="王小明", owner=cast.bob_, store=cast.north))

    assert "王小明" in text(Browser(cast.bob_).get("customers_quiet", after=mark, store=mark))


def test_more_rows_take_no_more_statements(cast: Cast) -> None:
    browser, counts = Browser(cast.carol_), []
    for _ in range(2):
        for _ in range(4):
            silent(customers.customer(phone=None, owner=cast.bob_, store=cast.north))
        browser.get("customers_quiet")
        with CaptureQueriesContext(connection) as asked:
            browser.get("customers_quiet")
        counts.append(len(asked))

    assert counts[0] == counts[1]
