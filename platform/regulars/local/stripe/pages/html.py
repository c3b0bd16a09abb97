"""Elements of a page; whatever is text is escaped."""

from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl

_VOID: Final = {"input", "meta", "link", "br", "hr"}

type Child = str | Markup | list[Any] | None


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer to a browser."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
            "base-uri 'none'; frame-ancestors 'none'",
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
    )


def el(name: str, /, *children: Child, **attributes: Any) -> Markup:
    """Make an element: ``class_="a"``, ``data_x="b"``; None and False leave an attribute out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{''.join(map(_text, children))}</{name}>")


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, list):
        return "".join(map(_text, child))
    return child if isinstance(child, Markup) else escape(child)


def document(title: str, *children: Child, language: str, kind: str) -> Page:
    """Put elements into a page."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("link", rel="stylesheet", href="/style.css"),
    )
    whole = el("html", head, el("body", *children, class_=kind), lang=language)
    return Page(body=f"<!doctype html>{whole}")


def redirect(address: str) -> Page:
    """Send the browser elsewhere with a GET."""
    return Page(body="", status=303, headers={"Location": address, "Cache-Control": "no-store"})


def field_(
    label: str, name: str, *, value: str = "", kind: str = "text", note: str = "", **more: Any
) -> Markup:
    """Make a labelled input."""
    return el(
        "label",
        el("span", label),
        el("input", name=name, type=kind, value=value, **more),
        el("small", note) if note else None,
        class_="field",
    )


def button(words: str, action: str, *, kind: str = "primary", **more: Any) -> Markup:
    """Make a button of a form."""
    return el("button", words, name="action", value=action, class_=f"button {kind}", **more)


def form(action: str, *children: Child, **more: Any) -> Markup:
    """Make a form that posts."""
    return el("form", *children, method="post", action=action, **more)


def read(text: str) -> dict[str, str]:
    """Read a query or a posted form."""
    return dict(parse_qsl(text, keep_blank_values=True))
