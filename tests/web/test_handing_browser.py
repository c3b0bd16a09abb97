"""Handing over on a phone, and the card on paper, in a real browser."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from regulars.audit import SYSTEM
from regulars.customers import services
from regulars.customers.models import Customer
from regulars.followups.models import Gift as Given
from regulars.followups.models import Handover
from regulars.followups.occasions import gifts
from regulars.followups.occasions.gifts import Gift
from regulars.tenancy import context, directory
from regulars.usecases import hand_over_goods
from tests.factories import browsing, customers, people, serving
from tests.factories.purchases import line, sale

pytestmark = pytest.mark.browser
SHANGHAI = ZoneInfo("Asia/Shanghai")
LONG = "非常非常长的名字" * 8
_WIDTH = re.compile(rb"/MediaBox \[0 0 ([\d.]+)")
WIDTHS = [int(each) for each in os.environ.get("WIDTHS", "360").split(",")]


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Where the pages are, and what they are about."""

    address: str
    customer: Any
    purchase: Any


def fill() -> tuple[Any, Any]:
    """A customer with a birthday today and names as long as they may be, who bought three rings."""
    now = timezone.now()
    store = people.first_store()
    store.name, store.phone, store.address = LONG[:60], "+862152345678", "南京西路 1515 号" * 4
    store.save()
    bob = people.staff(name=LONG[:30], phone="+8613800138000", stores=(store,))
    made = customers.customer(name=LONG[:60], owner=people.owner(), store=store, language="zh-hans")
    old = customers.customer(name="王小明", owner=people.owner(), store=store)
    Customer.objects.filter(pk=old.pk).update(created_at=now - timedelta(900))
    Given(
        customer=old, kind="customer.birthday", source=old.pk, occasion_on=now.date(), gift="g0",
        title=LONG[:60], cost_minor=123_456_789, store_id=store.pk, given_at=now,
    ).save(force_insert=True)  # fmt: skip
    today = now.date()
    services.set_life_event(
        actor=SYSTEM,
        customer_id=made.pk,
        kind="birthday",
        month=today.month,
        day=today.day,
        now=now,
    )
    for number in range(3):
        gift = Gift(
            key=f"g{number}",
            title=f"{LONG[:50]}{number}",
            occasions=("customer.birthday", "customer.wedding"),
            cost_minor=5_000 * (number + 1),
            tastes={"colours": ("暖色",)} if number else {},
        )
        gifts.set_rule(actor=SYSTEM, gift=gift, now=now)
    rings = [line(100_000 * n, product_name=f"{LONG[:40]} {n}") for n in (1, 2, 3)]
    sold = sale(*rings, customer=made, guide_id=bob.pk).purchase_id
    hand_over_goods.hand_over(
        actor=people.actor(people.owner()), purchase_id=sold, store_id=store.pk,
        done={"piece": ["count"]}, now=now,
    )  # fmt: skip
    return made, sold


@pytest.fixture(scope="module")
def shop(shared_database: str) -> Iterator[Shop]:
    """A server on a free port."""
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        made, sold = fill()
    with serving.chain() as address:
        yield Shop(address=address, customer=made, purchase=sold)


def picture(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, if it says so."""
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/handing-{name}.png", full_page=True)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_can_be_used_at_every_width(shop: Shop, browser: Browser, width: int) -> None:
    window = browser.new_context(viewport={"width": width, "height": 800})
    page, said = browsing.signed_in(window, shop.address, language="zh-hans")
    receipt, one = f"/counter/receipts/{shop.purchase}/", f"/customers/{shop.customer.pk}/"
    pages = {
        "receipt": receipt,
        "checklist": f"{receipt}handover/",
        "card": f"{receipt}card/",
        "narrow": f"{receipt}card/?paper=receipt",
        "giving": f"{one}gifts/",
        "rules": "/settings/gifts/",
        "rule": "/settings/gifts/g1/",
        "given": "/insights/gifts/",
        "month": f"/insights/gifts/?month={datetime.now(SHANGHAI):%Y-%m}",
        "ownership": "/settings/ownership/",
        "mine": "/customers/?owner=me",
    }

    found = {}
    for name, path in pages.items():
        page.goto(f"{shop.address}{path}")
        if name == "ownership":
            page.locator("main form button[type=submit]").first.click()
            expect(page.locator("main table, main .card-note").first).to_be_visible()
        found[name] = browsing.faults(page)
        picture(page, f"{name}-{width}")

    assert found == {name: [] for name in pages}
    assert [each for each in said if each.startswith(("error", "warning"))] == []
    window.close()


def test_a_checklist_is_ticked_by_thumb_and_survives_a_reload(shop: Shop, browser: Browser) -> None:
    window = browser.new_context(viewport={"width": 360, "height": 800}, has_touch=True)
    page, _said = browsing.signed_in(window, shop.address, language="zh-hans")
    page.goto(f"{shop.address}/counter/receipts/{shop.purchase}/handover/")
    row = page.locator(".tick-row").nth(1)
    box = row.bounding_box()

    row.tap()
    page.wait_for_timeout(400)  # a draft is kept a quarter of a second after the last touch
    page.reload()
    expect(page.locator(".tick-row input").nth(1)).to_be_checked()
    page.locator(".handing button[type=submit]").click()
    page.wait_for_load_state()

    assert box is not None
    assert box["height"] >= 44
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        assert Handover.objects.get().done == ["count", "open"]
    window.close()


def test_the_card_prints_on_one_sheet_of_its_own_size(
    shop: Shop, browser: Browser, tmp_path: Path
) -> None:
    window = browser.new_context()
    page, _said = browsing.signed_in(window, shop.address, language="zh-hans")
    sheets = {}
    for paper in ("a6", "receipt"):
        page.goto(f"{shop.address}/counter/receipts/{shop.purchase}/card/?paper={paper}")
        made = page.pdf(prefer_css_page_size=True, print_background=True)
        folder = os.environ.get("PICTURES")
        (Path(folder) if folder else tmp_path).joinpath(f"card-{paper}.pdf").write_bytes(made)
        sheets[paper] = [float(each) for each in _WIDTH.findall(made)]

    # In points: 105 and 80 millimetres wide, one sheet each.
    assert [len(each) for each in sheets.values()] == [1, 1]
    assert [round(each[0] / 72 * 25.4) for each in sheets.values()] == [105, 80]
    window.close()
