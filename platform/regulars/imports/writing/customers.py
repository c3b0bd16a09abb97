"""Customers as a file that can be imported again as an update: our id stands in a column."""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.customers import selectors as customers
from regulars.customers.models import Customer
from regulars.customers.selectors import Filters
from regulars.imports import surroundings
from regulars.imports.columns import own as owns
from regulars.imports.columns import vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.own import Own
from regulars.imports.writing import headings, person_columns, persons
from regulars.imports.writing.person_columns import Wishes, Write, Writers
from regulars.imports.writing.sheets import Line, Sheet
from regulars.tenancy import statements

__all__ = ["Wishes", "chosen", "granted", "sheet"]

_NOT_WRITTEN: Final = frozenset(
    {"family_name", "given_name", "birthday_calendar", "tags"}
    | {"opening_points", "opening_principal", "opening_bonus"}
)
"""Parts of what is written whole; what nobody keeps; and balances, which have a ledger."""

_TOLD: Final = frozenset({"note"})
"""Left out with the answers: what colleagues wrote down."""


def chosen(*, actor: Actor, filters: Filters | None) -> QuerySet[Customer]:
    """Return the customers a file would hold, within the actor's scope. Raises Forbidden."""
    require(actor, "customers.export")
    return customers.ordered(actor=actor, filters=filters)


def granted(wishes: Wishes, *, actor: Actor) -> Wishes:
    """Reduce wishes to what the actor may take out."""
    return Wishes(
        phones=wishes.phones and allows(actor, "customers.reveal-phone"),
        answers=wishes.answers,
        sensitive=wishes.sensitive and wishes.answers and allows(actor, "customers.edit"),
    )


def sheet(*, actor: Actor, filters: Filters | None, wishes: Wishes, language: str) -> Sheet:
    """Return the customers as a table, newest first, headed in the language in use.

    Rows are read in portions by key while they are written: memory stays flat, and each portion
    takes the same number of statements. What `wishes` ask beyond the actor's rights is left out.
    """
    wishes = granted(wishes, actor=actor)
    chain_own = surroundings.own()
    columns = headings.of(_attributes(chain_own, wishes), subject=Subject.CUSTOMERS, own=chain_own)
    writers = Writers(actor, wishes, chain_own, surroundings.options(), language)
    others = _other_sources(writers.source)
    titles = [column.heading for column in columns]
    write = [writers.of(column.attribute) for column in columns]
    if not wishes.phones:
        titles.append(_("Hidden phone"))
        write.append(writers.hidden_phone)
    for source in others:
        titles.append(_("Number in “%(system)s”") % {"system": source})
        write.append(lambda person, source=source: person.numbers.get(source))  # type: ignore[misc]
    people = chosen(actor=actor, filters=filters)
    return Sheet(title=_("Customers"), headings=titles, lines=_lines(people, write))


def _attributes(own: Own, wishes: Wishes) -> list[str]:
    """List what is written, in the order of the import's own list, the chain's fields behind."""
    basic = [
        item.key
        for item in vocabulary.attributes(Subject.CUSTOMERS)
        if item.key not in _NOT_WRITTEN and not item.key.startswith(owns.ANSWER)
    ]
    if not wishes.sensitive:
        basic.remove(person_columns.OF_MINORS)
    if not wishes.answers:
        return [key for key in basic if key not in _TOLD]
    declared = own.attributes(Subject.CUSTOMERS)
    return basic + [key for key, field in declared if wishes.sensitive or not field.sensitive]


def _lines(people: QuerySet[Customer], write: Sequence[Write]) -> Iterator[Line]:
    for portion in persons.portions(people):
        for person in portion:
            yield [each(person) for each in write]


def _other_sources(own_source: str) -> list[str]:
    """List the other systems that customers have numbers in, by skipping through the index."""
    rows = statements.every(
        """WITH RECURSIVE found AS (
  (SELECT source FROM customers_identity ORDER BY source LIMIT 1)
  UNION ALL
  SELECT (SELECT i.source FROM customers_identity i WHERE i.source > f.source
          ORDER BY i.source LIMIT 1) FROM found f WHERE f.source IS NOT NULL)
SELECT source FROM found WHERE source IS NOT NULL LIMIT 100"""
    )
    left_out = {own_source, "card", "phone"}
    return [cast(str, source) for (source,) in rows if source not in left_out]
