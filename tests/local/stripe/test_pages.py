"""What a person clicks: checkout, 3-D Secure, portal, invoice, the operator's page."""

import html
import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from regulars.local.stripe import server
from tests.simulated_stripe import Shop, second

GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
SECURE = "4000 0027 6000 3184"
BACK = "https://aurum.example/billing/?session={CHECKOUT_SESSION_ID}"


def card(number: str = GOOD, **more: str) -> dict[str, str]:
    return {"number": number, "expiry": "12 / 34", "cvc": "123", "holder": "Li Na", **more}


def post(url: str, **form: str) -> requests.Response:
    return requests.post(url, data=form, allow_redirects=False, timeout=10)


def get(url: str, language: str = "en") -> str:
    answer = requests.get(url, headers={"Accept-Language": language}, timeout=10)
    return html.unescape(answer.text)


def open_checkout(shop: Shop, **more: Any) -> Any:
    price = more.pop("price", None) or shop.price(2_900)
    call = {
        "mode": "subscription",
        "customer": shop.customer(None).id,
        "line_items": [{"price": price.id, "quantity": 2}],
        "success_url": BACK,
        "cancel_url": "https://aurum.example/billing/",
        **more,
    }
    return shop.client.checkout.sessions.create(call)


def test_a_person_subscribes_on_the_checkout_page(shop: Shop) -> None:
    session = open_checkout(shop)
    assert "Total due today" in get(session.url)
    assert "今日应付" in get(session.url, "zh-CN,zh;q=0.9")

    done = post(session.url, action="pay", **card())

    found = shop.client.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert done.headers["Location"] == BACK.replace("{CHECKOUT_SESSION_ID}", session.id)
    assert (found.status, found.payment_status, found.amount_total) == ("complete", "paid", 5_800)
    assert (found.subscription.status, found.url) == ("active", None)
    assert found.subscription.default_payment_method
    assert shop.events()[-1] == "checkout.session.completed"
    assert requests.get(session.url, timeout=10).status_code == 404


def test_a_declined_card_is_said_and_another_one_pays_the_same_subscription(shop: Shop) -> None:
    session = open_checkout(shop, locale="zh")

    refused = post(session.url, action="pay", **card("4000 0000 0000 0341"))
    post(session.url, action="pay", **card())

    assert "银行卡被拒绝" in refused.text
    assert shop.events().count("customer.subscription.created") == 1
    assert shop.client.checkout.sessions.retrieve(session.id).status == "complete"


@pytest.mark.parametrize(
    ("number", "expiry", "said"),
    [
        (DECLINED, "12 / 34", "Your card was declined."),
        ("4242 4242 4242 4241", "12 / 34", "Your card number is incorrect."),
        (GOOD, "34", "Write the expiry as MM / YY."),
        (GOOD, "12 / 20", "Your card's expiration year is invalid."),
    ],
)
def test_what_is_wrong_with_a_card_is_said_above_the_form(
    shop: Shop, number: str, expiry: str, said: str
) -> None:
    session = open_checkout(shop)

    answer = post(session.url, action="pay", **card(number, expiry=expiry))

    assert said in html.unescape(answer.text)
    assert shop.client.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize(("action", "status"), [("accept", "complete"), ("refuse", "open")])
def test_3d_secure_stands_between_the_card_and_the_subscription(
    shop: Shop, simulator: server.Server, action: str, status: str
) -> None:
    session = open_checkout(shop)
    asks = post(session.url, action="pay", **card(SECURE)).headers["Location"]
    assert "Your bank wants to know" in get(simulator.address + asks)

    answered = post(simulator.address + asks, action=action)

    assert shop.client.checkout.sessions.retrieve(session.id).status == status
    if status == "open":
        assert "We are unable to authenticate" in get(
            simulator.address + answered.headers["Location"]
        )


def test_a_trial_keeps_the_card_and_takes_nothing(shop: Shop) -> None:
    session = open_checkout(shop, subscription_data={"trial_period_days": 14})
    assert "14 days free" in get(session.url)

    post(session.url, action="pay", **card())

    found = shop.client.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert (found.payment_status, found.amount_total) == ("no_payment_required", 0)
    assert found.subscription.status == "trialing"
    shop.clock.to(second(2026, 2, 15))
    assert shop.client.subscriptions.retrieve(found.subscription.id).status == "active"


def test_a_promotion_code_lowers_what_is_due(shop: Shop) -> None:
    coupon = shop.client.coupons.create({"percent_off": 25, "duration": "once"})
    shop.client.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "OPENING"}
    )
    session = open_checkout(shop, allow_promotion_codes=True)
    wrong = post(session.url, action="promotion", code="NOPE")
    post(session.url, action="promotion", code="opening")
    page = get(session.url)

    post(session.url, action="pay", **card())

    assert "This promotion code is invalid." in wrong.text
    assert "$43.50" in page
    found = shop.client.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert (found.amount_total, found.invoice.total) == (4_350, 4_350)
    assert found.total_details.amount_discount == 1_450


