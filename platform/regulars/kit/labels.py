"""Words in the languages of the shop, and the placeholders inside them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_TRADITIONAL_REGIONS = {"hant", "tw", "hk", "mo"}
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9.-]*)\}")


@lru_cache(maxsize=64)
def language_of(tag: str) -> Language:
    """Map any language tag (`zh_CN`, `zh-hk`, `en-US`) to the nearest of the kit's three."""
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] != "zh":
        return "en"
    return "zh-Hant" if _TRADITIONAL_REGIONS.intersection(parts[1:]) else "zh-Hans"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A text in simplified Chinese, traditional Chinese and English.

    At least one language is filled. A missing Chinese script falls back to the other script
    before English; missing English falls back to simplified Chinese.
    """

    zh_hans: str = ""
    zh_hant: str = ""
    en: str = ""

    def text(self, language: str) -> str:
        """Return the text in `language` (any tag), or the nearest that exists."""
        wanted = language_of(language)
        if wanted == "zh-Hans":
            return self.zh_hans or self.zh_hant or self.en
        if wanted == "zh-Hant":
            return self.zh_hant or self.zh_hans or self.en
        return self.en or self.zh_hans or self.zh_hant

    def texts(self) -> dict[Language, str]:
        """Return the languages that are filled, in the kit's order."""
        pairs = zip(LANGUAGES, (self.zh_hans, self.zh_hant, self.en), strict=True)
        return {language: text for language, text in pairs if text}

    def plain(self) -> dict[str, str]:
        """Return the label as it stands in content files: language tag → text."""
        return {str(language): text for language, text in self.texts().items()}


def placeholders(text: str) -> tuple[frozenset[str], bool]:
    """Return the `{names}` in a text, and whether a brace belongs to none of them."""
    rest = PLACEHOLDER.sub("", text)
    return frozenset(PLACEHOLDER.findall(text)), "{" in rest or "}" in rest


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of `{names}`; a name without a value stays as it is."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
