"""The places ``${name}`` of a text that a provider approves, and what may stand in them."""

import re
from typing import Final

_PLACE: Final = re.compile(r"\$\{(\w+)\}")
# What a place holds, in our words; an adapter turns them into its provider's.
KINDS: Final = frozenset(
    {"nickname", "person", "company", "time", "money", "number", "address", "phone", "other"}
)


def names(text: str) -> tuple[str, ...]:
    """Return the names in a text, in order of first appearance: the order of the variables."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def numbered(text: str) -> str:
    """Return the text with ``{1}``, ``{2}``, … for its places, as Tencent counts them."""
    order = {name: number for number, name in enumerate(names(text), start=1)}
    return _PLACE.sub(lambda place: f"{{{order[place[1]]}}}", text)
