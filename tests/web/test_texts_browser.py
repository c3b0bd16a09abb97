"""Texts in a real browser: placeholders by a tap, words marked while typing, copied by a guide."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.customers.models import Customer
from regulars.tenancy import context, directory
from tests.factories import browsing, people, serving
from tests.factories.contacts import person

pytestmark = pytest.mark.browser
FIELD = "[name=text_zh_hans]"


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port."""
    with serving.chain() as address:
        yield address


@pytest.fixture(scope="module")
def carol(address: str) -> Customer:
    """A customer of Alice whose name is not kind to a page."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        made = person(name="<b>王小明</b>", owner=people.owner(), store=people.first_store())
        made.language = "en"
        made.save(update_fields=["language"])
    return made


@pytest.fixture
def page(address: str, browser: Browser, carol: Customer) -> Iterator[Page]:
    """A window in which Alice has signed in; whatever the console says is a fault."""
    window = browser.new_context(viewport={"width": 1280, "height": 900})
    window.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    opened, said = browsing.signed_in(window, address, language="en")
    yield opened
    assert [
        line for line in said if line.startswith(("error", "warning")) and "422" not in line
    ] == []


def is_wider_than_the_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def test_words_are_marked_while_they_are_typed_and_only_good_ones_are_kept(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/settings/texts/new/?occasion=birthday")
    page.click("[data-inserts='{customer.salutation}']")
    page.keyboard.type("，生日快乐，全场八折！")
    expect(page.locator(".text-column mark").first).to_have_text("八折")
    expect(page.locator(".text-column .text-reasons").first).to_contain_text("signed")

    page.click("text=Save")
    expect(page.locator(FIELD)).to_have_value("{customer.salutation}，生日快乐，全场八折！")

    page.fill(FIELD, "{customer.salutation}，生日快乐！")
    page.click("[data-inserts='{guide.name}']")
    expect(page.locator(".text-fine").first).to_be_visible()
    page.click("text=Try it on 100 customers")
    expect(page.locator("#text-trial")).to_contain_text("newest customers could get it")
    page.fill("#search-q", "王小明")
    page.locator(".text-person").first.click()
    expect(page.locator("#text-preview")).to_contain_text("<b>王小明</b>，生日快乐！Alice")
    page.click("text=Save")
    page.wait_for_url("**/settings/texts/edit/own-birthday-*/")


def test_a_guide_copies_filled_words_and_nothing_is_wider_than_a_phone(
    page: Page, address: str, carol: Customer
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    wide = []
    for path in (
        "settings/texts/",
        "settings/texts/edit/birthday-greeting/",
        "settings/texts/lists/",
        "messages/words/",
        f"messages/words/{carol.pk}/?occasion=birthday",
    ):
        page.goto(f"{address}/{path}")
        if is_wider_than_the_window(page):
            wide.append(path)
    page.locator("[data-copies]").first.click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Happy birthday, <b>王小明</b>!")
    assert wide == []
