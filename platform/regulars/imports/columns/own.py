"""What a chain adds to the attributes that every chain has: its vertical and its questions."""

from typing import NamedTuple

from regulars.imports.columns.attributes import Subject
from regulars.kit.schema import Field

FIELD = "field."
"""Before the key of a field of the vertical, of the customer or of the whole purchase."""

LINE_FIELD = "field.line."
"""Before the key of a field of one line of a purchase."""

ANSWER = "profile."
"""Before the key of a question of the deep profile (P3)."""


class Own(NamedTuple):
    """What the chain adds to what every chain has.

    `fields` are those of its vertical. `answers` are the questions of the deep profile that it
    asks; None takes every answer we know a heading for, as text.
    """

    fields: tuple[Field, ...] = ()
    answers: tuple[Field, ...] | None = None

    def attributes(self, subject: Subject) -> list[tuple[str, Field]]:
        """List the fields that a file of the subject can carry, under their attributes."""
        places = {"purchase": FIELD, "line": LINE_FIELD}
        if subject is Subject.CUSTOMERS:
            places = {"customer": FIELD}
        found = [
            (f"{places[each.on]}{each.key}", each) for each in self.fields if each.on in places
        ]
        if subject is Subject.CUSTOMERS:
            found += [(f"{ANSWER}{each.key}", each) for each in self.answers or ()]
        return found

    def allows(self, attribute: str) -> bool:
        """Tell whether the chain takes the attribute: answers only to what it asks."""
        if self.answers is None or not attribute.startswith(ANSWER):
            return True
        return any(attribute == f"{ANSWER}{each.key}" for each in self.answers)


NOTHING = Own()
