"""A conversation on a phone in Chinese: what comes in shows at once, what is typed stays."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.customers.models import Customer
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.factories import browsing, people, serving
from tests.factories.contacts import budget, person
from tests.factories.talk import writes

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="document.title=1">' + "很长的话" * 60
WAIT = 10_000


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port."""
    with serving.chain() as address:
        yield address


@pytest.fixture
def chain(address: str) -> ChainInfo:
    found = directory.find("aurum")
    assert found is not None
    return found


@pytest.fixture
def carol(chain: ChainInfo) -> Customer:
    with context.inside(chain):
        budget(limits=[])
        made = person(name="王" * 40, store=people.first_store(), owner=people.owner())
        writes(made, HOSTILE, at=timezone.now() - timedelta(minutes=2))
    return made


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """A phone, signed in; whatever the console says is a fault, but that it cannot dial."""
    window = browser.new_context(viewport={"width": 360, "height": 740})
    opened, said = browsing.signed_in(window, address, language="zh-hans")
    yield opened
    window.close()
    loud = [line for line in said if line.startswith(("error", "warning"))]
    assert [line for line in loud if "tel:" not in line] == []


def is_narrow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_conversation_on_a_phone(
    page: Page, address: str, chain: ChainInfo, carol: Customer
) -> None:
    page.goto(f"{address}/messages/")
    expect(page.locator('a[href="/messages/"] .rail-count')).to_contain_text("1", timeout=WAIT)
    assert is_narrow(page)
    page.click(f'a[href="/messages/{carol.pk}/"]')
    box = page.locator("#talk-text")
    box.fill("还没写完")

    with context.inside(chain):
        writes(carol, "在吗？", at=timezone.now())
    connections.close_all()

    expect(page.locator("#talk-thread")).to_contain_text("在吗？", timeout=WAIT)
    expect(box).to_have_value("还没写完")
    expect(page.locator(".bubble-in").last).to_be_in_viewport()
    assert is_narrow(page)
    page.locator(".talk-phrases summary").click()
    page.locator(".talk-phrases button").first.click()
    expect(box).to_have_value("还没写完\n收到了，我马上为您查，稍后回复您。")
    page.locator("#talk-form button[type=submit]").click()
    expect(page.locator(".bubble-out").last).to_contain_text("我马上为您查", timeout=WAIT)
    expect(page.locator("#talk-text")).to_have_value("")
    assert page.title() != "1"


def test_one_tap_reserves_a_call_and_dials(page: Page, address: str, carol: Customer) -> None:
    page.goto(f"{address}/customers/{carol.pk}/messages/")
    assert is_narrow(page)

    page.locator(".contact-call button").click()

    expect(page.locator(f'a[href="tel:{carol.phone}"]')).to_be_visible(timeout=WAIT)
    page.locator("button[name=result][value=no]").click()
    page.wait_for_url("**reached=no")
    assert is_narrow(page)
