"""The pages in a real browser, on a phone and at a desk, in both languages."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.factories import browsing
from tests.simulated_stripe import Shop, second

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with browsing.chromium() as found:
        yield found


def fill_card(page: Page, number: str) -> None:
    for name, value in (("number", number), ("expiry", "12 / 34"), ("cvc", "123"),
                        ("holder", "Li Na")):  # fmt: skip
        page.fill(f"[name={name}]", value)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "locale", "declined", "plan"),
    [(360, "zh-CN", "银行卡被拒绝", "当前套餐"), (1440, "en-US", "was declined", "Current plan")],
)
def test_a_person_is_declined_proves_who_they_are_and_cancels(
    chromium: Browser, shop: Shop, width: int, locale: str, declined: str, plan: str
) -> None:
    coupon = shop.client.coupons.create({"percent_off": 10, "duration": "once"})
    shop.client.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "OPENING"}
    )
    customer = shop.customer(None)
    back = shop.client.billing_portal.sessions.create({"customer": customer.id}).url
    session = shop.client.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "line_items": [{"price": shop.price(2_900).id, "quantity": 2}],
            "success_url": back,
            "allow_promotion_codes": True,
        }
    )
    window = chromium.new_context(viewport={"width": width, "height": 800}, locale=locale)
    page = window.new_page()
    complaints: list[Any] = []
    page.on("console", lambda said: complaints.append(said.text))

    page.goto(session.url)
    page.fill("[name=code]", "opening")
    page.click("button[value=promotion]")
    fill_card(page, "4000 0000 0000 0002")
    page.click("button[value=pay]")
    assert declined in page.inner_text("[role=alert]")
    assert page.evaluate(SIDEWAYS) <= 0
    fill_card(page, "4000 0027 6000 3184")
    page.click("button[value=pay]")
    page.click("button[value=accept]")

    assert plan in page.inner_text("main")
    assert page.evaluate(SIDEWAYS) <= 0
    page.click("summary >> nth=0")
    page.click("button[value=cancel]")
    window.close()
    (subscription,) = shop.client.subscriptions.list({"customer": customer.id}).data
    assert subscription.cancel_at == second(2026, 2, 28, 10)
    assert complaints == []