def test_a_stranger_becomes_a_customer_with_a_tax_id(client: Any) -> None:
    product = client.products.create({"name": "Chain"})
    price = client.prices.create(
        {"product": product.id, "currency": "cny", "unit_amount": 29_900,
         "recurring": {"interval": "month"}}
    )  # fmt: skip
    session = client.checkout.sessions.create(
        {"mode": "subscription", "line_items": [{"price": price.id, "quantity": 1}],
         "success_url": BACK, "tax_id_collection": {"enabled": True}}
    )  # fmt: skip
    nobody = post(session.url, action="pay", **card())
    post(session.url, action="pay", email="li@aurum.example", tax_kind="cn_tin",
         tax_id="91110000MA0012345X", **card())  # fmt: skip

    assert "Please fill in the e-mail address." in nobody.text
    found = client.checkout.sessions.retrieve(session.id)
    assert found.customer_details.email == "li@aurum.example"
    assert found.customer_details.tax_ids[0].value == "91110000MA0012345X"


def test_the_portal_cancels_and_takes_it_back(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    portal = shop.client.billing_portal.sessions.create(
        {"customer": customer.id, "return_url": "https://aurum.example/"}
    )

    post(portal.url, action="cancel", id=subscription.id)
    cancelled = shop.client.subscriptions.retrieve(subscription.id)
    page = get(portal.url, "zh")
    post(portal.url, action="resume", id=subscription.id)

    assert (cancelled.cancel_at, cancelled.cancel_at_period_end) == (second(2026, 2, 28, 10), False)
    assert "已取消，服务到期日：2026年2月28日" in page
    assert shop.client.subscriptions.retrieve(subscription.id).cancel_at is None


def test_the_portal_takes_a_new_card_for_everything(shop: Shop, simulator: server.Server) -> None:
    customer = shop.customer()
    portal = shop.client.billing_portal.sessions.create({"customer": customer.id})

    refused = post(portal.url, action="card", **card(DECLINED))
    asks = post(portal.url, action="card", **card(SECURE)).headers["Location"]
    post(simulator.address + asks, action="accept")

    assert "Your card was declined." in refused.text
    found = shop.client.customers.retrieve(
        customer.id, {"expand": ["invoice_settings.default_payment_method"]}
    )
    assert found.invoice_settings.default_payment_method.card.last4 == "3184"


def test_the_portal_touches_nothing_of_other_customers(shop: Shop) -> None:
    charlie, customer = shop.customer(), shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    portal = shop.client.billing_portal.sessions.create({"customer": charlie.id})

    answer = post(portal.url, action="cancel", id=subscription.id)

    assert "No such subscription" in html.unescape(answer.text)
    assert shop.client.subscriptions.retrieve(subscription.id).cancel_at is None


def test_an_invoice_that_failed_is_paid_on_its_page(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, shop.price(2_900))
    shop.use_card(customer.id, "pm_card_chargeCustomerFail")
    shop.clock.to(second(2026, 3, 1))
    invoice = shop.client.subscriptions.retrieve(
        subscription.id, {"expand": ["latest_invoice"]}
    ).latest_invoice

    post(invoice.hosted_invoice_url, action="pay", **card())

    assert "Paid" in get(invoice.hosted_invoice_url)
    assert shop.client.subscriptions.retrieve(subscription.id).status == "active"


def test_the_operator_sees_everything_and_moves_a_clock(
    shop: Shop, simulator: server.Server
) -> None:
    shop.subscribe(shop.customer(), shop.price(2_900))
    home = get(simulator.address)
    objects = set(re.findall(r'href="(/list/[^"]+)"', home))

    post(simulator.address, action="month", id=shop.clock.id)
    post(simulator.address, action="settings", retry_days="1 2", afterwards="canceled")

    assert "/list/subscription" in objects
    for path in sorted(objects):
        assert requests.get(simulator.address + path, timeout=10).status_code == 200
    clock = shop.client.test_helpers.test_clocks.retrieve(shop.clock.id)
    assert clock.frozen_time == second(2026, 2, 28, 10)
    assert simulator.store.setting("dunning", None)["retry_days"] == [1, 2]


def test_pages_are_for_this_machine_and_from_this_site_only(simulator: server.Server) -> None:
    elsewhere = requests.get(simulator.address, headers={"Host": "evil.example"}, timeout=10)
    forged = requests.post(
        simulator.address, headers={"Origin": "https://evil.example"}, timeout=10
    )

    assert (elsewhere.status_code, forged.status_code) == (403, 403)


def test_what_a_person_wrote_is_shown_as_text(shop: Shop) -> None:
    session = open_checkout(shop)

    answer = post(session.url, action="pay", **card("<script>alert(1)</script>"))

    assert "<script>" not in answer.text
    assert urlsplit(session.url).path.startswith("/c/pay/cs_test_")


def test_a_code_that_was_typed_is_used_before_anybody_pays_and_the_card_stays(shop: Shop) -> None:
    coupon = shop.client.coupons.create(
        {"percent_off": 25, "duration": "repeating", "duration_in_months": 3}
    )
    shop.client.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "OPENING"}
    )
    session = open_checkout(shop, allow_promotion_codes=True)

    pressed = post(session.url, action="enter", code="opening", **card()).text

    assert "25% off for 3 months" in html.unescape(pressed)
    assert f'value="{GOOD}"' in pressed
    assert shop.client.checkout.sessions.retrieve(session.id).status == "open"
    assert post(session.url, action="enter", **card()).status_code == 303
    assert shop.client.checkout.sessions.retrieve(session.id).amount_total == 4_350


