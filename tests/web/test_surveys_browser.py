"""Surveys in a real browser: a customer on a phone, a tablet at the counter, head office."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.surveys import links
from regulars.surveys.models import Invitation
from regulars.tenancy import context, directory
from tests.factories import browsing, people, serving, surveys
from tests.factories.customers import customer

pytestmark = pytest.mark.browser
LAST = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PERIOD = "period=custom&start=2026-09-01&end=2026-11-20"
LONG = "非常非常长的名称" * 8
_WORDS = ["<script>alert(1)</script>", "W" * 200, "导购很耐心", LONG * 3, "tea", ""]


def fill() -> dict[str, str]:
    """Write two hundred answers with names as long as they may be; return some addresses."""
    stores = [people.store(code=f"c{n}", name=f"{LONG[:40]}{n}店") for n in range(3)]
    known = [customer(name=f"{LONG[:50]}{n}", store=stores[n % 3]) for n in range(12)]
    for n in range(120):
        is_cross = n % 5 == 0
        surveys.answered(
            customer=known[n % 12] if n % 7 else None,
            at=LAST - timedelta(hours=9 * n),
            store_id=stores[n % 3].id,
            guide_id=people.owner().id,
            answers={
                "recommend": 3 if is_cross else 9, "piece": 5, "advice": 2 if is_cross else 4,
                "price": n % 5 + 1, "words": _WORDS[n % 6],
            },
            unhappy=is_cross,
        )  # fmt: skip
    asked = surveys.asked(
        customer=known[0], survey="after-purchase", store_id=stores[0].id, at=timezone.now()
    )
    one = Invitation.objects.filter(unhappy=True, customer__isnull=False).first()
    assert one is not None
    return {
        "answer": f"/s/{links.token('invitation', asked.pk)}/",
        "tablet": f"/survey/tablet/{links.token('tablet', stores[0].id)}/",
        "results": f"/insights/surveys/?{PERIOD}",
        "rows": f"/insights/surveys/answers/?{PERIOD}&figure=nps&mark=down",
        "one": f"/surveys/{one.pk}/",
        "settings": "/settings/surveys/",
        "edit": "/settings/surveys/after-purchase/",
        "new": "/settings/surveys/new/",
        "tablets": "/settings/surveys/tablets/",
    }


PAGES: dict[str, str] = {}


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port, with what its customers answered."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        PAGES.update(fill())
    with serving.chain() as address:
        yield address


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/surveys-{name}.png", full_page=True)


OFFICE = ("results", "rows", "one", "settings", "edit", "new", "tablets")
FEW = ("results", "settings")


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(360, "zh-hans", "light"), (820, "zh-hans", "dark"), (1440, "en", "light")],
)
def test_every_page_of_head_office_works_at_every_width(
    address: str, browser: Browser, width: int, language: str, scheme: str
) -> None:
    window = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page, said = browsing.signed_in(window, address, language=language)
    found = {}
    for name in OFFICE if width != 820 else FEW:
        page.goto(f"{address}{PAGES[name]}")
        if page.locator("[data-chart]").count():
            page.wait_for_selector("[data-chart][data-drawn]")
        picture(page, f"{width}-{name}")
        # axe takes a second for each page: once is enough to know the words and colours
        found[name] = browsing.faults(page) if width == 820 else page.evaluate(browsing.TOO_WIDE)

    assert {name: each for name, each in found.items() if each} == {}
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def test_a_customer_answers_on_a_phone_with_one_tap_and_then_more(
    address: str, browser: Browser
) -> None:
    window = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page = window.new_page()
    page.goto(f"{address}{PAGES['answer']}")
    picture(page, "360-answer")
    assert browsing.faults(page) == []
    page.click("button[name=recommend][value='9']")
    expect(page.locator(".survey-saved")).to_be_visible()
    assert browsing.faults(page) == []

    page.locator("label", has=page.locator("input[name=price][value='4']")).click()
    page.fill("[name=words]", "很好")
    picture(page, "360-answer-more")
    page.click(".survey-send")
    expect(page.locator(".survey-thanks")).to_be_visible()
    picture(page, "360-answer-thanks")


def test_the_tablet_returns_to_its_start_by_itself(address: str, browser: Browser) -> None:
    window = browser.new_context(viewport={"width": 820, "height": 1180})
    page = window.new_page()
    page.goto(f"{address}{PAGES['tablet']}")
    picture(page, "820-tablet")
    assert browsing.faults(page) == []
    page.clock.install()
    page.click("button[name=recommend][value='3']")
    expect(page.locator(".survey-rest")).to_be_visible()
    picture(page, "820-tablet-more")
    assert browsing.faults(page) == []
    page.clock.fast_forward(29_000)
    expect(page.locator(".survey-rest")).to_be_visible()
    page.clock.fast_forward(3_000)
    expect(page.locator(".survey-first")).to_be_visible()

    page.click("button[name=recommend][value='9']")
    page.click(".survey-over button")
    expect(page.locator(".survey-thanks")).to_be_visible()
    picture(page, "820-tablet-thanks")
    page.clock.fast_forward(7_000)
    expect(page.locator(".survey-first")).to_be_visible()


def test_a_tablet_that_loses_the_net_stays_where_it_is_and_is_tapped_once_more(
    address: str, browser: Browser
) -> None:
    window = browser.new_context(viewport={"width": 820, "height": 1180})
    page = window.new_page()
    page.goto(f"{address}{PAGES['tablet']}?l=en")
    page.route("**/survey/tablet/**", lambda route: route.abort())

    page.click("button[name=recommend][value='7']")
    expect(page.locator(".toast-card")).to_contain_text("tap once more")
    page.unroute_all()
    page.click("button[name=recommend][value='7']")

    expect(page.locator(".survey-rest")).to_be_visible()
