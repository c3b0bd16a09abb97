"""Chinese numerals as they occur in dates, by the sun and by the moon."""

import re

_DIGITS = dict(
    zip("〇零○一二两三四五六七八九", (0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_YEAR = re.compile(r"[〇零○一二三四五六七八九]{4}(?=年)")
_NUMBER = re.compile(r"[一二三四五六七八九十廿卅]{1,3}(?=[月日号號])")


def digits_in_date(text: str) -> str:
    """Turn ``二〇二四年三月五日`` into ``2024年3月5日``; other text comes back as it is."""
    text = _YEAR.sub(lambda match: "".join(str(_DIGITS[sign]) for sign in match[0]), text)
    return _NUMBER.sub(lambda match: str(number(match[0]) or match[0]), text)


def number(signs: str) -> int | None:
    """Read a number below a hundred: ``十五``, ``廿三``, ``三十``; None if it is none."""
    if signs.isdecimal():
        return int(signs)
    signs = signs.replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = signs.rpartition("十")
    if not ten:
        return _DIGITS.get(signs)
    tens_value = _DIGITS.get(tens) if tens else 1
    ones_value = _DIGITS.get(ones) if ones else 0
    if tens_value is None or ones_value is None:
        return None
    return tens_value * 10 + ones_value