def test_a_code_for_another_currency_is_invalid_in_the_language_of_the_page(shop: Shop) -> None:
    coupon = shop.client.coupons.create({"amount_off": 500, "currency": "eur", "duration": "once"})
    shop.client.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "EURO"}
    )
    session = open_checkout(shop, allow_promotion_codes=True, locale="zh")

    said = html.unescape(post(session.url, action="promotion", code="euro").text)

    assert "优惠码无效" in said
    assert "coupon is in" not in said


def test_a_checkout_that_is_over_leads_back_to_the_shop(shop: Shop) -> None:
    session = open_checkout(shop, locale="zh")
    post(session.url, action="pay", **card())

    page = requests.get(session.url, timeout=10)

    assert page.status_code == 404
    assert 'href="https://aurum.example/billing/"' in page.text
    assert "回到商家网站" in page.text


def test_the_bank_asks_in_the_language_of_the_checkout(
    shop: Shop, simulator: server.Server
) -> None:
    session = open_checkout(shop, locale="zh")

    asks = post(session.url, action="pay", **card(SECURE)).headers["Location"]

    assert "银行需要确认" in get(simulator.address + asks, "en")


def test_the_portal_keeps_what_bills_are_written_to(shop: Shop) -> None:
    customer = shop.customer()
    portal = shop.client.billing_portal.sessions.create({"customer": customer.id}).url
    to = {"name": "Aurum Ltd", "email": "bills@aurum.example", "line1": "1 Nanjing Road"}

    refused = post(portal, action="details", **to, country="China")
    post(portal, action="details", **to, country="cn")
    wrong = post(portal, action="tax-id", tax_kind="cn_tin", tax_id="1")
    post(portal, action="tax-id", tax_kind="cn_tin", tax_id="91310000MA1FL0000X")

    found = shop.client.customers.retrieve(customer.id)
    assert "two letters" in refused.text
    assert "This tax ID is not valid." in wrong.text
    assert (found.name, found.email) == ("Aurum Ltd", "bills@aurum.example")
    assert (found.address.line1, found.address.country) == ("1 Nanjing Road", "CN")
    (tax,) = shop.client.customers.tax_ids.list(customer.id).data
    assert tax.value in get(portal)
    post(portal, action="remove-tax-id", id=tax.id)
    assert shop.client.customers.tax_ids.list(customer.id).data == []


def test_a_portal_that_does_not_offer_it_changes_no_details(shop: Shop) -> None:
    shop.client.billing_portal.configurations.create(
        {"features": {"customer_update": {"enabled": False}}}
    )
    (made,) = shop.client.billing_portal.configurations.list().data[:1]
    customer = shop.customer()
    portal = shop.client.billing_portal.sessions.create(
        {"customer": customer.id, "configuration": made.id}
    ).url

    refused = post(portal, action="tax-id", tax_kind="cn_tin", tax_id="91310000MA1FL0000X")
    post(portal, action="details", name="Somebody", email="somebody@x.example")

    assert "The portal does not offer this." in refused.text
    assert "Billing information" not in get(portal)
    assert shop.client.customers.retrieve(customer.id).name == "Aurum"


def test_new_customers_may_begin_in_the_past_on_a_clock_of_their_own(
    client: Any, simulator: server.Server
) -> None:
    wrong = post(simulator.address, action="settings", retry_days="3", afterwards="unpaid",
                 begin="soon")  # fmt: skip
    post(simulator.address, action="settings", retry_days="3", afterwards="unpaid", begin="33")
    made = client.customers.create({"email": "owner@aurum.example"})
    post(simulator.address, action="settings", retry_days="3", afterwards="unpaid", begin="")
    later = client.customers.create({"email": "owner@bloom.example"})

    clock = client.test_helpers.test_clocks.retrieve(made.test_clock)
    assert "Days are whole numbers." in wrong.text
    assert clock.name == "owner@aurum.example"
    assert abs(time.time() - 33 * 86400 - clock.frozen_time) < 60
    assert later.test_clock is None
