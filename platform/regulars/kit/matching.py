"""Recognising a word however it was typed: full width, spaces, case, punctuation."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from regulars.kit.schema import Choice

_NOISE = re.compile(r"[\s\-_·・、,，.。:：;；/\\|()（）\[\]【】<>《》\"'“”‘’*＊]+")


@lru_cache(maxsize=4096)
def simplified(word: str) -> str:
    """Reduce a word to what makes it recognisable; idempotent."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    # Twice: NFKC of casefolded text may compose once more.
    return _NOISE.sub("", unicodedata.normalize("NFKC", folded)) or folded.strip()


def words_of(choice: Choice) -> tuple[str, ...]:
    """Return every word that means a choice, simplified."""
    texts = (choice.key, *choice.label.texts().values(), *choice.spellings)
    return tuple(dict.fromkeys(simplified(text) for text in texts))


def index_choices(choices: Iterable[Choice]) -> dict[str, str]:
    """Return simplified word → key. Live choices win over retired ones."""
    index: dict[str, str] = {}
    for choice in sorted(choices, key=lambda each: each.retired):
        for word in words_of(choice):
            index.setdefault(word, choice.key)
    return index
