"""Length of a text message as it is charged: in parts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Length", "is_at_home", "measure"]

Alphabet = Literal["gsm-7", "ucs-2"]

# 3GPP TS 23.038: the default alphabet, and the extension table, each sign of which is two septets.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_LAST_OF_ONE_UNIT = 0xFFFF
# Alone in one part, and beside the six octets that join several.
_ROOM: dict[Alphabet, tuple[int, int]] = {"gsm-7": (160, 153), "ucs-2": (70, 67)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Length:
    """How long a text message is.

    `units` are septets in `gsm-7` and UTF-16 code units in `ucs-2`; `left` is what the last part
    still takes.
    """

    alphabet: Alphabet
    units: int
    parts: int
    left: int


def is_at_home(phone: str) -> bool:
    """Tell whether a number (E.164) is of mainland China."""
    return phone.replace(" ", "").startswith(("+86", "0086"))


def measure(text: str, *, at_home: bool, signature: str = "") -> Length:
    """Measure a rendered text with the signature that goes before it.

    At home (+86) every character counts alike, 70 in one part and 67 in each of several, with
    the signature in its brackets 【…】. Abroad GSM-7 is used where it has every sign.
    """
    if at_home and signature and not signature.startswith("【"):
        signature = f"【{signature}】"
    whole = signature + text
    gsm = not at_home and all(sign in _BASIC or sign in _EXTENSION for sign in whole)
    alphabet: Alphabet = "gsm-7" if gsm else "ucs-2"
    widths = [_width(sign, alphabet) for sign in whole]
    alone, joined = _ROOM[alphabet]
    units = sum(widths)
    if units <= alone:
        return Length(alphabet=alphabet, units=units, parts=min(units, 1), left=alone - units)
    parts, used = _packed(widths, joined)
    return Length(alphabet=alphabet, units=units, parts=parts, left=joined - used)


def _width(sign: str, alphabet: Alphabet) -> int:
    if alphabet == "gsm-7":
        return 2 if sign in _EXTENSION else 1
    return 2 if ord(sign) > _LAST_OF_ONE_UNIT else 1


def _packed(widths: Iterable[int], room: int) -> tuple[int, int]:
    """Return the parts, and the units in the last; no sign is torn in two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts, used
