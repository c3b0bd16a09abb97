"""A chain's own colour, made safe to read: contrast by WCAG 2 is checked here, not hoped for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

BRAND: Final = "#0b6e5f"
ENOUGH: Final = 4.5  # WCAG AA for text
# What pages are painted with, as in frontend/css/_tokens.scss: card, page, sunken.
LIGHT_SURFACES: Final = ("#ffffff", "#f6f7f5", "#eff1ee")
DARK_SURFACES: Final = ("#1a1f1d", "#111513", "#141917")
_HEX: Final = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Accent:
    """Colours as ``#rrggbb``: on light and on dark surfaces, and what stands on them."""

    light: str
    on_light: str
    dark: str
    on_dark: str


@lru_cache(maxsize=512)
def of(colour: str) -> Accent:
    """Return the nearest readable colours to the chain's own; nonsense gives our brand's.

    No colour can be read on white and on nearly black alike, so the dark one is a lighter kind of
    the chain's.
    """
    base = colour.lower() if is_colour(colour or "") else BRAND
    light = _reach(base, surfaces=LIGHT_SURFACES, tint=0.12, towards="#000000")
    dark = _reach(base, surfaces=DARK_SURFACES, tint=0.24, towards="#ffffff")
    return Accent(light=light, on_light=_text_on(light), dark=dark, on_dark=_text_on(dark))


def is_colour(text: str) -> bool:
    """Say whether this is a colour as we store it: ``#rrggbb``."""
    return _HEX.fullmatch(text) is not None


def is_readable(colour: str) -> bool:
    """Say whether pages can show this colour as it is on light surfaces."""
    return of(colour).light == colour.lower()


def worst(colour: str) -> float:
    """Return the contrast of a colour on the light surface it is hardest to read on."""
    return _worst(colour, LIGHT_SURFACES, tint=0.12)


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two ``#rrggbb`` colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _reach(colour: str, *, surfaces: tuple[str, ...], tint: float, towards: str) -> str:
    for step in range(101):
        mixed = _mix(colour, towards, step / 100)
        if _worst(mixed, surfaces, tint=tint) >= ENOUGH:
            return mixed
    return towards


def _worst(colour: str, surfaces: tuple[str, ...], *, tint: float) -> float:
    # Chosen rows and badges are painted in a tint of the accent (a little less of it than here),
    # and the accent has to be readable there too.
    tinted = _mix(surfaces[0], colour, tint)
    return min(contrast(colour, surface) for surface in (*surfaces, tinted))


def _text_on(colour: str) -> str:
    return max(("#ffffff", "#0f1412"), key=lambda text: contrast(text, colour))


def _mix(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
