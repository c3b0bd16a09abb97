"""Codes on posters, receipts and cards: who prints them, where they lead, in which language."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.staff.models import Role
from regulars.tenancy.context import ChainInfo
from regulars.web import qr
from regulars.web.complaining import places, posters
from tests.customers.conftest import Browser
from tests.factories import people, purchases
from tests.factories.visitors import Visitor

pytestmark = pytest.mark.usefixtures("inside_aurum")


@pytest.fixture
def office() -> Browser:
    return Browser(people.owner())


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_stores_poster_carries_its_code_in_the_chains_colours(office: Browser) -> None:
    store = people.store(code="N", name="North <b>gate</b>", phone="+862152345678")
    link = places.link(places.of_store(store.pk))

    page = text(office.get("complaint_poster", store.pk))

    assert link in page
    assert qr.drawn(link) in page
    assert "--accent-light:" in page
    assert "North &lt;b&gt;gate" in page
    assert page.count('class="poster"') == 1


def test_what_the_code_holds_is_the_page_where_one_complains() -> None:
    store = people.first_store()

    path = places.link(places.of_store(store.pk)).partition(".localhost:8000")[2]

    assert store.name in text(Visitor().get(path))


@pytest.mark.parametrize(
    ("tongue", "words", "also"),
    [
        ("en", "Tell us, and we put it right.", 'lang="zh-hans"'),
        ("zh-hans", 'class="poster" lang="zh-hans"', 'class="poster-also" lang="en"'),
        ("xx", 'class="poster" lang="zh-hans"', 'class="poster-also" lang="en"'),
    ],
)
def test_a_poster_speaks_the_language_that_is_chosen_and_one_more(
    office: Browser, tongue: str, words: str, also: str
) -> None:
    page = text(office.get("complaint_poster", people.first_store().pk, language=tongue))

    assert words in page
    assert also in page


def test_store_pages_lead_to_the_posters(office: Browser) -> None:
    store = people.first_store()

    assert f"/stores/{store.pk}/poster/" in text(office.get("store", store.pk))
    assert "/stores/posters/" in text(office.get("stores"))


def test_a_manager_prints_the_posters_of_their_own_open_stores() -> None:
    north, south = people.store(code="N", name="North"), people.store(code="S", name="South")
    shut = people.store(code="X", closed_on=timezone.localdate() - timedelta(days=1))
    boss = people.staff(name="Mary", role=Role.STORE_MANAGER, stores=(north, shut))
    manager = Browser(boss)

    page = text(manager.get("complaint_posters"))

    assert "<h1>North</h1>" in page
    assert page.count('class="poster"') == 1
    assert manager.get("complaint_poster", south.pk).status_code == 404
    assert manager.get("complaint_poster", shut.pk).status_code == 404


def test_a_guide_prints_none() -> None:
    guide = Browser(people.staff(name="Bob", stores=(people.first_store(),)))

    assert guide.get("complaint_posters").status_code == 403


def test_many_stores_are_printed_in_turn_with_the_same_statements(
    office: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posters, "MOST", 3)
    found = []
    for codes in ((), ("a1", "a2", "a3", "a4")):
        for code in codes:
            people.store(code=code)
        office.get("complaint_posters")
        with CaptureQueriesContext(connection) as asked:
            page = text(office.get("complaint_posters"))
        found.append(len(asked))

    rest = text(office.get("complaint_posters", after="a2"))

    assert found[0] == found[1]
    assert page.count('class="poster"') == 3
    assert "after=a2" in page
    assert rest.count('class="poster"') == 2
    assert "No open store here" in text(office.get("complaint_posters", after="zz\0"))


def test_the_receipt_and_the_card_carry_the_code_of_the_purchase(office: Browser) -> None:
    sold = purchases.sale(purchases.line())
    back = purchases.returned(sold, (1, 1))
    code = qr.drawn(places.link(places.of_purchase(sold.purchase_id)))

    assert code in text(office.get("counter_receipt", sold.purchase_id))
    assert code in text(office.get("counter_card", sold.purchase_id))
    assert "receipt-code" not in text(office.get("counter_receipt", back.purchase_id))


def test_codes_of_two_chains_lead_to_two_hosts(inside_aurum: ChainInfo) -> None:
    link = places.link(places.of_store(people.first_store().pk))

    assert link.startswith("http://aurum.localhost:8000/complain/s")
    assert len(link) < 80  # a code of few and large squares
