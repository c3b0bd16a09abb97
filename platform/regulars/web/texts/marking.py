"""Texts with what the lint found marked in them, and the reasons; nothing in them is ever HTML."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from regulars.kit.labels import PLACEHOLDER
from regulars.kit.lint import Finding


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was found, in the reader's language."""

    words: str
    text: str
    is_refused: bool


def marked(text: str, findings: Iterable[Finding], *, place: str = "text") -> SafeString:
    """Return a text as HTML with the words that were found in `<mark>`, the worst of several.

    What is missing has no words to mark; `reasons` says it.
    """
    spans = [each for each in findings if each.place == place and each.start < each.end]
    edges = sorted({0, len(text), *(edge for each in spans for edge in (each.start, each.end))})
    parts: list[tuple[str, str]] = []
    for start, end in pairwise(edges):
        over = [each.severity for each in spans if each.start <= start and end <= each.end]
        kind = "refuse" if "refuse" in over else "warn" if over else ""
        if parts and parts[-1][1] == kind:
            parts[-1] = (parts[-1][0] + text[start:end], kind)
        else:
            parts.append((text[start:end], kind))
    return SafeString("".join(_part(words, kind) for words, kind in parts))


def _part(words: str, kind: str) -> str:
    if not kind:
        return escape(words)
    return format_html('<mark class="found found-{}">{}</mark>', kind, words)


def reasons(findings: Iterable[Finding], *, language: str) -> list[Reason]:
    """Return why, each reason once, what forbids sending first."""
    found: dict[str, Reason] = {}
    for each in sorted(findings, key=lambda one: (one.severity != "refuse", one.start)):
        text = each.reason.text(language)
        found.setdefault(text, Reason(each.words, text, each.severity == "refuse"))
    return list(found.values())


def places(
    text: str, named: Mapping[str, str], *, only: Collection[str] | None = None
) -> SafeString:
    """Return a text with its placeholders as chips that carry their names.

    With `only` these are places that stayed empty in a text that is filled, and marked as such.
    """
    parts, end = [], 0
    chip = '<span class="place">{}</span>'
    if only is not None:
        chip = '<mark class="found found-refuse">{}</mark>'
    for found in PLACEHOLDER.finditer(text):
        if only is None or found[1] in only:
            parts += [
                escape(text[end : found.start()]),
                format_html(chip, named.get(found[1], found[0])),
            ]
            end = found.end()
    return SafeString("".join((*parts, escape(text[end:]))))
