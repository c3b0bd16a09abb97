"""What is found in the form: name, signature, placeholders, sameness, length, marks."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from regulars.kit import parts
from regulars.kit.labels import PLACEHOLDER, fill
from regulars.kit.lint.drafts import Draft, Finding, Place, Policy, finding
from regulars.kit.lint.folding import fold
from regulars.kit.lint.wording import GREETINGS

NAMES: Final = frozenset({"customer.name", "customer.salutation"})
SIGNATURES: Final = frozenset({"chain.name", "guide.name", "store.name"})
_PERSONAL: Final = ("customer.", "purchase.", "possession.")
_MARK: Final = re.compile(r"广告|推广|营销|行销")
_MARK_LATIN: Final = re.compile(
    r"(?<![a-z])(?:ads?|advert(?:isement)?|promotional|marketing)(?![a-z])"
)
_WAY_OUT: Final = re.compile(r"退订|拒收|取消订阅|不再接收|回复?t(?![a-z])|回复?r(?![a-z])")
_WAY_OUT_LATIN: Final = re.compile(
    r"(?<![a-z])(?:td|unsubscribe|opt[\s-]?out|stop to|to stop|reply stop)(?![a-z])"
)
# Characters that a value is likely to have, where none is known.
_LIKELY: Final = {
    "customer.salutation": 4, "customer.name": 4, "guide.name": 4, "guide.phone": 11, "link": 24,
    "purchase.amount": 6, "purchase.points": 4, "store.address": 18, "store.phone": 12,
}  # fmt: skip
_LIKELY_ELSE: Final = 8


def judge(draft: Draft, policy: Policy) -> Iterator[Finding]:
    """Yield what the form of a draft lacks or has too much of."""
    yield from _placeholders(draft.text, "text", draft)
    yield from _placeholders(draft.subject, "subject", draft)
    if draft.occasion == "new-arrival" and draft.purpose != "selling":
        yield finding("wrong-purpose", "refuse", draft.text, 0, 0)
    if draft.occasion in GREETINGS and draft.purpose == "selling":
        yield finding("wrong-purpose", "warn", draft.text, 0, 0)
    if draft.purpose == "care":
        yield from _greeting(draft)
    if draft.recipients > policy.most_alike and draft.purpose == "care":
        names = {found[1] for found in PLACEHOLDER.finditer(draft.text)} - NAMES
        if not any(name.startswith(_PERSONAL) for name in names):
            yield finding("mass-produced", "refuse", draft.text, 0, len(draft.text))
    if draft.channel == "sms":
        yield from _length(draft, policy)
    if draft.purpose == "selling" and draft.channel != "call":
        yield from _marks(draft)


def _placeholders(text: str, place: Place, draft: Draft) -> Iterator[Finding]:
    for found in PLACEHOLDER.finditer(text):
        if found[1] not in draft.known:
            yield finding("unknown-placeholder", "refuse", text, *found.span(), place)
        elif draft.values is not None and not draft.values.get(found[1], "").strip():
            yield finding("empty-placeholder", "refuse", text, *found.span(), place)


def _greeting(draft: Draft) -> Iterator[Finding]:
    if not _says(draft.text, NAMES, draft.values):
        yield finding("no-name", "refuse", draft.text, 0, 0)
    # On the phone the guide signs by speaking.
    signed = draft.channel == "call" or "【" in draft.text or draft.before.strip()
    if not signed and not _says(draft.text, SIGNATURES, draft.values):
        yield finding("no-signature", "refuse", draft.text, len(draft.text), len(draft.text))


def _says(text: str, names: frozenset[str], values: Mapping[str, str] | None) -> bool:
    if any(found[1] in names for found in PLACEHOLDER.finditer(text)):
        return True
    given = ((values or {}).get(name, "").strip() for name in names)
    return any(value and value in text for value in given)


def measure(draft: Draft) -> parts.Length:
    """Measure a draft as a text message, its signature included.

    Placeholders without a value are taken at the length that values of their kind mostly have.
    """
    sign = "x" if draft.language == "en" else "字"
    likely = {
        name: sign * _LIKELY.get(name, _LIKELY_ELSE)
        for name in {found[1] for found in PLACEHOLDER.finditer(draft.text)}
    }
    filled = fill(draft.text, likely | dict(draft.values or {})) + draft.after
    return parts.measure(filled, at_home=draft.at_home, signature=draft.before)


def _length(draft: Draft, policy: Policy) -> Iterator[Finding]:
    if measure(draft).parts > policy.most_parts:
        yield finding("too-long", "refuse", draft.text, 0, len(draft.text))


def _marks(draft: Draft) -> Iterator[Finding]:
    whole = fold(" ".join((draft.subject, draft.before, draft.text, draft.after)))
    if not _MARK.search(whole.dense.text) and not _MARK_LATIN.search(whole.loose.text):
        yield finding("not-marked", "refuse", draft.text, 0, 0)
    if not _WAY_OUT.search(whole.dense.text) and not _WAY_OUT_LATIN.search(whole.loose.text):
        yield finding("no-way-out", "refuse", draft.text, len(draft.text), len(draft.text))
