"""What the current chain brings to every import: how values are written, and its own columns."""

from regulars import registry
from regulars.customers import questions
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Options
from regulars.imports.columns.own import Own
from regulars.points import tiers
from regulars.tenancy import context


def options() -> Options:
    """Return how the chain writes amounts, days and phones, to be corrected by a person."""
    chain = context.current()
    return Options(
        currency=chain.currency,
        exponent=tiers.currency_exponent(chain.currency),
        zone=chain.time_zone,
        region=chain.country,
        language=chain.language,
    )


def own() -> Own:
    """Return what the chain adds to the columns every chain has: its fields and its questions."""
    return Own(
        fields=questions.usable(registry.vertical().fields),
        answers=tuple(each.field for each in questions.questions()),
    )


def sensitive(own: Own) -> tuple[str, ...]:
    """Return the keys of what a customer must have agreed to.

    A file says nothing of what was agreed before, so it is the loader that asks for consent.
    """
    fields = (field for _name, field in own.attributes(Subject.CUSTOMERS))
    return tuple(field.key for field in fields if field.sensitive)
