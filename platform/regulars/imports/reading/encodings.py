"""Finding out how a text file is encoded: byte order mark, then shape, then chardet.

Nothing is tried in a ladder: GB 18030 accepts nearly every Big5 file and Windows-1252 nearly
every file at all. The statistics choose, words of our own headings may confirm, and the
confidence says whether a person should look.
"""

import codecs
import re
from typing import NamedTuple

import chardet

from regulars.imports.columns import vocabulary

ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": "GBK / GB 18030",
    "big5hkscs": "Big5",
    "cp950": "Big5 (Windows)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": "Windows-1252",
}
"""What a person may choose: Python's name and the name to show."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CANDIDATES = ("gb18030", "big5hkscs", "cp1252", "ascii")
_RUN_OF_HIGH = re.compile(rb"[\x80-\xff]{2,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_UTF8_CJK = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")


class Detected(NamedTuple):
    """An encoding, how sure it is (0 to 1), and the length of the mark before the text."""

    encoding: str
    confidence: float
    mark: int = 0


def canonical(name: str) -> str | None:
    """Bring a name a person or program gave to the one in `ENCODINGS`; None if not among them."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    aliases = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "big5hkscs", "ascii": "utf-8"}
    aliases |= {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "iso8859-1": "cp1252"}
    found = aliases.get(found, found)
    return found if found in ENCODINGS else None


def mark_of(head: bytes) -> Detected | None:
    """Read the byte order mark, if there is one."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return Detected(encoding, 1.0, len(mark))
    return None


def without_mark(head: bytes) -> Detected | None:
    """Recognise UTF-16 that has no mark: separators, digits and line ends are half zeros."""
    units = head[: len(head) // 2 * 2]
    high, low = units[0::2], units[1::2]
    zeros = (high.count(0), low.count(0))
    if max(zeros) * 20 < len(high) or min(zeros) * 20 > max(zeros):
        return None
    encoding = "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    text = units.decode(encoding, "replace")
    strange = sum(1 for letter in text if letter < "\t" or "\ue000" <= letter <= "\uffff")
    is_text = any(end in text for end in "\n\r,\t;") and strange * 20 < len(text)
    return Detected(encoding, 0.95) if is_text else None


def detect(head: bytes, sample: bytes) -> Detected:
    """Name the encoding from the first bytes and a sample of the lines that are not ASCII.

    The sample must consist of whole lines.
    """
    found = mark_of(head) or without_mark(head)
    if found:
        return found
    if sample.isascii():
        return Detected("utf-8", 1.0)
    if _is_utf8(sample):
        return Detected("utf-8", 0.99)
    return _by_statistics(sample)


def _is_utf8(sample: bytes) -> bool:
    """Accept a few broken bytes too: the reader will name their line instead of guessing on."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        broken = sample.decode("utf-8", "replace").count("\ufffd")
        return len(_UTF8_CJK.findall(sample)) >= 4 * broken
    return True


def _by_statistics(sample: bytes) -> Detected:
    ranked = _ranked(sample)
    if windows := _from_windows(sample):
        ranked["cp950"] = _ranked(windows).get("big5hkscs", 0.0)
    if not _is_western(sample):
        ranked.pop("cp1252", None)
    if not ranked:
        return _least_broken(sample)
    known = {name: _known_words(sample, name) for name in ranked}
    best = max(ranked, key=lambda name: (known[name], ranked[name]))
    rest = sum(sorted((ranked[name] for name in ranked if name != best), reverse=True)[:1])
    confidence = ranked[best] / (ranked[best] + rest) if ranked[best] else 0.5
    if known[best] and not any(known[name] for name in ranked if name != best):
        confidence = max(confidence, 0.97)
    return Detected(best, round(min(confidence, 0.97), 2))


def _ranked(sample: bytes) -> dict[str, float]:
    found = chardet.detect_all(
        sample, include_encodings=_CANDIDATES, compat_names=False, ignore_threshold=True
    )
    return {
        str(item["encoding"]): float(item["confidence"])
        for item in found
        if item["encoding"] in ENCODINGS
    }


def _from_windows(sample: bytes) -> bytes:
    """Bring Big5 with signs that only Windows has to the Big5 that chardet knows, else nothing."""
    try:
        sample.decode("big5hkscs")
    except UnicodeDecodeError:
        try:
            return sample.decode("cp950").encode("big5hkscs", "ignore")
        except UnicodeDecodeError:
            pass
    return b""


def _is_western(sample: bytes) -> bool:
    """Accented letters stand alone between plain ones; two-byte characters come in runs."""
    high = len(_HIGH.findall(sample))
    in_runs = sum(len(run) for run in _RUN_OF_HIGH.findall(sample))
    return in_runs * 2 < high


def _least_broken(sample: bytes) -> Detected:
    """Choose what leaves the fewest broken places, so that the reader can name the line."""
    broken = {
        name: sample.decode(name, "replace").count("\ufffd") for name in ("gb18030", "big5hkscs")
    }
    return Detected(min(broken, key=lambda name: broken[name]), 0.3)


def _known_words(sample: bytes, encoding: str) -> int:
    """Count the headings we know among the words of the first lines."""
    text = sample[:4096].decode(encoding, "replace")
    words = re.split(r"[,;\t|，\r\n\"]+", text)[:100]
    return sum(1 for word in words if not word.isascii() and vocabulary.is_known(word))
