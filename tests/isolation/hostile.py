"""Sub-domains that somebody might try to mislead, to break in, or to break things with."""

import random
from collections.abc import Iterator
from typing import Final

from regulars.tenancy import names

_LOOK_ALIKES: Final = {  # what other alphabets have for these letters
    "a": "аαａɑ𝐚𝒶äåāạ",
    "e": "еｅ𝐞ėẹēё",
    "i": "іｉıɩ𝐢ïįḭ",
    "k": "ķκｋ𝐤\u212a",
    "m": "ｍⅿ𝐦ṃ",
    "o": "оοｏօ𝐨ö0\u0336",
    "r": "ｒг𝐫ṛ",
    "u": "ｕυս𝐮ü",
}
_SYNTAX: Final = (
    "aurum'", 'aurum"', "aurum;--", "x'; drop schema public; --", "x' or '1'='1",
    "a') union select",
    "$$aurum$$", "aurum\\", "%27aurum", "a/**/b", "../aurum", "..\\aurum", "/etc/passwd", "a/b",
    "a\\b", "~aurum", "C:aurum", "file:///a", "%2e%2e%2f", "a%00b", "a\x00b", "a\x1bb",
    "a\x7fb",
    "<script>", "<img src=x>", "${jndi:ldap}", "{{7*7}}", "{%now%}", "#{7*7}", "`id`", "$(id)",
    "a|b", "a&b", "a>b", "a<b", "a=b", "a+b", "a*b", "a?b", "a#b", "a,b", "a:80", "a@b",
    "user:pw@a",
    "http://aurum", "//aurum", "aurum.localhost", "aurum/..", "a\r\nset-cookie: x", "a\nb",
    "a\tb",
    "a b", "a\u00a0b", "null\x00", "()", "[]", "[::1]", "127.0.0.1", "@",
    "*", "*.*", "_",
    "a_b", "_dmarc", "_aurum", "a^b", "a~1", "!!", "a!b", "\\u0061", "&#97;urum", "%61urum",
)  # fmt: skip
_SHAPES: Final = (
    "", " ", "a", "ab", "-", "--", "---", "-a-", "-aurum", "aurum-", "a--b", "au--rum", "----a",
    ".", "..", "...", ".aurum", "aurum.", "a.b", "a..b", "aurum.com", "www.aurum", "123",
    "0", "00",
    "123456", "x" * 41, "x" * 63, "x" * 64, "x" * 300, "a-" * 30, "a" * 10_000, "1" * 40,
    "xn--80ak6aa92e", "xn--fiqs8s", "XN--FIQS8S", "xn--", "xn--a", "xn--0ca-rum",
    "t-aurum", "t-a",
    "T-AURUM", "t_aurum", "t_" + "a" * 26,
)  # fmt: skip
_UNSEEN: Final = tuple(
    f"au{mark}rum"
    for mark in (
        "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u061c",
    "\u115f",
        "\u180e", "\u202a", "\u202d", "\u202e", "\u2066", "\u2067", "\u2069", "\u206a",
    "\u3164",
        "\ufe0f", "\U000e0061", "\u0301", "\u0336", "\u20dd",
    )
)  # fmt: skip
_SCRIPTS: Final = (
    "金店", "熟客", "金dian", "aurum金", "ذهب", "זהב", "\u202eמורוא", "золото", "зoloto",
    "χρυσός", "ทอง",
    "सोना", "金\u200b店", "ゴールド", "골드", "aurum💍", "💍", "👨‍👩‍👧", "🇨🇳", "a💍b",
    "é", "naïve", "ﬁne", "ªurum",
    "aurum²", "①②③", "Ａurum", "ａｕｒｕｍ", "𝖆𝖚𝖗𝖚𝖒", "🅰urum", "aurum。com", "aurum．com",
    "aurum｡com", "a‐b",
    "a–b", "a—b", "a−b", "a‑b", "a﹣b", "a－b", "\ud7ff\ue000x", "\uffffx", "٣٤٥",
    "１２３", "ٱurum",
)  # fmt: skip
_RESERVED: Final = tuple(sorted(names.RESERVED))[::8]


def corpus() -> list[str]:
    """Return every hostile name, each of which must be refused."""
    look_alikes = [
        "karoimue".replace(letter, other, 1)
        for letter, others in _LOOK_ALIKES.items()
        for other in others
        if not other.isascii()
    ]
    reserved = [*_RESERVED, *(f" {name.upper()} " for name in _RESERVED[::4])]
    return [*_SYNTAX, *_SHAPES, *_UNSEEN, *_SCRIPTS, *look_alikes, *reserved]


def made_up(*, seed: int, count: int) -> Iterator[str]:
    """Make names of plain letters and of pieces of the corpus; some of them may be had."""
    chance = random.Random(seed)
    pieces = [*corpus(), *"abcxyz019", "aurum", "-", "dian"]
    for _ in range(count):
        yield "".join(chance.choice(pieces) for _ in range(chance.randint(1, 4)))
