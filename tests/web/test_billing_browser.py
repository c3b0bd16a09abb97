"""The subscription's pages in a real browser, at every width."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.billing import catalogue, gateway, services, settling
from regulars.tenancy import directory
from regulars.tenancy.models import Chain
from tests import simulated_stripe
from tests.billing import paying
from tests.factories import browsing, serving, subscribers
from tests.factories.subscribers import PLACE

pytestmark = pytest.mark.browser
PATHS = {
    "start": PLACE,
    "more": f"{PLACE}change/?plan=group&interval=month",
    "less": f"{PLACE}change/?plan=start&interval=month",
    "cancel": f"{PLACE}cancel/",
}


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port, which subscribes at a simulator; a word stands on every page."""
    with (
        simulated_stripe.running() as running,
        override_settings(STRIPE_API_KEY=running.key, STRIPE_API_BASE=running.address),
    ):
        gateway._client.cache_clear()
        subscribe()
        with serving.chain() as address:
            yield address


def subscribe() -> None:
    """Subscribe as an owner does, without the pages."""
    now, chain = timezone.now(), directory.find("aurum")
    assert chain is not None
    catalogue.sync(now=now)
    subscribers.without_trial(chain)
    link = services.subscribe(
        chain=chain,
        plan="chain",
        interval="month",
        currency="CNY",
        stores=3,
        success_url="http://aurum.localhost/paid",
        cancel_url="http://aurum.localhost/not",
        now=now,
    )
    paying.pay(link.url)
    settling.settle(chain_id=chain.id, now=now)
    Chain.objects.filter(pk=chain.id).update(standing="ending", standing_until=now)


@pytest.mark.parametrize(
    ("width", "language", "scheme", "names"),
    [
        (360, "zh-hans", "light", ["start", "more", "less", "cancel"]),
        (820, "zh-hans", "dark", ["start", "less"]),
        (1440, "en", "light", ["start"]),
    ],
)
def test_every_page_of_the_subscription_works_at_every_width(
    address: str, browser: Browser, width: int, language: str, scheme: str, names: list[str]
) -> None:
    window = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else None
    )
    page, said = browsing.signed_in(window, address, language=language)
    found = {}

    for name in names:
        page.goto(f"{address}{PATHS[name]}")
        if name == "start":
            expect(page.locator("[data-billing-next=stripe]")).to_be_visible()
            expect(page.locator("[data-billing-invoice=paid]")).to_be_visible()
        expect(page.locator("[data-billing-banner]")).to_be_visible()
        found[name] = browsing.faults(page)
        picture(page, f"{name}-{width}-{language}")

    assert found == {name: [] for name in names}
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/billing-{name}.png", full_page=True)
