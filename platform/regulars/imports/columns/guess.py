"""Guessing what each column means: by its heading first, by its values as evidence.

A guess is taken only when it is likely; what is merely possible is offered as an alternative.
"""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

import msgspec
from django.conf import settings
from django.utils import translation

from regulars.imports.cells import Cell, RawRow
from regulars.imports.columns import evidence, vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Assignment, Mapping, Options
from regulars.imports.columns.own import NOTHING, Own
from regulars.imports.columns.vocabulary import Match
from regulars.kit import fields as kit_fields

TAKEN = 0.5
"""The score from which a guess is taken."""

_NEVER = 0.15
"""What is left of a score when the values contradict the heading."""


class ColumnGuess(msgspec.Struct, frozen=True):
    """What one column may mean; `attribute` is empty when nothing is likely.

    `score` goes from 0 to 1; `alternatives` are attributes with their scores, likeliest first.
    """

    heading: str
    attribute: str
    score: float
    alternatives: tuple[tuple[str, float], ...] = ()


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """The guess for a whole file.

    `hints` are questions to ask a person: ``decimal-comma`` when amounts seem to be written as
    ``1.234,56``; ``date-order`` when nothing shows whether 03/04/2024 is in March or April.
    """

    subject: Subject
    columns: tuple[ColumnGuess, ...]
    options: Options
    hints: tuple[str, ...] = ()

    def mapping(self) -> Mapping:
        """Return the mapping to correct or to use."""
        assigned = (Assignment(column.heading, column.attribute) for column in self.columns)
        return Mapping(subject=self.subject, columns=tuple(assigned), options=self.options)


class _Offer(NamedTuple):
    score: float
    position: int
    attribute: str


def guess(
    headings: Sequence[str],
    sample: Sequence[RawRow],
    *,
    subject: Subject | None = None,
    own: Own = NOTHING,
    options: Options | None = None,
) -> Guess:
    """Guess the meaning of every column from its heading and some rows.

    Without a subject, the one is taken that explains more of the headings. `own` is what the
    chain adds, `options` are its defaults.
    """
    options = options or Options()
    if subject is None:
        subject = _likelier(headings)
    columns = [evidence.filled(_column(sample, at)) for at in range(len(headings))]
    offers = [
        _offers(heading, values, subject, own, options)
        for heading, values in zip(headings, columns, strict=True)
    ]
    assigned = _assign(offers, subject)
    guesses = []
    for at, heading in enumerate(headings):
        score = dict(offers[at]).get(assigned.get(at, ""), 0.0)
        others = [offer for offer in offers[at] if offer.key != assigned.get(at)]
        guesses.append(
            ColumnGuess(
                heading, assigned.get(at, ""), round(score, 2), tuple(map(_rounded, others))
            )
        )
    read = {item.key: item.reads for item in vocabulary.attributes(subject)}
    return _with_options(subject, guesses, columns, options, read)


def _column(sample: Sequence[RawRow], at: int) -> Iterable[Cell]:
    return (row.cells[at] for row in sample if at < len(row.cells))


def _rounded(match: Match) -> tuple[str, float]:
    return match.key, round(match.score, 2)


def _likelier(headings: Sequence[str]) -> Subject:
    def explained(subject: Subject) -> float:
        best = (vocabulary.matches(heading, subject)[:1] for heading in headings)
        return sum(found[0].score for found in best if found and found[0].score >= TAKEN)

    is_purchases = explained(Subject.PURCHASES) > explained(Subject.CUSTOMERS)
    return Subject.PURCHASES if is_purchases else Subject.CUSTOMERS


def _offers(
    heading: str,
    values: Sequence[Cell],
    subject: Subject,
    own: Own,
    options: Options,
) -> list[Match]:
    """Weigh everything that one column may mean, likeliest first."""
    found = dict(vocabulary.matches(heading, subject))
    found |= dict.fromkeys(_labelled(heading, subject), 1.0)
    if max(found.values(), default=0.0) < TAKEN and not vocabulary.is_left_out(heading, subject):
        found |= _misspelt(heading, subject)
    reads = {item.key: item.reads for item in vocabulary.attributes(subject)}
    for key in found:
        part = evidence.share(values, reads[key], region=options.region)
        if part is not None:
            found[key] *= 1.0 if part >= 0.8 else _NEVER + (1 - _NEVER) * part
    for key, field in own.attributes(subject):
        if kit_fields.match_header([field], heading):
            found[key] = max(found.get(key, 0.0), 0.95)
    if not any(score >= TAKEN for score in found.values()):
        found |= _by_values(heading, values, subject, options)
    allowed = (Match(*item) for item in found.items() if own.allows(item[0]))
    return sorted(allowed, key=lambda match: -match.score)


