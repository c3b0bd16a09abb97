"""A chain's colour in a real browser: seen before it is saved, without any style attribute."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.tenancy import accent
from tests.factories import browsing, serving

pytestmark = pytest.mark.browser
LEMON, PLUM = "#f2d94e", "#6b2fa0"


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port."""
    with serving.chain() as address:
        yield address


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """The page of the look, opened by Alice; whatever the console says is a fault."""
    window = browser.new_context(viewport={"width": 1280, "height": 900})
    opened, said = browsing.signed_in(window, address, language="en")
    opened.goto(f"{address}/settings/look/")
    yield opened
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def painted(colour: str) -> str:
    """Return a colour as a browser computes it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def test_a_colour_is_seen_by_day_and_in_the_dark_before_it_is_saved(page: Page) -> None:
    by_day = page.locator(".look-sample[data-bs-theme=light] .btn")
    in_the_dark = page.locator(".look-sample[data-bs-theme=dark] .btn")
    expect(by_day).to_have_css("background-color", painted(accent.BRAND))

    page.locator("label.swatch", has=page.locator("[value=own]")).click()
    page.fill("[name=accent]", PLUM)

    expect(by_day).to_have_css("background-color", painted(PLUM))
    expect(in_the_dark).to_have_css("background-color", painted(accent.of(PLUM).dark))


def test_a_pale_colour_is_answered_with_the_nearest_that_can_be_read(page: Page) -> None:
    page.locator("label.swatch", has=page.locator("[value=own]")).click()
    page.fill("[name=accent]", LEMON)
    page.click("text=Save with")
    page.wait_for_load_state()

    nearest = accent.of(LEMON).light
    expect(page.locator("[name=accent]")).to_have_value(nearest)
    expect(page.locator(".look-sample[data-bs-theme=light] .btn")).to_have_css(
        "background-color", painted(nearest)
    )
