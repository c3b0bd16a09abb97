"""The working page of complaints in a browser: keys, news that do not disturb, a phone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.audit import Actor, ActorKind, Scope
from regulars.complaints import services
from regulars.complaints.models import Case
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.factories import browsing, complaints, serving
from tests.factories.complaints import Cast

pytestmark = pytest.mark.browser
WAIT = 20_000


@pytest.fixture(scope="module")
def address(shared_database: str) -> Iterator[str]:
    """Aurum on a free port."""
    with serving.chain() as address:
        yield address


@pytest.fixture(scope="module")
def chain(address: str) -> ChainInfo:
    found = directory.find("aurum")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def cast(chain: ChainInfo) -> Cast:
    """A store with complaints in several states."""
    web = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))
    late = timezone.now() - timedelta(hours=1)
    with context.inside(chain):
        made = complaints.cast()
        case = raised(made, "No answer for days", severity="urgent", by=web, customer_id=None)
        Case.objects.filter(pk=case.pk).update(reply_due_at=late, urgent_at=late)
        for n, severity in enumerate(("urgent", "high", "medium", "low", "high", "low")):
            raised(made, f"戒指第{n}次松动 loose stone {n}.", severity=severity)
        for state, title in (("apologised", "Sorry"), ("proposed", "Offer"), ("asked", "Asked")):
            case = raised(made, f"{title} " + "很长的投诉 " * 9, severity="medium")
            complaints.settle(case, made.guide, now=timezone.now(), upto=state)
    connections.close_all()
    return made


def raised(cast: Cast, title: str, **facts: Any) -> Case:
    """Raise a complaint."""
    facts = {"text": title, "key": title, "product_name": "18K 钻戒", **facts}
    return complaints.case(cast, now=timezone.now(), title=title[:120], **facts)


@pytest.fixture(params=["en", "zh-hans"])
def page(request: pytest.FixtureRequest, address: str, browser: Browser) -> Iterator[Page]:
    """Alice at a desk; whatever the console says is a fault."""
    window = browser.new_context(viewport={"width": 1440, "height": 900})
    opened, said = browsing.signed_in(window, address, language=request.param)
    yield opened
    window.close()
    assert [line for line in said if line.startswith(("error", "warning"))] == []


def is_narrow(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_list_is_worked_through_by_keys(page: Page, address: str, cast: Cast) -> None:
    page.goto(f"{address}/complaints/")
    expect(page.locator('a[href="/complaints/"] .rail-count')).not_to_be_empty(timeout=WAIT)

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    expect(second.locator("a")).to_be_focused()
    page.keyboard.press("x")
    expect(second.locator("input")).to_be_checked()
    expect(page.locator("[data-chosen]")).to_contain_text("1")
    expect(page.locator("#complaint-status")).to_contain_text("1")
    page.keyboard.press("k")
    expect(page.locator("[data-row] a").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-help")).to_be_hidden()
    expect(page.locator("[data-row] a").first).to_be_focused()  # given back, then taken elsewhere
    page.keyboard.press("/")
    box = page.locator("#complaint-q")
    expect(box).to_be_focused()
    page.keyboard.type("xj stone 3")
    expect(box).to_have_value("xj stone 3")  # while one types the keys are letters
    box.fill("stone 3")
    expect(page.locator("[data-row]")).to_have_count(1, timeout=WAIT)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/complaints/*-*-*/")


@pytest.mark.parametrize("page", ["zh-hans"], indirect=True)
def test_news_come_by_themselves_and_disturb_nobody(
    page: Page, address: str, chain: ChainInfo, cast: Cast
) -> None:
    page.goto(f"{address}/complaints/")
    row = page.locator("[data-row]").nth(3)
    known = str(row.get_attribute("id"))
    row.locator("input").check()
    row.locator("a").focus()

    with context.inside(chain):
        before = Case.objects.count()
        new = raised(cast, f"Brand new {before}", severity="urgent")
        services.note(actor=cast.guide, case_id=new.pk, text="Called", now=timezone.now(), key="n")
    connections.close_all()

    expect(page.locator("#complaint-rows")).to_contain_text(f"Brand new {before}", timeout=WAIT)
    expect(page.locator(f"#{known} input")).to_be_checked()
    expect(page.locator(f"#{known} a")).to_be_focused()
    expect(page.locator("#complaint-status")).not_to_be_empty()


@pytest.mark.parametrize("page", ["zh-hans"], indirect=True)
def test_the_board_shows_one_column_on_a_phone(page: Page, address: str, cast: Cast) -> None:
    page.goto(f"{address}/complaints/?view=board")
    expect(page.locator(".board-column:visible")).to_have_count(7)
    for width, shown in ((820, 7), (360, 1)):
        page.set_viewport_size({"width": width, "height": 780})
        expect(page.locator(".board-column:visible")).to_have_count(shown)
        assert is_narrow(page)
        page.goto(f"{address}/complaints/")
        assert is_narrow(page)
        page.goto(f"{address}/complaints/?view=board")
    page.locator(".board-nav a").nth(3).click()
    expect(page.locator("#column-proposed")).to_be_visible()
    page.locator("#column-proposed input[name=case]").check()
    expect(page.locator(".bulk-bar")).to_be_visible()
    page.locator(".bulk-bar button[value=note]").click()
    expect(page.locator("textarea")).to_be_visible()
    assert is_narrow(page)