def _labelled(heading: str, subject: Subject) -> tuple[str, ...]:
    """Find the attributes that carry the heading as their label, as in our own exports.

    Whoever took the file out may speak another language than who brings it back.
    """
    if vocabulary.is_left_out(heading, subject):
        return ()
    return _labels(subject).get(vocabulary.fold(heading), ())


@cache
def _labels(subject: Subject) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for item in vocabulary.attributes(subject):
                folded = vocabulary.fold(str(item.label))
                found[folded] = tuple(dict.fromkeys((*found.get(folded, ()), item.key)))
    return found


def _misspelt(heading: str, subject: Subject) -> dict[str, float]:
    """Find words that differ in a letter or two, such as ``custmer name``."""
    folded = vocabulary.fold(heading)
    if not folded.isascii() or not 5 <= len(folded) <= 40:
        return {}
    found: dict[str, float] = {}
    for word, matches in vocabulary.known_words(subject).items():
        if abs(len(word) - len(folded)) > 2 or not word.isascii() or len(word) < 5:
            continue
        ratio = SequenceMatcher(None, folded, word).ratio()
        if ratio >= 0.87:
            for match in matches:
                found[match.key] = max(found.get(match.key, 0.0), 0.75 * ratio * match.score)
    return found


def _by_values(
    heading: str, values: Sequence[Cell], subject: Subject, options: Options
) -> dict[str, float]:
    """Recognise phones and mail addresses under a heading that says nothing."""
    told = evidence.telling(values, region=options.region)
    if told is None or vocabulary.is_left_out(heading, subject):
        return {}
    kind, score = told
    if subject is Subject.PURCHASES:
        return {"customer_phone": score} if kind == "phone" else {}
    return {kind: score}


def _assign(offers: Sequence[Sequence[Match]], subject: Subject) -> dict[int, str]:
    """Give every attribute to the column that claims it most surely, the first among equals."""
    many = {item.key for item in vocabulary.attributes(subject) if item.many}
    ranked = sorted(
        (
            _Offer(-match.score, position, match.key)
            for position, matches in enumerate(offers)
            for match in matches
            if match.score >= TAKEN
        ),
    )
    assigned: dict[int, str] = {}
    taken: set[str] = set()
    for _, position, attribute in ranked:
        if position in assigned or attribute in taken or _clashes(attribute, taken):
            continue
        assigned[position] = attribute
        if attribute not in many:
            taken.add(attribute)
    if "time" in taken and not taken & {"date", "occurred_at"}:
        for position, attribute in assigned.items():
            if attribute == "time":  # “时间” alone is the moment, not the time of some day
                assigned[position] = "occurred_at"
    return assigned


def _clashes(attribute: str, taken: set[str]) -> bool:
    """Keep apart what cannot be used together: a moment and a date, a name and its parts."""
    apart = (("occurred_at", "date"), ("name", "family_name"), ("name", "given_name"))
    return any(
        (attribute == one and other in taken) or (attribute == other and one in taken)
        for one, other in apart
    )


def _with_options(
    subject: Subject,
    guesses: Sequence[ColumnGuess],
    columns: Sequence[Sequence[Cell]],
    options: Options,
    reads: dict[str, str],
) -> Guess:
    days: list[Cell] = []
    amounts: list[Cell] = []
    for column, values in zip(guesses, columns, strict=True):
        kind = reads.get(column.attribute, "")
        if kind in ("date", "moment", "birthday"):
            days += values
        elif kind in ("money", "quantity"):
            amounts += values
    hints = ["decimal-comma"] if evidence.has_decimal_comma(amounts) else []
    order = evidence.date_order(days)
    if order:
        options = msgspec.structs.replace(options, date_order=order)
    elif options.date_order == "ymd" and evidence.is_short_first(days):
        hints.append("date-order")
    return Guess(subject=subject, columns=tuple(guesses), options=options, hints=tuple(hints))
