"""A complaint written down on a phone in Chinese and on a desk in English; a kind is changed."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.complaints.models import Case
from regulars.customers.models import Customer
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.factories import browsing, people, purchases, serving
from tests.factories.contacts import person

pytestmark = pytest.mark.browser
WAIT = 10_000
SHOTS = os.environ.get("SCREENSHOTS", "")
PHONE, TABLET, DESK = (360, 740), (820, 1180), (1440, 900)
LOOKS = [(PHONE, "zh-hans"), (DESK, "en")]
if SHOTS:
    LOOKS = [(size, language) for size in (PHONE, TABLET, DESK) for language in ("zh-hans", "en")]


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
        made = person(name="王小明", store=people.first_store(), owner=people.owner())
        line = purchases.line(368_000, product_name="足金项链", category="gold")
        purchases.sale(line, customer=made)
    return made


@pytest.fixture
def opened(address: str, browser: Browser) -> Iterator[list[str]]:
    """Whatever the console says is a fault."""
    said: list[str] = []
    yield said
    loud = [line for line in said if line.startswith(("error", "warning"))]
    assert [line for line in loud if "422" not in line] == []


def window(
    browser: Browser, address: str, said: list[str], size: tuple[int, int], language: str
) -> Page:
    width, height = size
    made = browser.new_context(viewport={"width": width, "height": height})
    page, heard = browsing.signed_in(made, address, language=language)
    page.on("close", lambda _page: said.extend(heard))
    return page


def looked_at(page: Page, name: str) -> None:
    """Insist that nothing can be pushed sideways; keep a picture where one is asked for."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_a_complaint_on_a_phone_in_chinese(
    browser: Browser, address: str, opened: list[str], chain: ChainInfo, carol: Customer
) -> None:
    page = window(browser, address, opened, PHONE, "zh-hans")
    page.goto(f"{address}/customers/{carol.pk}/")
    page.click('a[href^="/complaints/new/?customer="][href$="raised=timeline"].btn')
    looked_at(page, "raise-zh-360")

    page.locator(".raise-kind", has_text="佩戴后皮肤不适").click()
    expect(page.locator("#raise-asks .note-bad")).to_contain_text("立即取下", timeout=WAIT)
    page.fill("[name=text]", "戴了三天脖子发红")
    page.fill("[name='ask-where']", "脖子，发红发痒")
    looked_at(page, "raise-chosen-zh-360")
    page.locator(".form-buttons button[type=submit]").click()
    page.wait_for_url(f"{address}/complaints/0*/")

    with context.inside(chain):
        case = Case.objects.get(customer=carol.pk)
    assert (case.template, case.answers) == ("skin-reaction", {"where": "脖子，发红发痒"})
    page.close()


def test_without_a_customer_on_a_desk_in_english(
    browser: Browser, address: str, opened: list[str], chain: ChainInfo, carol: Customer
) -> None:
    page = window(browser, address, opened, DESK, "en")
    page.goto(f"{address}/complaints/new/?raised=phone")
    page.fill("main [name=q]", "王小明")
    expect(page.locator("#raise-who .link-list")).to_contain_text("王小明", timeout=WAIT)
    looked_at(page, "raise-found-en-1440")
    page.locator(".raise-kind", has_text="Something else").click()
    expect(page.locator("#raise-asks [name=severity]").first).to_be_attached(timeout=WAIT)
    page.locator(".form-buttons button[type=submit]").click()
    expect(page.locator(".has-error").first).to_be_visible()
    looked_at(page, "raise-refused-en-1440")
    page.close()


@pytest.mark.parametrize(("size", "language"), LOOKS, ids=str)
def test_kinds_are_read_and_previewed(
    browser: Browser, address: str, opened: list[str], size: tuple[int, int], language: str
) -> None:
    page = window(browser, address, opened, size, language)
    for name, path in (
        ("kinds", "/settings/complaints/"), ("kind", "/settings/complaints/loose-stone/"),
        ("rights", "/complaints/rights/"), ("raise", "/complaints/new/?raised=phone"),
    ):  # fmt: skip
        page.goto(f"{address}{path}")
        looked_at(page, f"{name}-{language}-{size[0]}")
    page.goto(f"{address}/settings/complaints/loose-stone/")
    page.locator("details.kind-part").first.locator("summary").click()
    page.fill("[name=urgent]", "Stop at once")
    page.locator("[hx-post$='preview/']").click()
    expect(page.locator("#kind-seen")).to_contain_text("Stop at once", timeout=WAIT)
    page.close()
