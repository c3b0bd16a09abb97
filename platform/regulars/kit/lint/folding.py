"""One text in two readings in which disguises are gone, each sign with its place in the text.

*Dense* has no spaces and none of the signs that are put between characters (`打*折`), and is where
Chinese words are found; *loose* keeps spaces and signs, and is where English ones are. In both,
width, case and script (繁 to 简) are one, look-alikes of Latin letters are Latin, and a placeholder
is the single sign `HOLE`.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from regulars.kit.labels import PLACEHOLDER
from regulars.kit.lint.characters import LIKE_LATIN, SIMPLIFIED

HOLE = "\x01"
BREAK = "，"
_DROPPED = "\x00"
_DOT = "\x02"
_MOST_REMEMBERED = 30_000
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn"})
_ENDS = frozenset('，。！？；：、,!?;:()（）【】[]《》<>“”"「」『』\n')
_KEPT = frozenset(f"%¥$€£+{HOLE}")
_DOT_IN_NUMBER = re.compile(r"(?<=[0-9])\.(?=[0-9])")
_LONE = re.compile(rf"{BREAK}+([\u4e00-\u9fff])(?={BREAK}|\Z)")
_SPACED = re.compile(r"(?<![a-z0-9])[a-z0-9%$](?:[ .\-_*·~|/]{1,3}[a-z0-9%$]){2,}(?![a-z0-9])")


class _Letters(dict[int, str]):
    """Sign → what it stands for; filled as signs are met, and never without end."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if sign in (HOLE, "\n"):
            letter = sign
        elif unicodedata.category(sign) in _INVISIBLE:
            letter = _DROPPED
        else:
            letter = "".join(map(_letter, unicodedata.normalize("NFKC", sign).casefold()))
        if len(self) < _MOST_REMEMBERED:
            self[code] = letter
        return letter


def _letter(sign: str) -> str:
    if sign.isspace():
        return " "
    if unicodedata.category(sign) in _INVISIBLE:
        return _DROPPED
    return LIKE_LATIN.get(sign) or SIMPLIFIED.get(sign, sign)


class _Signs(dict[int, str]):
    """Letter → itself, a break of the sentence, or nothing."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        sign = _DROPPED
        if letter.isalnum() or letter in _KEPT:
            sign = letter
        elif letter == _DOT:
            sign = "."
        elif letter in _ENDS:
            sign = BREAK
        if len(self) < _MOST_REMEMBERED:
            self[code] = sign
        return sign


_LETTERS = _Letters()
_SIGNS = _Signs()


@dataclass(frozen=True, slots=True)
class Reading:
    """A folded text, and where each of its signs stands in the text it was made of."""

    text: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that a span of this reading stands for."""
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Folded:
    """The readings of a text. `spelt` are words whose letters were set apart, put together."""

    dense: Reading
    loose: Reading
    spelt: tuple[Reading, ...]


def fold(text: str) -> Folded:
    """Read a text without its disguises, in time linear in its length."""
    masked = PLACEHOLDER.sub(
        lambda found: HOLE + _DROPPED * (len(found[0]) - 1),
        text.replace(HOLE, _DROPPED),
    )
    letters = masked.translate(_LETTERS)
    places: Sequence[int] = range(len(text))
    if len(letters) != len(text):
        # Every sign becomes at least one letter, so equal lengths mean one each.
        places = [spot for spot, sign in enumerate(masked) for _ in _LETTERS[ord(sign)]]
    loose = _without_dropped(Reading(letters, places))
    dotted = _DOT_IN_NUMBER.sub(_DOT, loose.text)
    dense = _without_dropped(Reading(dotted.translate(_SIGNS), loose.places))
    # `打，折`: a lone character between breaks belongs to what stands before it.
    together = _LONE.sub(lambda found: _DROPPED * (len(found[0]) - 1) + found[1], dense.text)
    return Folded(
        dense=_without_dropped(Reading(together, dense.places)), loose=loose, spelt=_spelt(loose)
    )


def folded_word(word: str) -> str:
    """Return a word as it stands in the dense reading."""
    return fold(word).dense.text


def _without_dropped(reading: Reading) -> Reading:
    if _DROPPED not in reading.text:
        return reading
    pairs = zip(reading.text, reading.places, strict=True)
    kept = [place for sign, place in pairs if sign != _DROPPED]
    return Reading(reading.text.replace(_DROPPED, ""), kept)


def _spelt(loose: Reading) -> tuple[Reading, ...]:
    found = []
    for match in _SPACED.finditer(loose.text):
        spots = [spot for spot in range(*match.span()) if loose.text[spot] not in " .-_*·~|/"]
        letters = "".join(loose.text[spot] for spot in spots)
        found.append(Reading(letters, [loose.places[spot] for spot in spots]))
    return tuple(found)
