"""Head office in a real browser, on a phone and at a desk: charts drawn, nothing in the way."""

import os
import random
import shutil
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from regulars.insights.services import folding
from regulars.tenancy import context, directory
from regulars.web import assets
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.customers import customer
from tests.insights.conftest import NOW

pytestmark = pytest.mark.browser
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_LAST = date(2026, 11, 20)
_PERIOD = "period=custom&start=2026-10-22&end=2026-11-20&compare=previous"
_SURNAMES, _NAMES = "王李张刘陈杨赵黄周吴", ["小明", "丽", "建国", "秀英", "伟", "芳", "敏", "静"]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


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


@pytest.fixture
def address(own_database: str) -> Iterator[str]:
    """A server on a free port, whose chain has two months of sales."""
    assets.build()
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        fill()
    server = make_server(
        "127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), _Server, _Quiet
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://aurum.localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    connections.close_all()


@pytest.fixture
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield found
        found.close()


def look(
    browser: Browser, address: str, *, width: int, language: str, scheme: Any = "light"
) -> Page:
    """Sign in as Alice and open the page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.goto(f"{address}/account/login/")
    page.fill("[name=login]", "alice@aurum.example")
    page.fill("[name=password]", people.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page.goto(f"{address}/insights/?{_PERIOD}")
    page.wait_for_selector("[data-chart][data-drawn]")
    page.wait_for_selector(".customers-of-period [data-drawn]")
    assert [line for line in said if line.startswith(("error", "warning"))] == []
    return page


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/headoffice-{name}-top.png")
        page.screenshot(path=f"{folder}/headoffice-{name}.png", full_page=True)


def test_the_page_works_on_a_phone_and_at_a_desk(address: str, browser: Browser) -> None:
    for width in (360, 820, 1440):
        for language in ("zh-hans", "en"):
            page = look(browser, address, width=width, language=language)
            sideways = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert sideways == 0, width
            assert page.locator(".figure-card").count() == 8
            assert page.locator("[data-chart][data-drawn]").count() == 3
            picture(page, f"{width}-{language}")
            page.context.close()
    dark = look(browser, address, width=1440, language="zh-hans", scheme="dark")
    picture(dark, "1440-dark")

    dark.locator("#stores .row-link").first.click()
    expect(dark.locator(".place-trail li")).to_have_count(3)
    picture(dark, "store")
    dark.locator(".figure-card a").first.click()
    expect(dark.locator("table.data-table tbody tr").first).to_be_visible()
    picture(dark, "rows")


def test_the_period_is_changed_in_the_page_and_kept_in_the_address(
    address: str, browser: Browser
) -> None:
    page = look(browser, address, width=1440, language="en")

    page.select_option("[name=compare]", "none")
    page.wait_for_url("**compare=none**")

    assert "start=2026-10-22" in page.url
    assert page.locator(".delta").count() == 0
