"""What a column can mean: the attributes of an import, each with the words shops use for it."""

import re
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

    `reads` names its parser in `shapes`. `words` are headings in simplified Chinese and English;
    they are folded when compared, so that case, spaces, punctuation and traditional characters
    make no difference. `weak` words may mean it, but give way to a column that says it better.
    """

    key: str
    label: Label
    reads: str
    words: tuple[str, ...]
    weak: tuple[str, ...] = ()
    many: bool = False
    """Whether several columns may be this; their values are joined, amounts added."""
    limit: int = 0
    """Longest text, in characters."""


def attribute(
    key: str,
    label: Label,
    reads: str,
    words: str,
    *,
    weak: str = "",
    many: bool = False,
    limit: int = 0,
) -> Attribute:
    """Declare an attribute; its words are separated by ``·`` or line breaks."""
    return Attribute(
        key=key,
        label=label,
        reads=reads,
        words=split(words),
        weak=split(weak),
        many=many,
        limit=limit,
    )


def split(words: str) -> tuple[str, ...]:
    """Split headings separated by ``·`` or line breaks."""
    return tuple(word.strip() for word in re.split(r"[·\n]", words) if word.strip())
