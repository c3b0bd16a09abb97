"""Finding customers by what somebody types: a piece of a name, its reading, or of a phone number.

At most two statements, whatever is typed: first what begins so, through plain indexes that stop
after a page; only when those found less than a page, what contains it, through the tokens. So the
work does not grow with the number of customers. The statements are written out and prepared: they
run at every key somebody presses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db.models import QuerySet

from regulars.audit import Actor, Scope
from regulars.audit.decisions import require
from regulars.customers import naming, search_terms, surnames
from regulars.customers.models import Customer
from regulars.customers.selectors import rows, visibility
from regulars.customers.selectors.rows import Listed

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

    customers: list[Listed]
    more: bool


class _Way(NamedTuple):
    """One way to find: a condition over `c`, the order its index gives, the values of both."""

    where: str
    values: tuple[object, ...]
    order: str = ""


def search(
    *,
    actor: Actor,
    text: str,
    limit: int = 30,
    among: QuerySet[Customer] | None = None,
) -> Found:
    """Return up to `limit` customers within the actor's scope, best matches first.

    Best are those whose name, reading, initials or number begin (a phone: ends) with the text.
    `among` narrows to the rows of a query. Empty text finds nobody. Raises Forbidden.
    """
    require(actor, "customers.view")
    text = " ".join(text.split())[:LONGEST_TEXT]
    of_one_guide = actor.scope.own_customers_of is not None
    narrowing = _narrowing(actor.scope, among)
    ways = list(_beginnings(text, by_store=not (actor.scope.everything or of_one_guide)))
    fragment = _fragment(text, few=of_one_guide)
    if of_one_guide:
        ways, fragment = _all_at_once(ways, fragment), None
    run = rows.running(actor.scope) if among is None else rows.anew
    found = _rows(ways, narrowing, limit, run)
    if len(found) <= limit and fragment is not None:
        found = _unique([*found, *_rows([fragment], narrowing, limit, run)])
    return Found(found[:limit], more=len(found) > limit)


def _rows(ways: list[_Way], narrowing: _Way, limit: int, run: rows.Run) -> list[Listed]:
    """Return the rows found, way by way, each once: one statement, or none without ways."""
    if not ways:
        return []
    parts: list[str] = []
    values: list[object] = []
    for way in ways:
        parts.append(
            f"(SELECT {rows.COLUMNS} FROM {rows.SOURCE} "  # noqa: S608  (texts of ours alone)
            f"WHERE {narrowing.where} AND {way.where} {way.order} LIMIT {limit + 1:d})"
        )  # a limit the planner knows: else it plans for a tenth of all, and reads every guide
        values += [*narrowing.values, *way.values]
    return _unique([Listed(*row) for row in run(" UNION ALL ".join(parts), values)])


def _unique(found: list[Listed]) -> list[Listed]:
    return list({row.id: row for row in reversed(found)}.values())[::-1]


def _narrowing(scope: Scope, among: QuerySet[Customer] | None) -> _Way:
    """Return the scope as a condition, narrowed to the rows of a query."""
    where, values = visibility.within_sql(scope)
    if among is not None:
        inner, inner_values = among.order_by().values("pk").query.sql_with_params()
        where += f" AND c.id IN ({inner})"
        values += inner_values
    return _Way(where, tuple(values))


def _all_at_once(ways: list[_Way], fragment: _Way | None) -> list[_Way]:
    """Join the ways into one that looks at each of a guide's own customers, and at no others.

    The index of owners alone can answer it: those of all names would be read for nothing.
    """
    if not ways or fragment is None:
        return []
    begins = " OR ".join(f"({way.where})" for way in ways)
    values = tuple(value for way in ways for value in way.values)
    return [
        _Way(
            f"(({begins}) OR {fragment.where})",
            (*values, *fragment.values, *values),  # the order asks again
            f"ORDER BY ({begins}) IS NOT TRUE, c.name",
        )
    ]


def _beginnings(text: str, *, by_store: bool) -> Iterator[_Way]:
    if not text:
        return
    digits = _digits(text)
    if digits is not None:
        if len(digits) >= _SHORTEST_NUMBER:
            yield _starts("reverse(c.phone)", digits[::-1])
            yield _starts("c.member_code", digits)
    elif any(map(naming.is_han, text)):
        name = naming.clean_name(text)
        way = _starts("c.name", name)
        reading = search_terms.of(name, None).pinyin
        # Within stores an index leads from the reading to the name. Where a double surname is
        # read in its own way, the reading of what was typed says nothing yet.
        if by_store and reading and name[0] not in _READ_AS_ONE:
            way = _both(way, _starts("c.pinyin", reading))
        yield way
    else:
        yield from _latin_beginnings(text, by_store=by_store)


def _latin_beginnings(text: str, *, by_store: bool) -> Iterator[_Way]:
    letters = search_terms.letters(text)
    if letters:
        if len(letters) <= _MOST_INITIALS:
            yield _initials_in_store(letters) if by_store else _starts("c.initials", letters)
        yield _starts("c.pinyin", letters)
    if text.isascii():
        yield _starts("c.member_code", naming.clean_code(text))


def _starts(column: str, text: str) -> _Way:
    """Return what a plain index in collation C answers: everything from the text to its last."""
    return _Way(f"{column} >= %s AND {column} < %s", (text, text + _LAST), f"ORDER BY {column}")


def _initials_in_store(letters: str) -> _Way:
    """Return how to find initials within stores: through the store's readings.

    A range of initials behind a range of readings would count, for the planner, as a skip scan of
    the store's index, dear enough that it may walk those ranges of the whole chain instead.
    """
    way = _Way("left(c.initials, %s) = %s", (len(letters), letters), "ORDER BY c.initials")
    return _both(way, _starts("c.pinyin", letters[0]))


def _both(one: _Way, other: _Way) -> _Way:
    return _Way(f"{one.where} AND {other.where}", (*one.values, *other.values), one.order)


def _holds(token: str) -> _Way:
    return _Way("c.tokens @> ARRAY[%s::text]", (token,))


def _inside(column: str, text: str) -> _Way:
    return _Way(f"strpos({column}, %s) > 0", (text,))


def _fragment(text: str, *, few: bool) -> _Way | None:
    """Return how to find the text inside names and numbers, if it is long enough to tell.

    A guide's own customers are so `few` that each is looked at, and one character will do.
    """
    digits = _digits(text)
    if digits is not None:
        if few and len(digits) >= _SHORTEST_NUMBER:
            return _inside("c.phone", digits)
        if len(digits) < _SHORTEST_FRAGMENT:
            return None
        return _both(_holds(digits[-_SHORTEST_FRAGMENT:]), _inside("c.phone", digits))
    if any(map(naming.is_han, text)):
        name = naming.clean_name(text)
        pairs = search_terms.bigrams(name)
        if few:
            return _inside("c.name", name)
        if not pairs:
            return None
        return _both(_Way("c.tokens @> %s::text[]", (pairs,)), _inside("c.name", name))
    letters = search_terms.letters(text)
    if len(letters) < 2 and not (few and letters):
        return None
    held = _holds(letters[: search_terms.LONGEST])
    if few:
        inside = (_inside("c.pinyin", letters), _inside("c.initials", letters), held)
        where = " OR ".join(way.where for way in inside)
        return _Way(f"({where})", tuple(value for way in inside for value in way.values))
    return (
        held if len(letters) <= search_terms.LONGEST else _both(held, _inside("c.pinyin", letters))
    )


def _digits(text: str) -> str | None:
    """Return the digits of a text that is a piece of a number, else None."""
    return re.sub(r"\D", "", text) if _NUMBER.fullmatch(text) else None
