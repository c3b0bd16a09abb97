"""What complaints teach in a real browser, with words that are not kind to it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.insights import tasks
from regulars.tenancy import context, directory
from tests.factories import browsing, people, serving
from tests.factories import insights as facts
from tests.factories.customers import customer
from tests.insights import complaining

pytestmark = pytest.mark.browser
LONG = "非常非常长的名称" * 8
PAGES = {
    "page": "/insights/complaints/?period=90d",
    "rows": "/insights/complaints/rows/?period=90d",
    "card": "/insights/scorecard/?period=90d",
    "card-rows": "/insights/scorecard/complaints/?period=90d",
}
SAID = (
    "戒指戴了三天钻石松动脱落，镶口有问题", "钻石松动，要求重新镶嵌", "戒指的钻石脱落了，很失望",
    "客服态度很差，打电话没人接", "店员态度很差，不理人", "<script>alert(1)</script> " + "W" * 60,
    "The stone of my ring fell out", "My ring lost its stone within a week",
)  # fmt: skip
RASH = ("用了面膜皮肤过敏红肿", "面膜引起过敏，脸上红肿发痒", "过敏红肿，面膜不敢再用")


def fill() -> None:
    """Three stores, sales, and complaints old and new, with names as long as can be."""
    now = timezone.now()
    today = now.date()
    stores = [people.store(code=f"c{n}", name=f"{LONG[:56]}{n}店") for n in range(3)]
    guides = [people.staff(name=f"{LONG[:20]}{n}", stores=(stores[n % 3],)) for n in range(4)]
    known = [customer(name=f"{LONG[:50]}{n}", store=stores[n % 3]).id for n in range(60)]
    sold = [
        facts.sale(
            store=stores[n % 3].pk, customer=known[n % 60] if n % 2 else None,
            day=today - timedelta(days=n % 400), guide=guides[n % 4].pk, paid=10_000 + n,
        )
        for n in range(2_400)
    ]  # fmt: skip
    facts.write(sold)
    complaining.write(
        complaining.case(
            store_id=stores[0 if n % 3 else 1].pk,
            at=now - timedelta(hours=n * 18 + 2),
            text=RASH[n % 3] if n < 14 else SAID[n % 8],
            title=f"{LONG[:60]}{n}",
            template=["loose-stone", "", "service"][n % 3],
            customer_id=known[n % 40],
            owner_id=guides[n % 4].pk,
            purchase_id=sold[n].id,
            product_code=f"R{n % 5}",
            product_name="Ring" if n % 2 else LONG[:40],
            batch="B7" if n % 4 == 0 else "",
            cause=["setting", "", "glue", LONG[:40]][n % 4],
            severity=["low", "medium", "high", "urgent"][n % 4],
            cost_minor=12_345 * (n % 3),
            replied_at=now - timedelta(hours=n * 18 + 1 - n % 2) if n % 7 else None,
            resolve_due_at=now - timedelta(hours=n * 18 - 20),
            **_over(n, now - timedelta(hours=max(0, n * 18 - 15 - n % 9))),
        )
        for n in range(260)
    )


def _over(n: int, at: object) -> dict[str, object]:
    if n < 12 or n % 11 == 0:
        return {}
    satisfied = n % 3 != 0
    return {
        "state": "closed", "ended": "satisfied" if satisfied else "unsatisfied", "closed_at": at,
        "resolved_at": at, "satisfied": satisfied, "second": not satisfied,
        "reopened": n % 10 == 0,
    }  # fmt: skip


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port, with what its customers complained about."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        fill()
    with serving.chain() as address:
        yield address


@pytest.fixture(autouse=True)
def _learned(address: str) -> None:
    """Leave in the cache of the test what the night does."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        tasks.learn_all(now=timezone.now())


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/learning-{name}.png", full_page=True)


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
    for name, path in PAGES.items():
        page.goto(f"{address}{path}")
        if page.locator("[data-chart]").count():
            page.wait_for_selector("[data-chart][data-drawn]")
        picture(page, f"{width}-{name}")
        # axe takes a second for each page: once is enough to know the words and colours
        found[name] = browsing.faults(page) if width == 820 else page.evaluate(browsing.TOO_WIDE)

    assert {name: each for name, each in found.items() if each} == {}
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def test_head_office_gets_from_a_new_trouble_to_its_complaints(
    address: str, browser: Browser
) -> None:
    window = browser.new_context(viewport={"width": 1440, "height": 900})
    page, said = browsing.signed_in(window, address, language="en")
    page.goto(f"{address}{PAGES['page']}")
    fresh = page.locator("tr", has_text="New trouble").first
    expect(fresh).to_contain_text("过敏")
    fresh.locator(".number-link").first.click()
    expect(page.locator("tbody tr")).to_have_count(14)
    page.locator(".page-back").click()
    expect(page.locator("h1")).to_have_text("What complaints teach")
    assert [line for line in said if line.startswith(("error", "warning"))] == []
