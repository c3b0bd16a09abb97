"""Head office in a real browser, on a phone and at a desk: charts drawn, nothing in the way."""

import os
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from regulars.insights.services import folding
from regulars.tenancy import context, directory
from tests.factories import browsing, people, serving
from tests.factories import insights as facts
from tests.factories.customers import customer
from tests.insights.conftest import NOW

pytestmark = pytest.mark.browser
_LAST = date(2026, 11, 20)
_PERIOD = "period=custom&start=2026-10-22&end=2026-11-20&compare=previous"
LOOKS: tuple[tuple[str, Any], ...] = (("zh-hans", "light"), ("en", "light"), ("zh-hant", "dark"))
_SURNAMES, _NAMES = "王李张刘陈杨赵黄周吴", ["小明", "丽", "建国", "秀英", "伟", "芳", "敏", "静"]


def fill() -> None:
    """Two regions, seven stores, eighty customers and two months of believable sales."""
    luck = random.Random(5)
    regions = [
        people.region(code=f"r{n}", name=name) for n, name in enumerate(("华东区", "华南区"))
    ]
    names = (
        "上海南京路店",
        "杭州湖滨店",
        "苏州观前街店",
        "南京新街口店",
        "广州天河城店",
        "深圳万象城店",
    )
    stores = [
        people.store(code=f"{n + 101}", name=name, region=regions[n > 3])
        for n, name in enumerate(names)
    ]
    known = [
        customer(name=luck.choice(_SURNAMES) + luck.choice(_NAMES), store=luck.choice(stores)).id
        for _ in range(80)
    ]
    sold = []
    for back in range(62):
        for store in stores:
            busy = 3 - stores.index(store) // 2
            for _ in range(luck.randrange(busy, busy * 3)):
                who = luck.choice(known) if luck.random() < 0.7 else None
                amount = int(luck.lognormvariate(11.5, 1)) // 100 * 100
                if store is stores[1] and back < 30 and luck.random() < 0.4:
                    continue  # one store that fell
                sold.append(
                    facts.sale(
                        store=store.id, customer=who, day=_LAST - timedelta(back), paid=amount
                    )
                )
    facts.write(sold)
    folding.fold(now=NOW)


def overfill() -> None:
    """Four hundred more stores, names as long as they may be, and billions."""
    long = "非常非常长的门店名称" * 6
    regions = [people.region(code=f"o{n}", name=f"{long[:57]}{n:03}") for n in range(10)]
    shops = [
        people.store(code=f"o{n}", name=f"{long[:57]}{n:03}", region=regions[n % 10])
        for n in range(400)
    ]
    rich = [customer(name=f"{long[:57]}{n:03}", store=shops[n]).id for n in range(3)]
    facts.write(
        facts.sale(store=shop.id, customer=rich[n % 3], day=_LAST, paid=99_999_999_999_99)
        for n, shop in enumerate(shops)
    )


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """A server on a free port, whose chain has two months of sales."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        fill()
    with serving.chain() as address:
        yield address


@pytest.fixture(scope="module")
def overfull(address: str) -> None:
    """More than fits into the chain at the address; the tests that follow find it there."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        overfill()
        folding.fold(now=NOW)


def look(
    browser: Browser, address: str, *, width: int, language: str, scheme: Any = "light"
) -> Page:
    """Sign in as Alice and open the page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, said = browsing.signed_in(context, address, language=language)
    show(page, address, said)
    return page


def show(page: Page, address: str, said: list[str]) -> None:
    """Open the page and wait for its charts; whatever its console says is a fault."""
    page.goto(f"{address}/insights/?{_PERIOD}")
    page.wait_for_selector("[data-chart][data-drawn]")
    page.wait_for_selector(".customers-of-period [data-drawn]")
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/headoffice-{name}-top.png")
        page.screenshot(path=f"{folder}/headoffice-{name}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 820, 1440])
def test_the_page_works_at_every_width(address: str, browser: Browser, width: int) -> None:
    window = browser.new_context(viewport={"width": width, "height": 900})
    page, said = browsing.signed_in(window, address, language="zh-hans")
    for language, scheme in LOOKS:
        window.add_cookies([{"name": "language", "value": language, "url": address}])
        page.emulate_media(color_scheme=scheme)
        show(page, address, said)
        assert page.locator("html").get_attribute("lang") == language
        assert browsing.faults(page) == [], (language, scheme)
        assert page.locator(".figure-card").count() == 8
        assert page.locator("[data-chart][data-drawn]").count() == 3
        picture(page, f"{width}-{language}-{scheme}")


def test_one_gets_from_the_chain_to_a_store_to_its_rows_by_keyboard(
    address: str, browser: Browser
) -> None:
    page = look(browser, address, width=1440, language="en", scheme="dark")

    page.locator("#stores .row-link").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".place-trail li")).to_have_count(3)
    page.wait_for_selector(".customers-of-period [data-drawn]")
    assert browsing.faults(page) == []
    picture(page, "store")
    page.locator(".define").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".define-pop").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".define-pop").first).to_be_hidden()
    page.locator(".figure-card .figure-value a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.data-table tbody tr").first).to_be_visible()
    assert browsing.faults(page) == []
    picture(page, "rows")


def test_the_period_is_changed_in_the_page_and_kept_in_the_address(
    address: str, browser: Browser
) -> None:
    page = look(browser, address, width=1440, language="en")

    page.select_option("[name=compare]", "none")
    page.wait_for_url("**compare=none**")
    assert "start=2026-10-22" in page.url
    assert page.locator(".delta").count() == 0

    page.select_option("[name=compare]", "custom")
    page.fill("[name=compare_start]", "2026-09-20")
    page.fill("[name=compare_end]", "2026-10-05")
    page.click(".period-go")
    page.wait_for_url("**compare_end=2026-10-05**")
    assert page.locator(".delta").count() > 8

    page.select_option("[name=place]", label="杭州湖滨店")
    page.wait_for_url("**place=store**")
    expect(page.locator(".place-trail")).to_contain_text("杭州湖滨店")
    expect(page.locator("#guides tbody tr")).to_have_count(1)
    page.select_option("[name=period]", "7d")
    page.wait_for_url("**period=7d**")
    assert "&start=" not in page.url


@pytest.mark.parametrize("width", [360, 820, 1440])
def test_four_hundred_stores_with_long_names_and_billions_stay_in_place(
    address: str, overfull: None, browser: Browser, width: int
) -> None:
    page = look(browser, address, width=width, language="zh-hans")

    assert browsing.faults(page) == []
    assert page.locator("#stores tbody tr").count() == 50
    picture(page, f"overfull-{width}")
    page.locator(".table-more a").first.click()
    expect(page.locator("#stores tbody tr")).to_have_count(407)
    page.emulate_media(media="print")
    assert page.locator(".figure-card").first.is_visible()
    assert not page.locator(".rail, .period").first.is_visible()
