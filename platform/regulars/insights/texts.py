"""The words of a complaint, Chinese and English, as they are counted.

Chinese is cut by rjieba with the dictionary that comes with it; no network, no model of ours.
"""

import re
from collections.abc import Iterator
from typing import Final

import rjieba

from regulars.insights.stop_words import DENYING, STOPPED, TELLING

_LONGEST: Final = 4_000  # characters of one text that are read
_CHINESE: Final = re.compile(r"[㐀-鿿]+")
_NUMERALS: Final = "一二两三四五六七八九十百千半几多数"
_UNITS: Final = "天周月年次个件条块点小时分钟"
_HOW_MANY: Final = re.compile(f"[{_NUMERALS}]+[{_UNITS}]*")
_LATIN: Final = re.compile(r"[a-z]{3,20}")
_NOT: Final = frozenset({"not", "no", "never", "don", "doesn", "didn", "isn", "wasn", "won"})
_KEPT_ENDINGS: Final = ("ss", "us", "is")


def words(text: str) -> frozenset[str]:
    """Return the words of a text that may say what it is about, each once.

    English words without the plural's s; a denied Chinese or English word together with what
    denies it ("不满意" is not "满意").
    """
    return frozenset(_telling(text[:_LONGEST].lower()))


def _telling(text: str) -> Iterator[str]:
    denied = ""
    for piece in rjieba.cut(text):
        if not piece.strip() or piece in "'’":
            continue
        if piece in DENYING or piece in _NOT:
            denied = piece
            continue
        word = _as_counted(piece, denied)
        denied = "" if piece != "t" else denied  # don't: three pieces, and the t is one
        if word:
            yield word


def _as_counted(piece: str, denied: str) -> str:
    if _CHINESE.fullmatch(piece):
        if denied in DENYING and len(piece) <= 3:
            return f"{denied}{piece}"
        if piece in STOPPED or (len(piece) == 1 and piece not in TELLING):
            return ""
        if _HOW_MANY.fullmatch(piece):
            return ""
        return piece
    if not _LATIN.fullmatch(piece) or piece in STOPPED:
        return ""
    word = _single(piece)
    if word in STOPPED:
        return ""
    return f"not {word}" if denied in _NOT else word


def _single(word: str) -> str:
    """Return an English word without the s of its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(_KEPT_ENDINGS):
        return word[:-1]
    return word
