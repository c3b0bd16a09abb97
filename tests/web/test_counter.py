"""The counter page: find, recognise, create, record, give back, exchange."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from regulars import registry
from regulars.customers import selectors as customers
from regulars.customers import services as customer_services
from regulars.customers.models import Customer
from regulars.purchases.models import Purchase
from regulars.staff.models import Role
from regulars.tenancy import context
from tests.factories import people
from tests.factories.purchases import NOW, bought, customer, line, sale, vertical

pytestmark = pytest.mark.usefixtures("inside_aurum")
HOST = "aurum.localhost"


@pytest.fixture
def guide(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Bob works in the first store and is signed in."""
    made = vertical()
    monkeypatch.setattr(registry, "vertical", lambda: made)
    bob = people.staff(name="Bob", role=Role.GUIDE, stores=(people.first_store(),), email="b@x.cn")
    client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    return bob


def get(client: Client, url: str, **data: Any) -> Any:
    return _asked(client.get, url, data)


def post(client: Client, url: str, **data: Any) -> Any:
    return _asked(client.post, url, data)


def _asked(ask: Any, url: str, data: dict[str, Any]) -> Any:
    """Ask, and be inside the chain again afterwards: a request leaves it."""
    chain = context.current()
    try:
        return ask(url, data, HTTP_HOST=HOST, HTTP_ACCEPT_LANGUAGE="en")
    finally:
        context.activate(chain)


def form(**data: Any) -> dict[str, Any]:
    return {"once": str(uuid4()), "line0-amount": "128.50", "means": "cash", **data}


def test_a_till_goes_on_until_the_day_has_come_on_which_its_store_closes(
    client: Client, guide: Any
) -> None:
    shop = people.first_store()
    today = timezone.localdate(timezone=context.current().zone)
    shop.closed_on = today + timedelta(days=1)
    shop.save(update_fields=["closed_on"])
    before = get(client, "/counter/sale/")
    shop.closed_on = today
    shop.save(update_fields=["closed_on"])

    after = get(client, "/counter/sale/")

    assert (before.status_code, after.status_code) == (200, 403)


def test_an_amount_is_all_a_quick_sale_needs(client: Client, guide: Any) -> None:
    answer = post(client, "/counter/sale/", **form(guide=str(guide.pk)))

    fact = Purchase.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/counter/receipts/{fact.pk}/")
    assert (fact.paid_minor, fact.guide_id, fact.source) == (12_850, guide.pk, "counter")
    assert fact.payments == [{"means": "cash", "amount_minor": 12_850}]
    page = get(client, answer["Location"])
    assert fact.number in page.content.decode()


def test_a_double_tap_records_once(client: Client, guide: Any) -> None:
    sent = form()

    first = post(client, "/counter/sale/", **sent)
    again = post(client, "/counter/sale/", **sent)

    assert first["Location"] == again["Location"]
    assert Purchase.objects.count() == 1


def test_a_form_changed_after_it_was_recorded_is_refused(client: Client, guide: Any) -> None:
    sent = form()
    post(client, "/counter/sale/", **sent)

    answer = post(client, "/counter/sale/", **{**sent, "line0-amount": "999"})

    assert answer.status_code == 422
    assert Purchase.objects.count() == 1


def test_a_sale_of_several_lines_for_a_customer_tells_the_points(
    client: Client, guide: Any
) -> None:
    carol = customer(owner=guide)

    answer = post(
        client,
        f"/counter/sale/?customer={carol.pk}",
        **form(
            **{
                "line1-amount": "100",
                "line1-goods": "6901234567890",
                "line1-quantity": "2",
                "discount": "8.50",
                "rounding": "0.50",
                "other_means": "wechat",
                "other_amount": "19.50",
            }
        ),
    )

    fact = bought(Purchase.objects.get().pk)
    assert (fact.customer_id, fact.paid_minor) == (carol.pk, 21_950)
    assert [each["amount_minor"] for each in fact.payments] == [20_000, 1_950]
    assert fact.lines.get(position=2).product_code == "6901234567890"
    assert "219 points for" in get(client, answer["Location"]).content.decode()


def test_the_preview_says_what_would_be_paid_and_earned_and_writes_nothing(
    client: Client, guide: Any
) -> None:
    carol = customer(owner=guide)

    page = get(client, "/counter/sale/preview/", customer=str(carol.pk), **form())

    assert "¥128.50" in page.content.decode()
    assert "+128" in page.content.decode()
    assert not Purchase.objects.exists()


