"""A language that brackets every sentence of the catalogues: what stands outside was forgotten."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html.parser import HTMLParser
from typing import Any
from unittest import mock

from django.utils import translation

from regulars.web import context

_SPOKEN = {"aria-label", "placeholder", "title", "alt", "data-too-large", "content"}
_SILENT = {"script", "style", "code", "kbd"}
_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
_WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+")


@contextmanager
def spoken() -> Iterator[None]:
    """Answer every look-up in a catalogue with the msgid in brackets."""

    def one(message: str) -> str:
        return f"⟦{message}⟧" if message else message

    def many(singular: str, plural: str, number: Any) -> str:
        return one(singular if number == 1 else plural)

    fakes = {
        "gettext": one,
        "ngettext": many,
        "pgettext": lambda _context, message: one(message),
        "npgettext": lambda _context, *forms: many(*forms),
    }
    target = translation._trans  # type: ignore[attr-defined]
    with ExitStack() as patches:
        for name, fake in fakes.items():
            patches.enter_context(mock.patch.object(target, name, fake, create=True))
        uncached = context._texts_in.__wrapped__
        patches.enter_context(mock.patch.object(context, "_texts_in", uncached))
        yield


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        kept = {name: value or "" for name, value in attrs}
        if kept.get("name") not in (None, "description"):
            kept.pop("content", None)
        if "http-equiv" in kept or "charset" in kept:
            kept.pop("content", None)
        self.heard += [value for name, value in kept.items() if name in _SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.heard.append(data)


def forgotten(html: str, *, known: set[str]) -> list[str]:
    """Return the words a page says outside the catalogues; `known` are contents such as names."""
    reader = _Reader()
    reader.feed(html)
    rest = []
    for text in reader.heard:
        for word in sorted(known, key=len, reverse=True):
            text = text.replace(word, "")
        while _BRACKETED.search(text):  # a sentence may stand inside another one
            text = _BRACKETED.sub("", text)
        if _WORD.search(text):
            rest.append(text.strip())
    return rest
