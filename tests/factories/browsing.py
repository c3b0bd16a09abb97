"""The system's Chromium, and somebody signed in with it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from regulars.web import assets
from tests.factories import visitors

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    *("--no-sandbox", "--disable-gpu"),
    *("--disable-background-networking", "--disable-component-update"),
]
# What sticks out of the page, where the page can be pushed sideways at all.
TOO_WIDE = """(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter(
    (each) => each.getBoundingClientRect().right > root.clientWidth && !each.closest(".table-box"));
  return wide.slice(0, 6).map((each) => `sideways: ${each.tagName}.${each.className}`);
})()"""
# Every rule is tried on every node; what is fine is not described, which takes as long again.
_AXE = "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser of this machine; skips the test where there is none.

    Its loop runs in the thread of the tests, which may ask the database all the same.
    """
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("There is no Chromium on this machine.")
    with (
        pytest.MonkeyPatch.context() as patch,
        sync_playwright() as playwright,
    ):
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        found = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield found
        found.close()
        connections.close_all()  # beside its loop there are others than before and after


def signed_in(window: BrowserContext, address: str, *, language: str) -> tuple[Page, list[str]]:
    """Let Alice in with a language; return her empty page and what its console says.

    She signs in outside of the browser, which is given her cookies: two pages less to draw in each
    test. The form itself is filled in by the browser of `tests/web/test_complaint_story.py`.
    """
    page = window.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    chain = str(urlsplit(address).hostname).partition(".")[0]
    alice = visitors.signed_in(email=f"alice@{chain}.example", chain=chain)
    alice.cookies["language"] = language
    window.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": address}
            for name, cookie in alice.cookies.items()
        ]
    )
    return page, said


def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds wrong with a page, as it describes it."""
    page.evaluate((assets.MODULES / "axe-core" / "axe.min.js").read_text())
    return list(page.evaluate(_AXE))


def faults(page: Page) -> list[str]:
    """Return what axe finds, and what can be pushed sideways."""
    said = [f"{fault['id']}: {fault['nodes'][0]['target']}" for fault in violations(page)]
    return said + list(page.evaluate(TOO_WIDE))