def test_a_preview_of_what_cannot_be_shows_the_reason(client: Client, guide: Any) -> None:
    page = get(client, "/counter/sale/preview/", **form(discount="500"))

    assert page.status_code == 200
    assert "note-warning" in page.content.decode()


def test_a_basket_without_an_amount_is_refused(client: Client, guide: Any) -> None:
    answer = post(client, "/counter/sale/", **form(**{"line0-amount": ""}))

    assert answer.status_code == 422


def test_a_scanned_code_of_one_person_leads_straight_to_their_sale(
    client: Client, guide: Any
) -> None:
    elsewhere = customer(member_code="M1001", home_store=people.store(code="9"), owner=None)

    answer = get(client, "/counter/?q=m1001")

    assert answer["Location"] == f"/counter/sale/?customer={elsewhere.pk}"


def test_somebody_of_another_store_is_shown_masked(client: Client, guide: Any) -> None:
    other = people.store(code="9")
    stranger = customer_services.create(
        actor=people.actor(people.owner()),
        now=NOW,
        values={"name": "陌生人", "phone": "13800138000"},
        home_store_id=other.pk,
        owner_id=people.owner().pk,
    )

    page = get(client, f"/counter/sale/?customer={stranger.pk}").content.decode()

    assert "138 **** 8000" in page
    assert "138 0013 8000" not in page


def test_a_name_and_a_phone_make_a_customer_in_place(client: Client, guide: Any) -> None:
    answer = post(client, "/counter/customers/", name="Dora", phone="13900139000")

    dora = Customer.objects.get(name="Dora")
    assert answer["Location"] == f"/counter/sale/?customer={dora.pk}"


def test_a_phone_that_is_known_shows_whose_it_is(client: Client, guide: Any) -> None:
    post(client, "/counter/customers/", name="Dora", phone="13900139000")

    answer = post(client, "/counter/customers/", name="Emma", phone="13900139000")

    assert answer.status_code == 422
    assert "Dora" in answer.content.decode()
    assert not Customer.objects.filter(name="Emma").exists()


def test_goods_come_back_by_the_receipts_number(client: Client, guide: Any) -> None:
    original = sale(line(1_000, quantity=2), customer=customer())
    found = get(client, f"/counter/receipts/?number={original.number}")
    assert found["Location"] == f"/counter/receipts/{original.purchase_id}/"

    answer = post(
        client,
        f"/counter/receipts/{original.purchase_id}/return/",
        **{"once": str(uuid4()), "back-1": "1", "means": "cash"},
    )

    back = Purchase.objects.get(kind="return")
    assert (back.paid_minor, back.payments) == (-500, [{"means": "cash", "amount_minor": -500}])
    assert answer["Location"] == f"/counter/receipts/{back.pk}/"


def test_other_goods_in_the_same_form_make_it_an_exchange(client: Client, guide: Any) -> None:
    original = sale(line(1_000))
    sent = {"once": str(uuid4()), "back-1": "1", "means": "card", "line0-amount": "25"}

    first = post(client, f"/counter/receipts/{original.purchase_id}/return/", **sent)
    again = post(client, f"/counter/receipts/{original.purchase_id}/return/", **sent)

    new = Purchase.objects.get(kind="sale", pair_id__isnull=False)
    assert [each["amount_minor"] for each in new.payments] == [1_000, 1_500]
    assert first["Location"] == f"/counter/receipts/{new.pk}/"
    assert again.status_code in (302, 422)
    assert Purchase.objects.count() == 3


def test_more_than_is_left_cannot_come_back(client: Client, guide: Any) -> None:
    original = sale(line(1_000))

    answer = post(
        client,
        f"/counter/receipts/{original.purchase_id}/return/",
        **{"once": str(uuid4()), "back-1": "2", "means": "cash"},
    )

    assert answer.status_code == 422


def test_an_analyst_has_no_counter(client: Client, guide: Any) -> None:
    analyst = people.staff(name="Ann", role=Role.ANALYST, email="ann@x.cn")
    client.force_login(analyst, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert get(client, "/counter/").status_code == 403


def test_pages_cost_the_same_however_much_there_is(
    client: Client, guide: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        sale(line(), line(), customer=customer(name=f"Carol {number}", owner=guide))
    assert customers.visible(people.actor(guide)).count() == 12

    with django_assert_max_num_queries(14):
        assert get(client, "/counter/?q=Carol").status_code == 200
    with django_assert_max_num_queries(14):
        assert get(client, "/counter/receipts/").status_code == 200
