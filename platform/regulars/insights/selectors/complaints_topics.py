"""What complaints say, grouped by their words, and what is new or growing.

Read is what the customer said: when raising it, later, and in answers of their own words to what
the kind of complaint asks. Only complaints of stores whose customers the chain may see are read.
"""

# ruff: noqa: S608  (statements are put together from constants of our own)

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from regulars.complaints import templates
from regulars.insights import texts, topics
from regulars.insights.keys import Keys
from regulars.insights.periods import Days
from regulars.insights.selectors.complaints_asking import OPENED_DAY, Asked
from regulars.insights.topics import Change
from regulars.kit import Complaint
from regulars.tenancy import statements

LATELY: Final = 30
"""Days up to the end of the period that are "of late"."""
EARLIER: Final = 180
"""Days before those that they are compared with."""
MOST_READ: Final = 50_000
"""Complaints that are read, the newest first."""
MOST_WORDS: Final = 10
_SAID_ALREADY: Final = 0.5  # of a word's complaints lie in topics that are new themselves
_TESTED: Final = 200  # words of late that are looked at
_KINDS: Final = ("opened", "message-in", "refused", "unsatisfied", "reopened")
_READ: Final = f"""
SELECT w.id, w.day, w.template, w.answers::text, said.texts FROM (
  {{cases}} ORDER BY c.opened_at DESC LIMIT {MOST_READ}) AS w
CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(e.text ORDER BY e.id), '{{{{}}}}') AS texts FROM complaints_entry e
  WHERE e.case_id = w.id AND e.kind = ANY(%(kinds)s::text[]) AND e.text <> '') AS said"""


class Read(NamedTuple):
    """The words of one complaint, and the day it was raised."""

    day: date
    words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One topic in the period, or one word: how often of late and before, and whether it is new.

    `keys` are the complaints of the period; `news` is "new", "growing" or "".
    """

    words: tuple[str, ...]
    keys: Keys
    change: Change
    news: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """What was said: topics, single words that are new or growing, and how many were read."""

    topics: Sequence[Said]
    words: Sequence[Said]
    read: int
    is_cut: bool  # there were more than are read

    def of_word(self, word: str) -> Said | None:
        """Return the topic a word belongs to, or the word by itself."""
        return next((each for each in (*self.topics, *self.words) if word in each.words), None)


def of_place(*, asked: Asked) -> Topics:
    """Return what complaints were about in their own words. One statement."""
    read = _read(asked)
    grouped = topics.grouped({key: each.words for key, each in read.items()})
    lately = Days(asked.days.last - timedelta(days=LATELY - 1), asked.days.last)
    before = Days(lately.first - timedelta(days=EARLIER), lately.first - timedelta(days=1))
    counts = (_count(read, lately), _count(read, before))
    when = _When(read, asked.days, lately, before, *counts)
    by_topic = [when.said(each.words, each.keys) for each in grouped]
    by_word = [when.said((word,), keys) for word, keys in _often(read, lately)]
    # One test of everything that could be named, so that the risk holds for the page.
    told = topics.grown([each.change for each in (*by_topic, *by_word)])
    named = [
        Said(words=each.words, keys=each.keys, change=each.change, news=news)
        for each, news in zip((*by_topic, *by_word), told, strict=True)
    ]
    covered = {
        key for each in named[: len(by_topic)] if each.news for key in each.keys
    }  # what a new topic says already, its words need not say again
    return Topics(
        topics=[each for each in named[: len(by_topic)] if each.keys],
        words=[
            each
            for each in named[len(by_topic) :]
            if each.news and len(covered.intersection(each.keys)) < _SAID_ALREADY * len(each.keys)
        ][:MOST_WORDS],
        read=sum(asked.days.first <= each.day <= asked.days.last for each in read.values()),
        is_cut=len(read) >= MOST_READ,
    )


def span(days: Days) -> Days:
    """Return the days that are read for a period: itself, and what it is compared with."""
    return Days(min(days.first, days.last - timedelta(days=LATELY + EARLIER - 1)), days.last)


@dataclass(frozen=True, slots=True)
class _When:
    """The complaints that were read, the periods they are counted in, and how many each has."""

    read: Mapping[UUID, Read]
    days: Days
    lately: Days
    before: Days
    of_late: int
    of_before: int

    def said(self, words: tuple[str, ...], keys: Sequence[UUID]) -> Said:
        return Said(
            words=words,
            keys=Keys.of(key for key in keys if _within(self.read[key].day, self.days)),
            change=Change(
                sum(_within(self.read[key].day, self.lately) for key in keys),
                self.of_late,
                sum(_within(self.read[key].day, self.before) for key in keys),
                self.of_before,
            ),
        )


def _count(read: Mapping[UUID, Read], days: Days) -> int:
    return sum(_within(each.day, days) for each in read.values())


def _within(day: date, days: Days) -> bool:
    return days.first <= day <= days.last


def _often(read: Mapping[UUID, Read], lately: Days) -> list[tuple[str, tuple[UUID, ...]]]:
    """Return the words said most often of late, with every complaint they are in."""
    found = Counter(
        word for each in read.values() if _within(each.day, lately) for word in each.words
    )
    often = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_TESTED]
    wanted: dict[str, list[UUID]] = {word: [] for word, n in often if n >= topics.PAIR}
    for key, each in read.items():
        for word in each.words & wanted.keys():
            wanted[word].append(key)
    return [(word, tuple(keys)) for word, keys in wanted.items()]


def _read(asked: Asked) -> dict[UUID, Read]:
    wide = asked.over(span(asked.days))
    cases = wide.cases(f"c.id, {OPENED_DAY} AS day, c.template, c.answers, c.opened_at")
    rows = statements.every(_READ.format(cases=cases), {**wide.given, "kinds": list(_KINDS)})
    known: dict[str, frozenset[str]] = {}
    return {
        key: _words(day, template, answers, said, known)
        for key, day, template, answers, said in rows
    }


def _words(
    day: date, template: str, answers: str, said: Sequence[str], known: dict[str, frozenset[str]]
) -> Read:
    if template not in known:
        known[template] = _in_words(templates.find(template) if template else None)
    own = _own_words(answers, known[template]) if known[template] else []
    return Read(day, frozenset().union(*(texts.words(each) for each in (*said, *own))))


def _in_words(template: Complaint | None) -> frozenset[str]:
    """Return what a kind of complaint asks for that is answered in words of one's own."""
    if template is None:
        return frozenset()
    return frozenset(each.key for each in template.asks if each.kind == "text")


def _own_words(answers: str, keys: frozenset[str]) -> list[str]:
    found: dict[str, Any] = json.loads(answers)
    return [text for key, text in found.items() if key in keys and isinstance(text, str)]
