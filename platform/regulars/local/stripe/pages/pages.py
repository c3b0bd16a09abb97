"""Which page an address is."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from regulars.local.stripe.pages import (
    checkout_page,
    frame,
    invoice_page,
    operator_page,
    portal_page,
    secure_page,
)  # fmt: skip
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import Page, read

_STYLE: Final = Path(__file__).with_name("style.css")
_OURS: Final = {"127.0.0.1", "localhost", "::1"}


def answer(
    simulator: Any, method: str, path: str, query: str, body: str, headers: dict[str, str]
) -> Page:
    """Answer a browser."""
    if path == "/style.css":
        return Page(body=_STYLE.read_text("utf-8"), headers={"Content-Type": "text/css"})
    if path == "/favicon.ico":
        return Page(status=204, body="", headers={})
    if path == "/health":
        return Page(body="ok", headers={"Content-Type": "text/plain"})
    origin = headers.get("origin")
    if method == "POST" and origin and urlsplit(origin).hostname not in _OURS:
        return Page(status=403, body="From another site.", headers={"Content-Type": "text/plain"})
    asked = Asked(
        simulator=simulator,
        world=simulator.api.world,
        method=method,
        path=path,
        query=read(query),
        form=read(body) if method == "POST" else {},
        languages=headers.get("accept-language", "en"),
    )
    with simulator.api.lock:
        return _route(asked, path.strip("/").split("/"))


def _route(asked: Asked, steps: list[str]) -> Page:
    match steps:
        case [""]:
            return operator_page.home(asked)
        case ["list", kind]:
            return operator_page.listing(asked, kind)
        case ["object", key]:
            return operator_page.one(asked, key)
        case ["c", "pay", key]:
            return checkout_page.answer(asked, key)
        case ["p", "session", key]:
            return portal_page.answer(asked, key)
        case ["i", _, key]:
            return invoice_page.answer(asked, key)
        case ["3ds", key]:
            return secure_page.answer(asked, key)
        case ["done"]:
            return secure_page.done(asked)
    return frame.gone(asked)
