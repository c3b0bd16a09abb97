"""An owner and the subscription: trial, pay, a card that fails, fixed, less, cancelled, taken back.

On a phone in Chinese and at a desk in English, with the pages of the simulator and its test clock;
what it tells arrives by its webhooks at the product's own address.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.billing import gateway, tasks
from regulars.billing.models import Subscription
from regulars.local.stripe import server
from regulars.outbox import handlers
from regulars.outbox import services as outbox
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests import simulated_stripe
from tests.billing.conftest import with_plans
from tests.browser.shopkeeper import Shopkeeper
from tests.factories import people, serving

pytestmark = pytest.mark.browser
WAIT = 60_000  # milliseconds; a shared machine may be slow
AGAIN = (0.5,) * 120  # seconds until a webhook that was not answered is told again
GOOD, FAILS = "4242 4242 4242 4242", "4000 0000 0000 0341"
TRIAL = timedelta(days=3)
STANDING = "[data-billing-state]"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who comes."""

    name: str
    width: int
    locale: str
    language: str


VISITS = [
    Visit(name="paying-zh", width=360, locale="zh-CN", language="zh-hans"),
    Visit(name="paying-en", width=1440, locale="en-US", language="en"),
]


@dataclass(kw_only=True)
class Paid:
    """The product and the payment service beside it."""

    address: str
    chain: ChainInfo
    simulator: server.Server
    clock: simulated_stripe.Clock

    @property
    def row(self) -> Subscription:
        """What the product keeps."""
        return Subscription.objects.get(chain_id=self.chain.id)

    def to(self, moment: datetime) -> None:
        """Let it become that moment at the payment service, and two hours more."""
        self.clock.to(int(moment.timestamp()) + 7200)
        assert self.simulator.deliverer.settle(timeout=WAIT / 1000)

    def renews(self) -> None:
        """Let the period end."""
        ends = self.row.period_ends_at
        assert ends is not None
        self.to(ends)

    def totals(self) -> list[int]:
        """Return the totals of the invoices, the oldest first."""
        listed = self.clock.client.invoices.list({"customer": self.row.customer})
        return [each.total for each in reversed(listed.data)]


@pytest.fixture(params=VISITS, ids=lambda visit: visit.name)
def visit(request: pytest.FixtureRequest) -> Visit:
    found: Visit = request.param
    return found


@pytest.fixture
def keeper(chromium: Browser, visit: Visit) -> Iterator[Shopkeeper]:
    found = Shopkeeper(chromium, width=visit.width, locale=visit.locale, name=visit.name)
    found.page.set_default_timeout(WAIT)
    yield found
    found.leave()


@pytest.fixture
def paid(own_database: str, visit: Visit, settings: Any) -> Iterator[Paid]:
    """Aurum on the third last day of its trial, a worker, and a simulator that tells it all."""
    Chain.objects.filter(domains__domain="aurum").update(language=visit.language)
    chain = directory.find("aurum")
    assert chain is not None
    assert handlers.find("billing.event") is not None, tasks.__doc__
    with simulated_stripe.running(delays=AGAIN) as simulator, serving.chain() as address:
        settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = simulator.key, simulator.address
        gateway._client.cache_clear()
        with_plans(simulator)  # before anything else is there: it is a copy
        client = simulated_stripe.client(simulator)
        told = {"url": f"http://localhost:{urlsplit(address).port}/webhooks/stripe/"}
        endpoint = client.webhook_endpoints.create({**told, "enabled_events": ["*"]})
        settings.STRIPE_WEBHOOK_SECRET = endpoint.secret
        clock = simulated_stripe.Clock.at(client, int(time.time()))
        known = {"email": "alice@aurum.example", "test_clock": clock.id}
        Subscription.objects.filter(chain_id=chain.id).update(
            customer=client.customers.create(known).id, trial_ends_at=timezone.now() + TRIAL
        )
        with working(chain):
            yield Paid(address=address, chain=chain, simulator=simulator, clock=clock)


@contextmanager
def working(chain: ChainInfo) -> Iterator[None]:
    """Run a worker of a chain beside the test."""
    over = threading.Event()

    def work() -> None:
        with context.inside(chain):
            while not over.wait(0.1):
                outbox.work_off()
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


