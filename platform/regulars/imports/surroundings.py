"""What the current chain brings to every import: how values are written, and its own columns."""

from regulars import registry
from regulars.customers import questions
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
