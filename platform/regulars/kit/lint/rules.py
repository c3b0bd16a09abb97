"""How words to refuse are written down, and found in one pass for each kind."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from regulars.kit.lint.folding import HOLE, Reading

type Span = tuple[int, int]

# Between English words: what is typed there, plain or to disguise, but no end of a sentence.
_GAP = r"(?:[\s*_~·-]|\.(?!\s)){1,3}"
_NO_GAP = r"[\s*_.~·-]{0,3}"
_AMOUNT = (
    rf"(?:[0-9]{{1,7}}(?:[.][0-9]{{1,2}})?[万千百]?|[零〇一二两三四五六七八九十百千万半几x{HOLE}"
    r"壹贰叁肆伍陆柒捌玖拾佰仟]{1,6})"
)


def chinese(patterns: str) -> re.Pattern[str]:
    """Compile patterns, apart by white space, for the dense reading.

    `#` is an amount, `~` a sign of the same sentence. Every repetition in a pattern is bounded, so
    that a search is linear in the text.
    """
    joined = "|".join(patterns.split())
    return re.compile(joined.replace("#", _AMOUNT).replace("~", "[^，]"))


@dataclass(frozen=True, slots=True)
class English:
    """Patterns for the loose reading, and for words whose letters were set apart."""

    plain: re.Pattern[str]
    spelt: re.Pattern[str]


def english(patterns: str, **parts: str) -> English:
    """Compile patterns, one a line, for the loose reading.

    A space is any gap between words, ` ?` perhaps one; `<name>` stands for one of the parts.
    """
    lines = [line.strip() for line in patterns.splitlines()]
    joined = "|".join(line for line in lines if line)
    for name, part in parts.items():
        joined = joined.replace(f"<{name}>", part)
    joined = joined.replace(" ?", _NO_GAP)
    plain, spelt = joined.replace(" ", _GAP), joined.replace(" ", _NO_GAP)
    return English(
        plain=re.compile(rf"(?<![a-z0-9])(?:{plain})(?![a-z0-9])"), spelt=re.compile(spelt)
    )


def masked(reading: Reading, pattern: re.Pattern[str]) -> Reading:
    """Return a reading in which what a pattern matches says nothing any more."""
    text = pattern.sub(lambda found: "□" * len(found[0]), reading.text)
    return Reading(text, reading.places)


def spans(reading: Reading, pattern: re.Pattern[str]) -> Iterator[Span]:
    """Yield where a pattern matches, in the original."""
    for found in pattern.finditer(reading.text):
        if found.end() > found.start():
            yield reading.span(*found.span())


def outermost[Kind: str](found: Iterable[tuple[int, int, Kind]]) -> list[tuple[int, int, Kind]]:
    """Return spans in order, without those that lie inside another."""
    kept: list[tuple[int, int, Kind]] = []
    for start, end, code in sorted(found, key=lambda each: (each[0], -each[1], each[2])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end, code))
    return kept
