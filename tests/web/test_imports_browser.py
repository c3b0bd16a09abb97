"""A shop's own files brought in with a real browser, a worker beside it, and the real loaders."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect

from regulars.imports import tasks
from regulars.imports.services import working
from regulars.outbox import handlers
from regulars.outbox import services as outbox
from regulars.tenancy import context, directory
from tests.factories import browsing, serving
from tests.imports import files

pytestmark = pytest.mark.browser
WAIT = 30_000

CUSTOMERS = (
    ("姓名", "手机号", "会员号", "生日", "性别", "归属门店", "戒指尺寸", "备注"),
    *(
        (f"顾客{n}", f"1380013{n:04}", f"M{n:04}", "1988-05-12", "女", "001", "", "老顾客")
        for n in range(60)
    ),
    ("李娜", "1390013", "M9001", "1992-12-31", "女", "001", "", ""),
    ("王" * 60, "13700137000", "M9002", "昨天", "", "不存在的店", "", "=HYPERLINK(1)"),
)
PURCHASES = (
    ("小票号", "时间", "门店", "会员号", "商品", "数量", "实付"),
    *(
        (f"XS{n:05}", "2026-03-05 15:20", "001", f"M{n % 60:04}", "足金手链", "1", "3280.00")
        for n in range(90)
    ),
    ("XS90001", "2026-03-06 12:00", "新天地店", "", "银戒", "1", "399.00"),
    ("XS90002", "2026-03-06 12:00", "001", "", "银戒", "一", "399.00"),
)


@pytest.fixture
def address(own_database: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """A server on a free port, and a worker beside it."""
    settings.MEDIA_ROOT = str(tmp_path)
    chain = directory.find("aurum")
    assert chain is not None
    over = threading.Event()
    assert working.HANDLER in handlers.known(), tasks.__doc__

    def work() -> None:
        with context.inside(chain):
            while not over.wait(0.1):
                outbox.work_off()
        connections.close_all()

    with serving.chain() as address:
        worker = threading.Thread(target=work)
        worker.start()
        yield address
        over.set()
        worker.join()


def signed_in(
    browser: Browser, address: str, *, width: int, language: str, scheme: Any
) -> tuple[Page, list[str]]:
    """Sign in as Alice; return the page, and what the console says from then on."""
    window = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    return browsing.signed_in(window, address, language=language)


def look(page: Page, name: str) -> None:
    """Save a picture where PICTURES says, and find nothing wrong with the page."""
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/imports-{name}.png", full_page=True)
    assert browsing.faults(page) == [], name


def bring_in(page: Page, address: str, path: Path, name: str) -> None:
    """From the upload to the end."""
    page.goto(f"{address}/imports/new/")
    page.set_input_files("input[type=file]", str(path))
    look(page, f"{name}-new")
    page.locator("main form[enctype] button.btn-primary").click()
    page.wait_for_selector("[name=check]")
    look(page, f"{name}-columns")
    page.locator("[name=check]").click()
    page.wait_for_selector("#import-start", state="attached", timeout=WAIT)
    look(page, f"{name}-preview")
    page.locator("button[form=import-start]").click()
    page.wait_for_selector("#import-undo", state="attached", timeout=WAIT)
    look(page, f"{name}-done")


@pytest.mark.parametrize(
    ("width", "language", "scheme"),
    [(360, "zh-hans", "light"), (820, "en", "dark"), (1440, "zh-hans", "light")],
)
def test_two_files_come_in_and_one_is_taken_back(
    address: str, browser: Browser, tmp_path: Path, width: int, language: str, scheme: str
) -> None:
    page, said = signed_in(browser, address, width=width, language=language, scheme=scheme)
    name = f"{width}-{language}"
    page.goto(f"{address}/imports/")
    look(page, f"{name}-empty")
    members, sales = tmp_path / "会员.csv", tmp_path / "销售.xlsx"
    members.write_bytes(files.delimited(CUSTOMERS).encode("gb18030"))
    sales.write_bytes(files.written(PURCHASES))

    bring_in(page, address, members, f"{name}-customers")
    with page.expect_download() as download:
        page.locator("[href$='/rejected/']").click()
    rejected = Path(download.value.path()).read_text("utf-8-sig")
    assert [line.split(",")[0] for line in rejected.splitlines()[1:]] == ["62", "63"]
    page.goto(f"{address}/customers/?q=顾客5")
    expect(page.locator("main")).to_contain_text("顾客5")

    bring_in(page, address, sales, f"{name}-purchases")
    expect(page.locator("main")).to_contain_text("90")
    page.locator("[data-opens=import-undo]").click()
    page.wait_for_selector("#import-undo[open]")
    look(page, f"{name}-undo")
    page.locator("#import-undo button[type=submit]").click()
    page.wait_for_selector("[data-opens=import-remove]", timeout=WAIT)
    look(page, f"{name}-undone")
    page.goto(f"{address}/imports/")
    look(page, f"{name}-list")
    assert [line for line in said if line.startswith(("error", "warning"))] == []
