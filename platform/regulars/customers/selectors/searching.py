"""Finding customers by what somebody types: a piece of a name, its reading, or of a phone number.

At most two statements, whatever is typed: first what begins so, through plain indexes that stop
after a page; only when those found less than a page, what contains it, through the tokens. The
work does not grow with the number of customers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Reverse

from regulars.audit import Actor
from regulars.customers import naming, search_terms, surnames
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility

LONGEST_TEXT: Final = 80
_LAST: Final = "\U0010ffff"
_SHORTEST_NUMBER: Final = 3
_SHORTEST_FRAGMENT: Final = 4
_MOST_INITIALS: Final = 8
_NUMBER = re.compile(r"\+?[\d\s().-]+")
_READ_AS_ONE: Final = frozenset(name[0] for name in surnames.DOUBLE_READINGS)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `more` says that there are more than were asked for."""

    customers: list[Customer]
    more: bool


class _Way(NamedTuple):
    """One way to find: a condition, and the order its index gives for nothing."""

    where: Q
    order: tuple[str | Case, ...] = ()


def search(*, actor: Actor, text: str, limit: int = 30, narrowed: Q | None = None) -> Found:
    """Return up to `limit` customers within the actor's scope, best matches first.

    Best are those whose name, reading, initials or number begin (a phone: ends) with the text.
    `narrowed` adds further conditions. Empty text finds nobody. The rows come without their long
    columns (`visibility.LONG`).
    """
    text = " ".join(text.split())[:LONGEST_TEXT]
    people = visibility.visible(actor)
    if narrowed is not None:
        people = people.filter(narrowed)
    of_one_guide = actor.scope.own_customers_of is not None
    ways = list(_beginnings(text, by_store=not actor.scope.everything and not of_one_guide))
    fragment = _fragment(text, few=of_one_guide)
    if of_one_guide:
        ids = _ids(people, _all_at_once(ways, fragment), limit)
    else:
        ids = _ids(people, ways, limit)
        if len(ids) <= limit and fragment is not None:
            ids += [each for each in _ids(people, [fragment], limit) if each not in ids]
    return Found(_in_order(people, ids[:limit]), more=len(ids) > limit)


def _all_at_once(ways: list[_Way], fragment: _Way | None) -> list[_Way]:
    """Join the ways into one that looks at each of a guide's own customers, and at no others.

    The index of owners alone can answer it: those of all names would be read for nothing.
    """
    if not ways or fragment is None:
        return []
    begins = reduce(or_, (way.where for way in ways))
    first = Case(When(begins, then=Value(0)), default=Value(1))
    return [_Way(begins | fragment.where, (first, "name"))]


def _ids(people: QuerySet[Customer], ways: list[_Way], limit: int) -> list[UUID]:
    """Return the keys found, way by way, each once: one statement, or none without ways."""
    if not ways:
        return []
    people = people.annotate(tail=Reverse("phone"))
    parts = [
        people.filter(way.where).order_by(*way.order).values_list("pk", Value(rank))[: limit + 1]
        for rank, way in enumerate(ways)
    ]
    rows: Any = parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
    return list(dict.fromkeys(pk for pk, _rank in sorted(rows, key=lambda row: row[1])))


def _in_order(people: QuerySet[Customer], ids: list[UUID]) -> list[Customer]:
    if not ids:
        return []
    rows = visibility.shortened(people).in_bulk(ids)
    return [rows[each] for each in ids if each in rows]


def _beginnings(text: str, *, by_store: bool) -> Iterator[_Way]:
    if not text:
        return
    if _NUMBER.fullmatch(text):
        digits = "".join(char for char in text if char.isdigit())
        if len(digits) >= _SHORTEST_NUMBER:
            yield _Way(_starts("tail", digits[::-1]), ("tail",))
            yield _Way(_starts("member_code", digits), ("member_code",))
        return
    if any(map(naming.is_han, text)):
        name = naming.clean_name(text)
        where = _starts("name", name)
        initials = search_terms.of(name, None).initials
        # Within stores an index leads from the initials to the name. Where a double surname is
        # read in its own way, the initials of what was typed say nothing yet.
        if by_store and initials and name[0] not in _READ_AS_ONE:
            where &= _starts("initials", initials)
        yield _Way(where, ("name",))
        return
    yield from _latin_beginnings(text, by_store=by_store)


def _latin_beginnings(text: str, *, by_store: bool) -> Iterator[_Way]:
    letters = search_terms.letters(text)
    if letters:
        first_letter = _starts("initials", letters[0]) if by_store else Q()
        if len(letters) <= _MOST_INITIALS:
            yield _Way(_starts("initials", letters), ("initials",))
        yield _Way(first_letter & _starts("pinyin", letters), ("pinyin",))
    if text.isascii():
        yield _Way(_starts("member_code", text), ("member_code",))
        if text != text.upper():
            yield _Way(_starts("member_code", text.upper()), ("member_code",))


def _starts(field: str, text: str) -> Q:
    """Return a condition a plain index answers in collation C: from the text to its last."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + _LAST})


def _fragment(text: str, *, few: bool) -> _Way | None:
    """Return how to find the text inside names and numbers, if it is long enough to tell.

    A guide's own customers are so `few` that each is looked at, and one character will do.
    """
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        digits = "".join(char for char in text if char.isdigit())
        if few and len(digits) >= _SHORTEST_NUMBER:
            return _Way(Q(phone__contains=digits))
        if len(digits) < _SHORTEST_FRAGMENT:
            return None
        held = Q(tokens__contains=[digits[-_SHORTEST_FRAGMENT:]])
        return _Way(held & Q(phone__contains=digits))
    if any(map(naming.is_han, text)):
        name = naming.clean_name(text)
        pairs = search_terms.bigrams(name)
        if few:
            return _Way(Q(name__contains=name))
        return _Way(Q(tokens__contains=pairs) & Q(name__contains=name)) if pairs else None
    letters = search_terms.letters(text)
    if len(letters) < 2:
        return None
    held = Q(tokens__contains=[letters[: search_terms.LONGEST]])
    if few:
        return _Way(Q(pinyin__contains=letters) | Q(initials__contains=letters) | held)
    if len(letters) > search_terms.LONGEST:
        held &= Q(pinyin__contains=letters)
    return _Way(held)
