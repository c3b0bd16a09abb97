"""What all pages share: the banner, the languages, what a request brought."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from regulars.local.stripe.pages.html import Child, Markup, Page, document, el
from regulars.local.stripe.pages.words import Words
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of a browser."""

    simulator: Any
    world: World
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    languages: str

    def words(self, locale: str | None = None) -> Words:
        """Choose the language: the address's, the object's, the browser's."""
        return Words.choose(self.query.get("lang"), locale, self.languages)

    def with_language(self, path: str, **more: str) -> str:
        """Give an address that keeps the language that was chosen."""
        chosen = {"lang": self.query["lang"]} if "lang" in self.query else {}
        query = urlencode({**more, **chosen})
        return f"{path}?{query}" if query else path


def show(asked: Asked, words: Words, title: str, *children: Child, kind: str = "") -> Page:
    """Put the content of a page below the banner."""
    kept = {name: value for name, value in asked.query.items() if name != "lang"}
    other = {"zh": ("en", "English"), "en": ("zh", "中文")}[words.language]
    link = f"{asked.path}?{urlencode({**kept, 'lang': other[0]})}"
    banner = el(
        "div",
        f"{words('Simulated payments')} · {words('No money moves. Use a test card.')}",
        el("a", other[1], href=link),
        class_="banner",
    )
    language = "zh-Hans" if words.language == "zh" else "en"
    return document(title, banner, el("main", *children), language=language, kind=kind)


def problem(words: Words, error: str | None) -> Markup | None:
    """Say what went wrong."""
    return el("p", words(error), class_="error", role="alert") if error else None


def card_words(words: Words, method: Thing) -> str:
    """Name a card."""
    card = method["card"]
    until = f"{card['exp_month']:02d}/{card['exp_year'] % 100:02d}"
    return f"{card['brand'].capitalize()} •••• {card['last4']} · {words('expires')} {until}"


def gone(asked: Asked, *, back: str | None = None, locale: str | None = None) -> Page:
    """Say that nothing is here any more; `back` is where the person came from."""
    words = asked.words(locale)
    page = show(
        asked,
        words,
        words("This page is no longer open."),
        el(
            "section",
            el("h1", words("This page is no longer open.")),
            el("p", words("It was completed or has expired.")),
            el("p", el("a", words("Back to the shop"), href=back)) if back else None,
            class_="sheet",
        ),
        kind="narrow",
    )
    return Page(body=page.body, status=404, headers=page.headers)
