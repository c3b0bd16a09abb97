"""What is found in the words themselves: selling, praise, links, a chain's own list."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from regulars.kit.care import Occasion
from regulars.kit.lint import praise, selling_chinese, selling_english
from regulars.kit.lint.drafts import Code, Draft, Finding, Place, Policy, Severity, finding
from regulars.kit.lint.folding import Folded, Reading, fold, folded_word
from regulars.kit.lint.rules import English, Span, masked, outermost, spans

type Found = tuple[int, int, Code]

# C2: a day's or a season's message carries no offer, so nothing to follow a link to.
GREETINGS: Final[frozenset[Occasion]] = frozenset(
    {
        "anniversary", "birthday", "change-of-season", "dragon-boat", "long-time-no-see",
        "mid-autumn", "moving-day", "national-day", "new-year", "qixi", "spring-festival",
        "thanks", "women-day",
    }
)  # fmt: skip
_URL: Final = re.compile(
    r"(?:https?://|www\.)[!-~]{1,300}"
    r"|(?<![a-z0-9.@-])[a-z0-9-]{1,40}\.(?:cn|com|shop|store)/[!-~]{1,200}"
)
_TO_A_SHOP: Final = re.compile(
    r"(?:^|//|\.)(?:taobao|tmall|tb|jd|pinduoduo|yangkeduo|meituan|dianping|vip|suning|amazon|ebay"
    r"|shopee|lazada|momo|shop|store|mall|youzan|weidian|xiaohongshu|douyin|temu|etsy|aliexpress"
    r"|shopify)\."
    r"|//(?:t|dwz|bit|url|tinyurl|suo|is|goo)\.|\.(?:shop|store)/"
    r"|[/?&=.-](?:items?|products?|goods|shop|sales?|buy|cart|deals?|offers?|coupons?|promos?"
    r"|detail|sku|dp|orders?|new|collections?)(?![a-z])"
)
_LETTERS: Final = str.maketrans("013457@$!|", "oieastasil")
_MIXED: Final = re.compile(
    r"(?<![a-z0-9@$])(?=[a-z@$!|]{0,11}[0-9@$!|])[a-z0-9@$!|]{3,14}(?![a-z0-9@$])"
)
_LONGEST_VALUE: Final = 40


def judge(text: str, place: Place, draft: Draft, policy: Policy) -> Iterator[Finding]:
    """Yield what the words of a text or subject say that they must not."""
    folded = fold(text)
    is_selling = draft.purpose == "selling"
    found: list[tuple[Severity, Found]] = []
    if not is_selling:
        found += [("refuse", each) for each in _selling(folded, draft.purpose == "service")]
        unclear: Severity = "refuse" if draft.occasion in GREETINGS else "warn"
        found += [(unclear, each) for each in _links(folded.loose) if each[2] == "link"]
    found += [("refuse" if is_selling else "warn", each) for each in _praise(folded)]
    excused = _excused(folded, draft, policy)
    starts = [start for start, _ in excused]
    for severity, (start, end, code) in found:
        nearest = bisect_right(starts, start) - 1
        if nearest < 0 or excused[nearest][1] < end:
            yield finding(code, severity, text, start, end, place)
    for start, end in _occurrences(folded, policy.added):
        yield finding("chain-word", "refuse", text, start, end, place)


def _selling(folded: Folded, is_service: bool) -> list[Found]:
    dense = masked(folded.dense, selling_chinese.HARMLESS)
    loose = masked(folded.loose, selling_english.HARMLESS.plain)
    if is_service:
        dense = masked(dense, selling_chinese.FACTS)
        loose = masked(loose, selling_english.FACTS.plain)
    found: list[Found] = []
    for code, pattern in selling_chinese.CODES.items():
        found += [(start, end, code) for start, end in spans(dense, pattern)]
    for code, words in selling_english.CODES.items():
        found += [(start, end, code) for start, end in _english(words, loose, folded.spelt)]
    for match in _MIXED.finditer(loose.text):
        if match[0].translate(_LETTERS) in selling_english.WHOLE:
            found.append((*loose.span(*match.span()), "sells-discount"))
    for reading in folded.spelt:
        if reading.text.translate(_LETTERS) in selling_english.WHOLE:
            found.append((*reading.span(0, len(reading.text)), "sells-discount"))
    found += [each for each in _links(folded.loose) if each[2] == "sells-link"]
    return outermost(found)


def _english(words: English, loose: Reading, spelt: Iterable[Reading]) -> Iterator[Span]:
    yield from spans(loose, words.plain)
    for reading in spelt:
        yield from spans(reading, words.spelt)


def _links(loose: Reading) -> Iterator[Found]:
    for match in _URL.finditer(loose.text):
        yield (
            *loose.span(*match.span()),
            "sells-link" if _TO_A_SHOP.search(match[0]) else "link",
        )


def _praise(folded: Folded) -> list[Found]:
    dense = masked(folded.dense, praise.HARMLESS)
    found = [*spans(folded.dense, praise.CLAIMS), *spans(dense, praise.CHINESE)]
    found += _english(praise.ENGLISH, folded.loose, folded.spelt)
    return outermost((start, end, "forbidden-by-law") for start, end in found)


def _excused(folded: Folded, draft: Draft, policy: Policy) -> list[Span]:
    """Return where words stand that the chain allows, or that are values: names of goods, shops."""
    values = (value for name, value in (draft.values or {}).items() if name != "link")
    names = tuple(value for value in values if 1 < len(value) <= _LONGEST_VALUE)
    found = _occurrences(folded, (*policy.allowed, *names))
    return [(start, end) for start, end, _ in outermost((*span, "") for span in found)]


def _occurrences(folded: Folded, words: tuple[str, ...]) -> Iterator[Span]:
    """Yield where words stand, however they are disguised; Latin ones as whole words."""
    if words:
        dense, loose = _listed(words)
        yield from spans(folded.dense, dense)
        yield from spans(folded.loose, loose)


@lru_cache(maxsize=256)
def _listed(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Compile a list of words for the two readings; the longest of several wins."""
    chinese, latin = set(), set()
    for word in words:
        if folded := folded_word(word):
            if folded.isascii():
                latin.add(r"\s{1,3}".join(map(re.escape, word.casefold().split())))
            else:
                chinese.add(re.escape(folded))
    return (
        re.compile("|".join(sorted(chinese, key=len, reverse=True)) or r"(?!)"),
        re.compile(rf"(?<![a-z0-9])(?:{'|'.join(sorted(latin)) or '(?!)'})(?![a-z0-9])"),
    )
