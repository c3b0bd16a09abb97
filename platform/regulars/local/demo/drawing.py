"""Drawing values from a seed. Everything random in the demo chains comes through here."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from regulars.local.demo.content import Draw

SEED: Final = 20_240_817
type Dice = random.Random


def dice(*name: object) -> Dice:
    """Return dice that fall the same way every time for the same name."""
    return random.Random(":".join(map(str, (SEED, *name))))  # noqa: S311  (nothing secret)


def happens(rng: Dice, percent: float) -> bool:
    """Say whether something of this probability happens."""
    return rng.random() * 100 < percent


def one_of(rng: Dice, weights: Mapping[str, float]) -> str:
    """Draw a key by its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def words(text: str) -> list[str]:
    """Split a list of words, at | or else at spaces."""
    return [each.strip() for each in text.split("|")] if "|" in text else text.split()


class Urn[T]:
    """Things with weights, drawn many times."""

    def __init__(self, things: Sequence[T], weights: Sequence[float]) -> None:
        """Lay the things in."""
        self.things = things
        self._sums = list(accumulate(weights))

    def draw(self, rng: Dice) -> T:
        """Draw one and lay it back."""
        return rng.choices(self.things, cum_weights=self._sums)[0]


def value(draw: Draw, rng: Dice, *, day: date) -> object:
    """Draw a value as a form would give it, or None when it does not apply this time."""
    if not happens(rng, draw.share):
        return None
    if draw.choose:
        return one_of(rng, draw.choose)
    if draw.words:
        return rng.choice(words(draw.words))
    if draw.whole:
        return rng.randint(*draw.whole)
    if draw.number:
        low, high, step = draw.number
        return round(low + step * rng.randrange(int((high - low) / step) + 1), 3)
    if draw.days:
        return (day + timedelta(days=rng.randint(*draw.days))).isoformat()
    return draw.value
