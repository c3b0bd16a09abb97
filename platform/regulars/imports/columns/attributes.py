"""What a column can mean: the attributes of an import, each with the words shops use for it."""

from enum import StrEnum

import msgspec
from django.utils.functional import Promise

type Label = str | Promise


class Subject(StrEnum):
    """What the rows of a file are."""

    CUSTOMERS = "customers"
    PURCHASES = "purchases"


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a column can mean.

    `words` are headings in simplified Chinese and English, folded when they are compared, so that
    case, spaces, punctuation and traditional characters make no difference. `weak` words may mean
    it, but give way to a column that says it better. `reads` names a parser of `values`.
    """

    key: str
    label: Label
    reads: str
    words: tuple[str, ...]
    weak: tuple[str, ...] = ()
    many: bool = False
    """Whether several columns may be this; their values are joined."""
    limit: int = 0
    """Longest text, in characters; 0 when the parser knows."""


def words(text: str) -> tuple[str, ...]:
    """Split a list of headings written with ``·`` between them."""
    return tuple(word.strip() for word in text.split("·") if word.strip())
