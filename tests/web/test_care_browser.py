"""Results of care, scorecards and plans in a real browser, with words that are not kind to it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.tenancy import context, directory
from tests.factories import browsing, people, serving
from tests.factories import care as made
from tests.factories.customers import customer

pytestmark = pytest.mark.browser
LAST = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PERIOD = "period=custom&start=2026-09-01&end=2026-11-20"
LONG = "非常非常长的名称" * 8
PAGES = {
    "care": f"/insights/care/?{PERIOD}",
    "question": f"/insights/care/question/?{PERIOD}&ask=birthday.greet.visits",
    "satisfaction": f"/insights/care/question/?{PERIOD}&ask=satisfaction",
    "rows": f"/insights/care/rows/?{PERIOD}&ask=wants",
    "scorecard": f"/insights/scorecard/?{PERIOD}",
    "due": f"/insights/scorecard/due/?{PERIOD}",
    "my-card": f"/my-card/?{PERIOD}",
    "plans": "/settings/plans/",
    "plan": "/settings/plans/after-purchase/",
    "step": "/settings/plans/after-purchase/steps/wearing/",
    "new": "/settings/plans/new/",
}

FEW = ("care", "question", "scorecard", "my-card", "plan", "step")  # one of each sort


def fill() -> None:
    """Three stores, five guides and two hundred follow-ups, with names as long as they may be."""
    stores = [people.store(code=f"c{n}", name=f"{LONG[:56]}{n}店") for n in range(3)]
    guides = [people.staff(name=f"{LONG[:20]}{n}", stores=(stores[n % 3],)) for n in range(4)]
    guides.append(people.owner())
    known = [customer(name=f"{LONG[:50]}{n}", store=stores[n % 3]).id for n in range(12)]
    words = ["<script>alert(1)</script>", "W" * 200, "想要一条更细的项链", LONG * 3, "tea"]
    made.write(
        made.done(
            customer_id=known[n % 12],
            at=LAST - timedelta(hours=9 * n),
            store_id=stores[n % 3].id,
            owner_id=guides[n % 5].id,
            done_by_id=guides[n % 5].id,
            plan="after-purchase" if n % 4 == 0 else "birthday",
            step="wearing" if n % 4 == 0 else "greet",
            answers={"fits": ["tight", "right", "loose"][n % 3], "liked": n % 5 + 1}
            if n % 4 == 0
            else {"visits": n % 3 != 0, "liked": n % 2 == 0, "wants": words[n % 5]},
            satisfaction=n % 5 + 1 if n % 2 else 5,
        )
        for n in range(200)
    )


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port, with what its customers answered."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        fill()
    with serving.chain() as address:
        yield address


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/care-{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(360, "zh-hans", "light"), (820, "zh-hant", "dark"), (1440, "en", "light")],
)
def test_every_page_works_at_every_width(
    address: str, browser: Browser, width: int, language: str, scheme: str
) -> None:
    window = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page, said = browsing.signed_in(window, address, language=language)
    found = {}
    for name in PAGES if width == 360 else FEW:
        path = PAGES[name]
        page.goto(f"{address}{path}")
        if page.locator("[data-chart]").count():
            page.wait_for_selector("[data-chart][data-drawn]")
        picture(page, f"{width}-{name}")
        # axe takes a second for each page: once is enough to know the words and colours
        found[name] = browsing.faults(page) if width == 820 else page.evaluate(browsing.TOO_WIDE)

    assert {name: each for name, each in found.items() if each} == {}
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def test_head_office_gets_from_a_share_to_its_customers_and_makes_a_plan(
    address: str, browser: Browser
) -> None:
    window = browser.new_context(viewport={"width": 360, "height": 800})
    page, said = browsing.signed_in(window, address, language="en")
    page.goto(f"{address}{PAGES['care']}")
    page.locator(".asking", has_text="Will visit").locator(".number-link").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()

    page.goto(f"{address}/settings/plans/new/")
    page.fill("[name=title]", "A word after a month")
    page.fill("[name=first-after]", "30")
    page.fill("[name=first-label]", "Ask how it is")
    page.click("text=How many tasks?")
    expect(page.locator(".plan-load")).to_contain_text("tasks a week")
    page.click("button:has-text('Save')")
    expect(page.locator("h1")).to_have_text("A word after a month")
    expect(page.locator(".plan-moment")).to_have_count(1)
    page.click("text=How many tasks?")
    expect(page.locator(".plan-load")).to_contain_text("tasks a week")
    assert [line for line in said if line.startswith(("error", "warning"))] == []
