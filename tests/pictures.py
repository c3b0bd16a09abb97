"""Takes the pictures of README and the public site from the demo chains that run here.

``python -m tests.pictures [jewelry]`` while `make up` runs; what the pages say is then what the
catalogues say. Pictures are written to docs/pictures and to the static files of the public site.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from regulars.web.assets import WEB

ROOT: Final = Path(__file__).resolve().parents[1]
DOCS: Final = ROOT / "docs" / "pictures"
SHOTS: Final = WEB / "static" / "img" / "shots"
LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}
_FLAGS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WIDE: Final = {"width": 1440, "height": 1320}  # as far as the charts
_SMALL: Final = {"width": 1200, "height": 750}
_PHONE: Final = {"width": 390, "height": 844}


def main(vertical: str) -> None:
    """Take every picture, in Chinese and English."""
    port, chain = _running(vertical)
    address = f"http://{chain['subdomain']}.localhost:{port}"
    owner = next(each for each in chain["sign_ins"] if each["role"] == "Owner")
    guide = next(each for each in chain["sign_ins"] if each["role"] == "Guide")
    for folder in (DOCS, SHOTS):
        folder.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        for name, language in LANGUAGES.items():
            context = _arrived(browser, address, owner, language, _WIDE)
            _take(context, address, name)
            context.close()
            context = _arrived(browser, address, guide, language, _PHONE)
            _take_today(context, address, name)
            context.close()
        browser.close()


def _running(vertical: str) -> tuple[str, dict[str, Any]]:
    told = subprocess.check_output([sys.executable, "-m", "regulars.cli", "status", "-o", "json"])
    status = json.loads(told)
    chain = next(each for each in status["chains"] if each["vertical"] == vertical)
    return status["environment"]["REGULARS_PORT"], chain


def _arrived(
    browser: Browser, address: str, who: dict[str, str], language: str, size: dict[str, int]
) -> BrowserContext:
    context = browser.new_context(viewport=size, locale=language)  # type: ignore[arg-type]
    _sign_in(context, address, who)
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    return context


def _sign_in(context: BrowserContext, address: str, who: dict[str, str]) -> None:
    page = context.new_page()
    page.goto(f"{address}/account/login/")
    page.fill("[name=login]", who["email"])
    page.fill("[name=password]", who["password"])
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.close()


def _take(context: BrowserContext, address: str, name: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/insights/?period=90d")
    page.wait_for_selector(".customers-of-period [data-drawn]")
    page.wait_for_timeout(600)  # charts grow into place
    page.screenshot(path=DOCS / f"head-office-{name}.png")
    page.set_viewport_size(_SMALL)  # type: ignore[arg-type]
    page.wait_for_timeout(600)
    _shoot(page, "head-office", name)
    page.goto(f"{address}/insights/rows/top/?period=365d")
    page.locator("table.data-table tbody a.row-link").first.click()
    page.wait_for_load_state("networkidle")
    _shoot(page, "customer", name)
    page.goto(f"{address}/counter/")
    page.locator("main [data-search]").press_sequentially("wang")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    _shoot(page, "counter", name)
    page.close()


def _take_today(context: BrowserContext, address: str, name: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/today/")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=DOCS / f"today-{name}.png")
    page.close()


def _shoot(page: Page, what: str, name: str) -> None:
    page.screenshot(path=SHOTS / f"{what}-{name}.png")


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["jewelry"]))
