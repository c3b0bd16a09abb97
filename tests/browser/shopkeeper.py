"""Somebody at a browser: what they do on our pages, and what they must never see."""

import os
from pathlib import Path

from playwright.sync_api import Browser, Page, Response, expect

from tests.factories import browsing

SERIOUS = {"serious", "critical"}
UNFINISHED = ".htmx-request, [data-chart]:not([data-drawn])"
"""What is still being asked for, or drawn."""
PATIENCE = 30_000  # milliseconds


class Shopkeeper:
    """A person with a screen of some width who reads one language."""

    def __init__(self, browser: Browser, *, width: int, locale: str, name: str) -> None:
        self._context = browser.new_context(
            viewport={"width": width, "height": 900 if width > 600 else 760},
            locale=locale,
            timezone_id="Asia/Shanghai",
        )
        self.name = name
        self.said: list[str] = []
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))
        self.page.on("response", self._answered)

    def _hear(self, kind: str, text: str) -> None:
        # The browser's own word on an answer of 4xx; the answers are listened to one by one.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            self.said.append(f"{kind}: {text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status != 422:
            self.said.append(f"{response.status} {response.url}")

    def look(self, what: str) -> None:
        """Look at the page: nothing may stick out, and nothing serious may hinder anybody.

        Saves a picture where PICTURES says, if it says so.
        """
        self.page.wait_for_load_state()
        expect(self.page.locator(UNFINISHED)).to_have_count(0, timeout=PATIENCE)
        folder = os.environ.get("PICTURES")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{self.name}-{what}.png", full_page=True)
        sideways = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways == 0, f"{what} is {sideways} pixels too wide"
        hindered = [
            f"{fault['id']}: {fault['nodes'][0]['target']}"
            for fault in browsing.violations(self.page)
            if fault["impact"] in SERIOUS
        ]
        assert hindered == [], what
        assert self.said == [], what

    def press_primary(self) -> None:
        """Press the page's one primary action."""
        self.page.locator("main .btn-primary:visible").first.click()

    def leave(self) -> None:
        """Close the browser's window."""
        self._context.close()
