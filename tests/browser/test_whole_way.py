"""From a stranger to a chain that sees its stores: sign up, confirm, bring files in, look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shopkeeper import Shopkeeper
from tests.local.running import Run

pytestmark = pytest.mark.browser
PASSWORD = "four words of mine"
WAIT = 60_000  # milliseconds; a shared machine may be slow


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who comes, and with which files."""

    name: str
    width: int
    locale: str
    encoding: str
    customers: tuple[str, ...]
    purchases: tuple[str, ...]
    known: str
    sales: str


# Of the customers one has a phone nobody can call and one is nobody; of the purchases one names
# no amount, and takes the other line of its receipt with it.
VISITS = [
    Visit(
        name="phone-zh",
        width=360,
        locale="zh-CN",
        encoding="gb18030",
        customers=(
            "姓名,手机号,会员号,生日,所属门店,戒指尺寸,备注",
            "陈美玲,13800138000,M001,1988-05-12,南京路店,12,喜欢玫瑰金",
            "王伟,13900139000,M002,,湖滨店,,",
            "李娜,12345,M003,,湖滨店,,",
            "某人,,,,湖滨店,,",
        ),
        purchases=(
            "小票号,时间,门店,手机号,商品,数量,实付金额",
            "A1,2026-10-08 11:20,南京路店,13800138000,足金手链,1,3280.00",
            "A2,2026-11-02 15:05,湖滨店,13800138000,铂金对戒,2,9600.00",
            "A3,2026-11-03 10:00,湖滨店,13900139000,银饰,1,不详",
            "A3,2026-11-03 10:00,湖滨店,13900139000,清洗,1,50.00",
            "A4,2026-11-12 18:30,湖滨店,,银项链,1,499.50",
        ),
        known="陈美玲",
        sales="13,379.5",
    ),
    Visit(
        name="desk-en",
        width=1440,
        locale="en-US",
        encoding="utf-8",
        customers=(
            "Name;Phone;Member code;Birthday;Home store;Ring size;Note",
            "Chen Meiling;+86 138 0013 8000;M001;1988-05-12;Nanjing Road;12;likes rose gold",
            "Wang Wei;+86 139 0013 9000;M002;;Lakeside;;",
            "Li Na;12345;M003;;Lakeside;;",
            "Somebody;;;;Lakeside;;",
        ),
        purchases=(
            "Receipt number;Time;Store;Phone;Product;Quantity;Paid",
            "A1;2026-10-08 11:20;Nanjing Road;+86 138 0013 8000;Gold bracelet;1;3280.00",
            "A2;2026-11-02 15:05;Lakeside;+86 138 0013 8000;Pair of rings;2;9600.00",
            "A3;2026-11-03 10:00;Lakeside;+86 139 0013 9000;Silver;1;unknown",
            "A3;2026-11-03 10:00;Lakeside;+86 139 0013 9000;Cleaning;1;50.00",
            "A4;2026-11-12 18:30;Lakeside;;Silver necklace;1;499.50",
        ),
        known="Chen Meiling",
        sales="13,379.5",
    ),
]


@pytest.fixture(params=VISITS, ids=lambda visit: visit.name)
def visit(request: pytest.FixtureRequest) -> Visit:
    found: Visit = request.param
    return found


@pytest.fixture
def keeper(chromium: Browser, visit: Visit) -> Iterator[Shopkeeper]:
    found = Shopkeeper(chromium, width=visit.width, locale=visit.locale, name=visit.name)
    yield found
    found.leave()


def sign_up(keeper: Shopkeeper, visit: Visit, address: str) -> str:
    """Go from the home page to one's own workspace; return its address."""
    page = keeper.page
    page.goto(address)
    keeper.look("home")
    page.goto(f"{address}/signup/")
    page.fill("[name=company]", visit.name)
    page.fill("[name=subdomain]", "admin")
    page.press("[name=subdomain]", "Tab")
    expect(page.locator(".subdomain-check, .field-error").first).to_be_visible()
    page.fill("[name=subdomain]", visit.name)
    page.select_option("[name=vertical]", "jewelry")
    page.fill("[name=owner_name]", "Owner")
    page.fill("[name=owner_email]", f"owner@{visit.name}.example")
    page.fill("[name=password]", PASSWORD)
    keeper.look("signup")
    page.locator("main form button[type=submit]").click()
    page.goto(f"{address}/mailbox/")
    page.locator(".mails a").first.click()
    keeper.look("mailbox")
    link = page.locator(".mailbox-text a[href*='/signup/']").first.get_attribute("href")
    assert link
    page.goto(link)
    keeper.look("confirm")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(rf"//{visit.name}\."), timeout=WAIT)
    page.wait_for_load_state()
    found = re.match(r"https?://[^/]+", page.url)
    assert found
    return found.group()


def bring_in(keeper: Shopkeeper, file: Path, home: str, what: str) -> None:
    """Upload a file, leave the columns as they were guessed, check it, and bring it in."""
    page = keeper.page
    page.goto(f"{home}/imports/new/")
    page.set_input_files("input[type=file]", str(file))
    keeper.look(f"{what}-new")
    page.locator("main form[enctype] button.btn-primary").click()
    page.wait_for_selector("[name=check]")
    keeper.look(f"{what}-columns")
    page.locator("[name=check]").click()
    ready(page)
    opens = page.locator("[name=create_stores]")
    if opens.count() and not opens.is_checked():
        opens.check()
        opens.locator("xpath=ancestor::form").locator("button").last.click()
        ready(page)
    keeper.look(f"{what}-preview")
    keeper.press_primary()
    page.wait_for_selector("[href*='/imports/'][href$='/rejected/']", timeout=WAIT)
    expect(page.locator("#import-undo")).to_be_attached(timeout=WAIT)
    keeper.look(f"{what}-done")


def ready(page: Page) -> None:
    """Wait until it is said what would happen."""
    page.wait_for_selector("#import-start", state="attached", timeout=WAIT)


def rejected(page: Page) -> str:
    """Download the file of rejected rows."""
    with page.expect_download() as waiting:
        page.locator("[href$='/rejected/']").click()
    return Path(waiting.value.path()).read_text(encoding="utf-8-sig")


def test_a_stranger_signs_up_brings_two_files_in_and_sees_their_stores(
    product: Run, keeper: Shopkeeper, visit: Visit, tmp_path: Path
) -> None:
    page = keeper.page
    files = {}
    for what, lines in (("customers", visit.customers), ("purchases", visit.purchases)):
        files[what] = tmp_path / f"{what}.csv"
        files[what].write_bytes("\r\n".join(lines).encode(visit.encoding))

    home = sign_up(keeper, visit, f"http://localhost:{product.port}")
    keeper.look("first-page")

    bring_in(keeper, files["customers"], home, "customers")
    refused = rejected(page)
    assert [line.split(",")[0] for line in refused.splitlines()[1:]] == ["4", "5"]
    assert "12345" in refused

    bring_in(keeper, files["purchases"], home, "purchases")
    refused = rejected(page)
    assert [line.split(",")[0] for line in refused.splitlines()[1:]] == ["4", "5"]

    page.goto(f"{home}/customers/")
    keeper.look("customers")
    page.get_by_role("link", name=visit.known).first.click()
    expect(page.locator("main")).to_contain_text("M001")
    keeper.look("profile")

    page.goto(f"{home}/insights/?period=custom&start=2026-10-01&end=2026-11-21")
    expect(page.locator("main")).to_contain_text(visit.sales, timeout=WAIT)
    page.wait_for_selector("[data-chart][data-drawn]")
    keeper.look("head-office")
    assert keeper.said == []
