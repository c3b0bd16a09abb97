"""What a search finds a customer by, computed when the name or the phone is written.

A name is found by how it begins (indexes on `name`, `pinyin`, `initials`) and, from the second
part on, by tokens: every two neighbouring Han characters, every beginning of the reading of a
later part (`小明` of 王小明: xia, xiao, …), its initials, and for a surname with two readings the
whole name in the other one. A phone is found by its tail (index on the reversed number) and by
any four neighbouring digits of its last eight.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

# Names are read character by character: the library's phrases would be 40 MB of every process.
os.environ["PYPINYIN_NO_PHRASES"] = "true"  # it looks while it is imported
from pypinyin import lazy_pinyin

from regulars.customers import surnames
from regulars.customers.naming import is_han

SHORTEST: Final = 3  # letters of a reading that a token has at least
LONGEST: Final = 10  # and at most: a longer query is checked against the row
_MOST_TOKENS: Final = 60
_PINYIN_LENGTH: Final = 120
_INITIALS_LENGTH: Final = 40


class Terms(NamedTuple):
    """The search columns of one customer."""

    pinyin: str
    initials: str
    tokens: list[str]


class _Part(NamedTuple):
    """A surname, a given name or a word: letters, first letters of the syllables, tokens."""

    letters: str
    initials: str
    tokens: tuple[str, ...] = ()


def of_many(people: Iterable[tuple[str, str | None]]) -> list[Terms]:
    """Return the search columns for many (name, phone in E.164) at once."""
    return [of(name, phone) for name, phone in people]


def of(name: str, phone: str | None) -> Terms:
    """Return the search columns for a name as `naming.clean_name` left it, and a phone."""
    pinyin = initials = ""
    tokens: list[str] = []
    if name:
        parts = _parts(name)
        pinyin = "".join([part.letters for part in parts])[:_PINYIN_LENGTH]
        initials = "".join([part.initials for part in parts])[:_INITIALS_LENGTH]
        tokens = bigrams(name[1:])  # the first is found by how the name begins
        for part in parts[1:]:
            tokens.extend(part.tokens)
        if name[0] in _READ_OTHERWISE:
            for reading in _other_readings(name, parts[0].letters):
                tokens.extend(_of_other_reading([_Part(reading, reading[0]), *parts[1:]]))
    if phone:
        last = phone[-8:]
        tokens.extend([last[at : at + 4] for at in range(min(4, len(last) - 4))])
    return Terms(pinyin, initials, list(dict.fromkeys(tokens))[:_MOST_TOKENS])


def letters(text: str) -> str:
    """Return the letters and digits of a text without case and accents."""
    if text.isascii() and text.isalnum():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join([c for c in plain if c.isalnum()])


def bigrams(text: str) -> list[str]:
    """Return every two neighbouring Han characters of a text."""
    return [a + b for a, b in pairwise(text) if is_han(a) and is_han(b)]


_READ_OTHERWISE: Final = surnames.READINGS.keys() | surnames.FURTHER.keys()


def _parts(name: str) -> list[_Part]:
    cut = 2 if name[:2] in surnames.DOUBLE and len(name) > 2 else 1
    if all(map(is_han, name)):  # nine names of ten
        return [_surname(name[:cut]), _later(name[cut:])] if name[cut:] else [_surname(name)]
    parts: list[_Part] = []
    for run in _runs(name):
        if parts or not is_han(run[0]):
            parts.append(_later(run))
        else:
            parts.extend([_surname(run[:cut]), *([_later(run[cut:])] if run[cut:] else [])])
    return parts


def _runs(name: str) -> Iterator[str]:
    """Cut a name into runs of Han characters and words of other scripts."""
    run = ""
    for char in name:
        if run and (not char.isalnum() or is_han(char) != is_han(run[0])):
            yield run
            run = ""
        if char.isalnum():
            run += char
    if run:
        yield run


@lru_cache(maxsize=4096)
def _surname(text: str) -> _Part:
    usual = _read(text)
    reading = surnames.READINGS.get(text) or surnames.DOUBLE_READINGS.get(text)
    if reading is None:
        return usual
    return _Part(reading, reading[0] + usual.initials[1:])


@lru_cache(maxsize=65_536)
def _later(text: str) -> _Part:
    """Read a given name or a word, with the tokens it is found by."""
    part = _read(text)
    word = part.letters
    tokens = [word[:LONGEST], *(word[:n] for n in range(SHORTEST, min(len(word), LONGEST)))]
    if len(part.initials) > 1:
        tokens.append(part.initials[:LONGEST])
    return part._replace(tokens=tuple(tokens))


def _read(text: str) -> _Part:
    """Read character by character: a name's beginning must read as the whole name begins."""
    if not is_han(text[0]):
        word = letters(text)
        return _Part(word, word[:1])
    syllables = [letters(lazy_pinyin(char)[0]) or char for char in text]
    return _Part("".join(syllables), "".join([syllable[0] for syllable in syllables]))


def _other_readings(name: str, known: str) -> list[str]:
    """Return the other readings of the surname, the character's ordinary one included."""
    if name[:2] in surnames.DOUBLE and len(name) > 2:
        return []
    usual = _read(name[0]).letters
    return sorted({usual, surnames.FURTHER.get(name[0], usual)} - {known})


def _of_other_reading(parts: list[_Part]) -> Iterator[str]:
    whole = "".join([part.letters for part in parts])[:LONGEST]
    initials = "".join([part.initials for part in parts])[:LONGEST]
    for length in range(2, len(whole) + 1):
        yield whole[:length]
    for length in range(2, len(initials) + 1):
        yield initials[:length]
