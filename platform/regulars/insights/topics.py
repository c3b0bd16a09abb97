"""Complaints grouped by the words they share, in a way that can be told in two sentences.

Words that occur together more often than chance would have it make a topic. A complaint belongs
to the topic whose words it has most of, rare words counting for more. No model, no dice: the
same complaints give the same topics.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Final, NamedTuple

from regulars.insights import rates

LEAST: Final = 5
"""Complaints that make a topic, at the least."""
MOST: Final = 15
PAIR: Final = 3
"""Complaints in which two words have to meet, and that make anything new or growing."""
RISK: Final = 0.05
"""The chance that anything at all is called new or growing although nothing changed."""
_VOCABULARY: Final = 400  # the most frequent words that are looked at
_TOGETHER: Final = 0.3  # pointwise information two words share (−1 to 1), from which on they belong
_WORDS: Final = 6  # of one topic


@dataclass(frozen=True, slots=True)
class Topic[Key: Hashable]:
    """Words that go together, the most telling first, and the complaints they are found in."""

    words: tuple[str, ...]
    keys: tuple[Key, ...]


def grouped[Key: Hashable](
    texts: Mapping[Key, frozenset[str]], *, least: int = LEAST, most: int = MOST
) -> list[Topic[Key]]:
    """Return the topics of some texts, the most frequent first; a text is in one topic or none."""
    found = Counter(word for words in texts.values() for word in words)
    total = len(texts)
    often = [
        word for word, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        if n >= least
    ][:_VOCABULARY]  # fmt: skip
    weights = {word: log(1 + total / found[word]) for word in often}
    clusters = _clusters(often, found, _meetings(texts.values(), weights), weights, total)
    return _assigned(texts, clusters, weights, least=least, most=most)


def _meetings(
    texts: Iterable[frozenset[str]], weights: Mapping[str, float]
) -> Counter[tuple[str, str]]:
    met: Counter[tuple[str, str]] = Counter()
    for words in texts:
        met.update(combinations(sorted(words & weights.keys()), 2))
    return met


def _clusters(
    often: Sequence[str],
    found: Mapping[str, int],
    met: Mapping[tuple[str, str], int],
    weights: Mapping[str, float],
    total: int,
) -> list[tuple[str, ...]]:
    """Return groups of words: each round the most telling word left takes what goes with it."""
    near: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (one, other), times in met.items():
        if times < PAIR:
            continue
        together = times / total
        shared = log(together * total * total / (found[one] * found[other]))
        closeness = shared / -log(together) if together < 1 else 0.0
        if closeness >= _TOGETHER:
            near[one].append((closeness, other))
            near[other].append((closeness, one))
    left = set(often)
    clusters = []
    for seed in sorted(often, key=lambda word: (-found[word] * weights[word], word)):
        if seed not in left:
            continue
        beside = sorted(near[seed], key=lambda item: (-item[0], item[1]))
        words = [seed, *(word for _close, word in beside if word in left)][:_WORDS]
        left.difference_update(words)
        clusters.append(tuple(words))
    return clusters


def _assigned[Key: Hashable](
    texts: Mapping[Key, frozenset[str]],
    clusters: Sequence[tuple[str, ...]],
    weights: Mapping[str, float],
    *,
    least: int,
    most: int,
) -> list[Topic[Key]]:
    at = {word: n for n, words in enumerate(clusters) for word in words}
    keys: dict[int, list[Key]] = defaultdict(list)
    for key, words in texts.items():
        shares: dict[int, float] = defaultdict(float)
        for word in sorted(words & at.keys()):
            shares[at[word]] += weights[word]
        if shares:
            keys[max(shares, key=lambda n: (shares[n], -n))].append(key)
    made = [Topic(clusters[n], tuple(some)) for n, some in keys.items() if len(some) >= least]
    return sorted(made, key=lambda each: (-len(each.keys), each.words))[:most]


class Change(NamedTuple):
    """How often something was said of late and before, and among how many complaints each time."""

    late: int
    of_late: int
    before: int
    of_before: int

    @property
    def chance(self) -> float:
        """The chance of as many of late, had nothing changed."""
        if not self.of_late or not self.of_before:
            return 1.0
        share = self.of_late / (self.of_late + self.of_before)
        return rates.at_least(self.late, self.late + self.before, share)


def grown(changes: Iterable[Change], *, risk: float = RISK) -> list[str]:
    """Say of each change whether it is "new" (never said before), "growing", or "" neither.

    A larger part of the complaints than before, beyond chance; with this risk at most that any
    of them is named wrongly, however many there are.
    """
    some = list(changes)
    told = rates.named([each.chance for each in some], risk=risk)
    return [
        ("growing" if each.before else "new") if is_named and each.late >= PAIR else ""
        for each, is_named in zip(some, told, strict=True)
    ]
