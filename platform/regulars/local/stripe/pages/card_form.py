"""The part of a form that takes a card, and what is read from it."""

import re
from typing import Any, Final

from regulars.local.stripe import cards, faults
from regulars.local.stripe.pages.html import Markup, el, field_
from regulars.local.stripe.pages.words import Words
from regulars.local.stripe.resources import methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_EXPIRY: Final = re.compile(r"\s*(\d{1,2})\s*[/\- ]\s*(\d{2}|\d{4})\s*")
_SHOWN: Final = (
    ("4242 4242 4242 4242", "pays"),
    ("6200 0000 0000 0005", "pays"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has too little on it"),
    ("4000 0000 0000 0069", "has expired"),
    ("4000 0000 0000 0341", "is kept, then fails"),
    ("4000 0025 0000 3155", "asks for 3-D Secure"),
    ("4000 0027 6000 3184", "asks for 3-D Secure"),
)


def fields(words: Words, given: dict[str, str]) -> list[Markup]:
    """Make the inputs of a card."""
    return [
        el("h2", words("Card")),
        field_(
            words("Card number"), "number", value=given.get("number", ""), inputmode="numeric",
            autocomplete="cc-number", required=True, placeholder="4242 4242 4242 4242",
        ),
        el(
            "div",
            field_(
                words("Expiry (MM / YY)"), "expiry", value=given.get("expiry", ""),
                autocomplete="cc-exp", required=True, placeholder="12 / 34",
            ),
            field_(
                words("Security code"), "cvc", value=given.get("cvc", ""), inputmode="numeric",
                autocomplete="cc-csc", required=True, placeholder="123", maxlength="4",
            ),
            class_="pair",
        ),
        field_(
            words("Name on card"), "holder", value=given.get("holder", ""),
            autocomplete="cc-name", required=True,
        ),
    ]  # fmt: skip


def help_(words: Words) -> Markup:
    """Make the list of cards to try."""
    rows = [
        el("li", el("code", number), el("span", words(how), class_="soft"))
        for number, how in _SHOWN
    ]
    return el("details", el("summary", words("Test cards")), el("ul", *rows, class_="rows"))


def read(world: World, given: dict[str, str], *, email: str, clock: str | None) -> Thing:
    """Write the card of a form down. Raises Declined for one that cannot be."""
    match = _EXPIRY.fullmatch(given.get("expiry", ""))
    if match is None:
        raise faults.Declined("Write the expiry as MM / YY.", code="invalid_expiry_month")
    cards.read(given.get("number", ""))
    billing: dict[str, Any] = {"name": given.get("holder", ""), "email": email}
    return methods.make(
        world,
        number=given.get("number", ""),
        month=int(match[1]),
        year=int(match[2]),
        billing=billing,
        clock=clock,
    )
