"""The pages of customers: list, search, new, profile."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit.models import Entry
from regulars.customers import services
from regulars.customers.models import Customer
from tests.customers.conftest import Browser, Cast
from tests.factories import customers, people, purchases

PHONE = "13800138000"


def text(answer: Any) -> str:
    """Return what a page says."""
    return str(answer.content.decode())


def test_an_empty_list_says_what_will_be_here(cast: Cast) -> None:
    page = text(Browser(cast.bob_).get("customers"))

    assert "Your customers will stand here" in page
    assert "/customers/new/" in page


def test_a_guide_sees_their_own_customers_with_their_phones(cast: Cast) -> None:
    customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)
    customers.customer(name="李雷", phone="13900139000", owner=cast.charlie_, store=cast.south)

    page = text(Browser(cast.bob_).get("customers"))

    assert "王小明" in page
    assert "138 0013 8000" in page
    assert "李雷" not in page


def test_a_manager_sees_the_phones_of_others_customers_masked(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)
    browser = Browser(cast.carol_)

    for page in (text(browser.get("customers")), text(browser.get("customer", made.pk))):
        assert "138 **** 8000" in page
        assert "0013" not in page
        assert "1380013" not in page


def test_search_as_you_type_answers_with_rows_alone(cast: Cast) -> None:
    customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)

    answer = text(Browser(cast.bob_).get("customers", q="wxm", htmx=True))

    assert "王小明" in answer
    assert "<html" not in answer
    assert 'id="customer-rows"' in answer


def test_a_full_phone_finds_customers_of_others_for_the_counter_only(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)
    charlie = Browser(cast.charlie_)

    found = text(charlie.get("customers", q=PHONE))

    assert "王小明" in found
    assert f"/counter/sale/?customer={made.pk}" in found
    assert f'href="/customers/{made.pk}/"' not in found
    assert "138 0013 8000" not in found
    assert "Nobody found" in text(charlie.get("customers", q="王小明"))
    assert charlie.get("customer", made.pk).status_code == 404


def test_nobody_found_offers_a_new_customer_with_what_was_typed(cast: Cast) -> None:
    browser = Browser(cast.bob_)

    assert "/customers/new/?phone=13800138000" in text(browser.get("customers", q=PHONE))
    assert "/customers/new/?name=%E7%8E%8B" in text(browser.get("customers", q="王"))
    assert 'value="13800138000"' in text(browser.get("customer_new", phone=PHONE))


def test_an_overfull_search_says_so_and_a_long_list_has_pages(cast: Cast) -> None:
    crowd = ((f"王{n:03}", None) for n in range(65))
    customers.crowd(crowd, store=cast.north.pk, owner=cast.bob_.pk)
    browser = Browser(cast.bob_)

    assert "More than 30 fit" in text(browser.get("customers", q="王"))
    seen: set[str] = set()
    query: dict[str, Any] = {"sort": "name"}
    for expected in (30, 30, 5):
        answer = browser.get("customers", **query)
        names = {row.person.name for row in answer.context["rows"]}
        assert len(names) == expected
        seen |= names
        query["after"] = answer.context["next_url"].rpartition("after=")[2]
    assert len(seen) == 65


@pytest.mark.parametrize(
    "query",
    [
        {"store": "x"}, {"owner": "x"}, {"gender": "robot"}, {"sort": "x"}, {"after": "x"},
        {"field.ring-size": "big"}, {"field.nobody": "1"}, {"q": "x" * 500}, {"import": "'"},
    ],
)  # fmt: skip
def test_an_address_somebody_made_up_is_answered_with_the_list(
    cast: Cast, query: dict[str, str]
) -> None:
    customers.customer(name="王小明", phone=PHONE)

    assert Browser(people.owner()).get("customers", **query).status_code == 200  # type: ignore[arg-type]


def test_filters_stand_in_the_address(cast: Cast) -> None:
    customers.customer(name="王小明", phone=PHONE, store=cast.north, extra={"metals": ["gold"]})
    customers.customer(name="李雷", phone="13900139000", store=cast.south)
    browser = Browser(people.owner())

    for query in ({"store": cast.north.pk}, {"field.metals": "gold"}, {"q": "明", "owner": "none"}):
        page = text(browser.get("customers", **query))
        assert "李雷" not in page


def test_the_search_in_every_page_s_head_finds_customers(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)

    hits = text(Browser(cast.bob_).get("search", q="wang", htmx=True))
    plain = Browser(cast.bob_).get("search", q="wang")
    stranger = text(Browser(cast.charlie_).get("search", q=PHONE, htmx=True))

    assert f"/customers/{made.pk}/" in hits
    assert plain["Location"] == "/customers/?q=wang"
    assert "王小明" in stranger
    assert f'"/customers/{made.pk}/"' not in stranger


def test_a_name_and_a_phone_make_a_customer(cast: Cast) -> None:
    answer = Browser(cast.bob_).post("customer_new", name="王 小明", phone="138 0013 8000")

    made = Customer.objects.get()
    assert answer["Location"] == f"/customers/{made.pk}/"
    assert (made.name, made.phone, made.owner_id) == ("王小明", f"+86{PHONE}", cast.bob_.pk)


def test_a_known_phone_offers_the_customer_who_has_it(cast: Cast) -> None:
    known = customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)
    browser = Browser(cast.bob_)

    typing = text(browser.get("customer_similar", phone="13800138000", htmx=True))
    answer = browser.post("customer_new", name="小明", phone=PHONE)

    assert f"/customers/{known.pk}/" in typing
    assert answer.status_code == 422
    assert f"/customers/{known.pk}/" in text(answer)
    assert Customer.objects.count() == 1
    browser.post("customer_new", name="王母", phone=PHONE, anyway="on")
    assert Customer.objects.count() == 2


@pytest.mark.parametrize("typed", ["", "1380", "abc", "😀" * 50])
def test_while_the_phone_is_not_whole_nobody_is_offered(cast: Cast, typed: str) -> None:
    customers.customer(phone=PHONE)

    answer = Browser(cast.bob_).get("customer_similar", phone=typed, htmx=True)

    assert answer.status_code == 200
    assert "/customers/" not in text(answer)


def test_the_profile_shows_who_they_are_and_what_happened(cast: Cast) -> None:
    made = customers.customer(
        name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north, extra={"ring-size": 12}
    )
    facts: dict[str, Any] = {"actor": cast.bob, "customer_id": made.pk, "now": customers.NOW}
    services.answer(**facts, values={"occupation": "教师"}, how="call")
    services.set_life_event(**facts, kind="birthday", month=8, day=15, lunar=True)
    services.add_possession(**facts, kind="ring", values={"engraving": "永远"}, title="订婚戒指")
    services.note(**facts, text="镍过敏", is_warning=True)
    services.note(**facts, text="爱喝茶")
    services.consent(**facts, purpose="selling", given=False, how="spoken")
    purchases.sale(customer=made)

    page = text(Browser(cast.bob_).get("customer", made.pk))

    said = ("王小明", "Bob", "教师", "订婚戒指", "永远", "镍过敏", "爱喝茶", "lunar 8/15", "12")
    words = ("does not want it", "on the phone", "Ring size", "¥100", "Please note")
    assert [each for each in (*said, *words) if each not in page] == []


def test_a_page_of_a_profile_takes_as_many_statements_for_much_as_for_little(
    cast: Cast,
) -> None:
    made = customers.customer(name="王小明", phone=PHONE, owner=cast.bob_, store=cast.north)
    facts: dict[str, Any] = {"actor": cast.bob, "customer_id": made.pk, "now": customers.NOW}
    browser = Browser(cast.bob_)
    browser.get("customer", made.pk)  # the chain's declarations are read once
    counts = []
    for _round in range(2):
        for n in range(3):
            services.set_life_event(**facts, kind="anniversary", month=5, day=1 + n)
            services.add_possession(**facts, kind="ring", values={"engraving": f"{n}"})
            services.note(**facts, text=f"{n}", is_warning=True)
            services.consent(**facts, purpose="care", given=True, how="spoken")
            services.answer(**facts, values={"hobbies": f"{n}"}, how="call")
            services.add_identity(**facts, source=f"s{_round}", number=f"{n}")
            purchases.sale(customer=made)
        with CaptureQueriesContext(connection) as asked:
            assert browser.get("customer", made.pk).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[0] <= 30


def test_a_list_takes_as_many_statements_for_many_as_for_few(cast: Cast) -> None:
    browser = Browser(people.owner())
    counts = []
    for size in (2, 20):
        crowd = ((f"王{n:03}", f"+86138{size:04}{n:04}") for n in range(size))
        customers.crowd(crowd, store=cast.north.pk, owner=cast.bob_.pk)
        for query in ({}, {"q": "王"}, {"store": cast.north.pk, "sort": "name"}):
            with CaptureQueriesContext(connection) as asked:
                browser.get("customers", **query)
            counts.append(len(asked))

    assert counts[:3] == counts[3:]
    assert max(counts) <= 14


def test_revealing_a_phone_shows_it_once_and_is_written_down(cast: Cast) -> None:
    made = customers.customer(phone=PHONE, owner=cast.bob_, store=cast.north)

    shown = Browser(cast.carol_).post("customer_phone", made.pk, htmx=True)
    stranger = Browser(cast.charlie_).post("customer_phone", made.pk, htmx=True)

    assert "138 0013 8000" in text(shown)
    assert stranger.status_code == 404
    assert Entry.objects.filter(action="customer.phone-revealed").count() == 1
    assert Browser(cast.carol_).get("customer_phone", made.pk).status_code == 405


def test_earlier_events_are_fetched_by_key(cast: Cast) -> None:
    made = customers.customer(owner=cast.bob_, store=cast.north)
    for n in range(20):
        services.note(actor=cast.bob, customer_id=made.pk, text=f"note {n}.", now=customers.NOW)
    browser = Browser(cast.bob_)

    first = browser.get("customer", made.pk)
    before = first.context["story"].next
    earlier = browser.get("customer_story", made.pk, before=before, htmx=True)

    shown = text(first) + text(earlier)
    assert all(f"note {n}." in shown for n in range(20))
    assert browser.get("customer_story", made.pk, before="x").status_code == 422


def test_the_question_card_asks_keeps_and_offers_one_more(cast: Cast) -> None:
    made = customers.customer(name="王小明", owner=cast.bob_, store=cast.north)
    browser = Browser(cast.bob_)
    assert "Worth asking" in text(browser.get("customer", made.pk))

    refused = browser.post("customer_question", made.pk, key="phone", value="12", htmx=True)
    kept = browser.post("customer_question", made.pk, key="phone", value=PHONE, htmx=True)
    following = browser.get("customer_question", made.pk, htmx=True)

    assert refused.status_code == 422
    assert "Ask one more" in text(kept)
    assert Customer.objects.get().phone == f"+86{PHONE}"
    assert "Birthday" in text(following)


@pytest.mark.parametrize(
    ("key", "value", "column", "held"),
    [
        ("gender", "female", "gender", "female"),
        ("city", "上海", "address", {"city": "上海"}),
        ("email", "a@b.cn", "email", "a@b.cn"),
        ("ring-size", "12", "extra", {"ring-size": 12}),
    ],
)
def test_every_sort_of_question_is_kept_where_it_belongs(
    cast: Cast, key: str, value: str, column: str, held: object
) -> None:
    made = customers.customer(name="王小明", owner=cast.bob_, store=cast.north)

    answer = Browser(cast.bob_).post("customer_question", made.pk, key=key, value=value)

    assert answer.status_code == 302
    assert getattr(Customer.objects.get(), column) == held


def test_a_question_can_be_declined_and_an_unknown_one_is_not_found(cast: Cast) -> None:
    made = customers.customer(name="王小明", owner=cast.bob_, store=cast.north)
    browser = Browser(cast.bob_)

    browser.post("customer_question", made.pk, key="occupation", decline="yes", htmx=True)

    assert Customer.objects.get().profile["occupation"]["declined"] is True
    assert browser.post("customer_question", made.pk, key="x", value="y").status_code == 404
    empty = browser.post("customer_question", made.pk, key="hobbies", value="", htmx=True)
    assert empty.status_code == 422


def test_an_analyst_sees_no_way_to_change_anything(cast: Cast) -> None:
    made = customers.customer(name="王小明", phone=PHONE)

    page = text(Browser(cast.ann_).get("customer", made.pk))

    assert "王小明" in page
    for name in ("edit", "notes", "question", "erase", "merge", "phone"):
        assert f"/customers/{made.pk}/{name}/" not in page