def sign_in(page: Page, paid: Paid, language: str) -> None:
    page.goto(paid.address)
    page.fill("[name=login]", "alice@aurum.example")
    page.fill("[name=password]", people.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    page.context.add_cookies([{"name": "language", "value": language, "url": paid.address}])


def billing(page: Page, paid: Paid, **facts: str) -> None:
    """Open the page once the product knows how things stand, and find it there."""
    deadline = time.monotonic() + WAIT / 1000
    while {name: getattr(paid.row, name) for name in facts} != facts:
        assert time.monotonic() < deadline, f"not {facts}"
        time.sleep(0.05)
    page.goto(f"{paid.address}/settings/billing/?pay=monthly")
    stands(page, **facts)


def stands(page: Page, **facts: str) -> None:
    """Wait for the page of the subscription to say how things stand."""
    page.wait_for_url(re.compile(r"/settings/billing/(\?.*)?$"), timeout=WAIT)
    wanted = STANDING + "".join(f"[data-billing-{n}='{v}']" for n, v in facts.items())
    expect(page.locator(wanted)).to_be_visible(timeout=WAIT)


def send(page: Page, what: str) -> None:
    page.locator(f"form[data-billing='{what}'] [type=submit]").last.click()


def at_the_service(page: Page, paid: Paid) -> None:
    page.wait_for_url(f"{paid.simulator.address}/**", timeout=WAIT)


def fill_card(page: Page, number: str) -> None:
    for name, value in (("number", number), ("expiry", "12 / 34"), ("cvc", "123"),
                        ("holder", "Li Na")):  # fmt: skip
        page.locator(f"[name={name}]:visible").fill(value)


def test_an_owner_pays_fails_mends_takes_less_and_thinks_again(
    paid: Paid, keeper: Shopkeeper, visit: Visit
) -> None:
    page = keeper.page
    sign_in(page, paid, visit.language)

    pays(keeper, paid)
    expect(page.locator("html")).to_have_attribute("lang", visit.language)
    paid.to(datetime.fromtimestamp(paid.clock.now, UTC) + TRIAL)
    billing(page, paid, state="paid", status="active")
    assert paid.totals() == [0, 29_900]

    fails(keeper, paid)
    is_fixed(keeper, paid)
    assert paid.totals() == [0, 29_900, 29_900]

    takes_less(keeper, paid)
    leaves_and_thinks_again(keeper, paid)
    paid.renews()
    billing(page, paid, state="paid", status="active", plan="chain")
    assert paid.totals() == [0, 29_900, 29_900, 29_900]


def pays(keeper: Shopkeeper, paid: Paid) -> None:
    """Choose a plan, go through Checkout, and come back."""
    page = keeper.page
    billing(page, paid, state="trial")
    keeper.look("trial")
    page.locator("form[data-billing-subscribe=chain] [type=submit]").click()
    at_the_service(page, paid)
    fill_card(page, GOOD)
    page.click("button[value=pay]")
    stands(page, state="paid", status="trialing", plan="chain", interval="month")
    keeper.look("paid")


def new_card(page: Page, paid: Paid, number: str) -> None:
    """Let another card pay from now on, in the portal, and come back."""
    send(page, "portal")
    at_the_service(page, paid)
    page.locator("details:has([name=number]) > summary").first.click()
    fill_card(page, number)
    page.click("button[value=card]")
    page.locator("header a").first.click()


def fails(keeper: Shopkeeper, paid: Paid) -> None:
    """Let a card pay that is going to fail, and the period end."""
    page = keeper.page
    new_card(page, paid, FAILS)
    stands(page, state="paid")
    paid.renews()
    billing(page, paid, state="late", status="past_due")
    expect(page.locator("[data-billing-banner]")).to_be_visible(timeout=WAIT)
    keeper.look("late")


def is_fixed(keeper: Shopkeeper, paid: Paid) -> None:
    """Bring another card, and pay the open invoice with it."""
    page = keeper.page
    new_card(page, paid, GOOD)
    stands(page, state="late")
    send(page, "pay")
    at_the_service(page, paid)
    page.locator("form:has([name=method]) button[value=pay]").first.click()  # the newest
    expect(page.locator("button[value=pay]")).to_have_count(0, timeout=WAIT)
    billing(page, paid, state="paid", status="active")
    expect(page.locator("[data-billing-banner]")).to_have_count(0)


def takes_less(keeper: Shopkeeper, paid: Paid) -> None:
    """A smaller plan waits for the end of what is paid."""
    page = keeper.page
    page.locator("[data-billing-change='start:month']").click()
    page.wait_for_url("**/settings/billing/change/**")
    keeper.look("less")
    send(page, "change")
    stands(page, plan="chain", planned="start")
    keeper.look("less-waits")


def leaves_and_thinks_again(keeper: Shopkeeper, paid: Paid) -> None:
    """Cancelled, which drops what waited; and taken back."""
    page = keeper.page
    page.locator("[data-billing-leave]").click()
    keeper.look("cancel")
    send(page, "cancel")
    stands(page, state="paid", planned="")
    assert paid.row.cancels_at == paid.row.period_ends_at
    keeper.look("cancelled")
    send(page, "take-back")
    expect(page.locator("form[data-billing='take-back']")).to_have_count(0, timeout=WAIT)
    assert paid.row.cancels_at is None
