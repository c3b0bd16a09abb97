"""The conformance kit: `check(vertical)` in one test of a vertical proves it fit to publish."""

import pickle
from collections.abc import Collection, Iterator
from dataclasses import fields as attributes_of
from dataclasses import is_dataclass, replace
from datetime import date
from decimal import Decimal

from regulars.kit import fields, keys, plain, points
from regulars.kit.checks import faults_of
from regulars.kit.faults import Fault, VerticalError
from regulars.kit.labels import LANGUAGES, Label, placeholders
from regulars.kit.schema import Field
from regulars.kit.vertical import Vertical

__all__ = ["check", "sample"]

_A_DAY = date(2026, 11, 21)
_LATER = "regulars vertical lock"


def check(vertical: Vertical, *, languages: Collection[str] = LANGUAGES) -> None:
    """Prove a vertical fit to publish, or raise one `VerticalError` with everything that is not.

    Beyond what `Vertical` checks of itself: every text in all `languages`; `keys.lock` up to
    date; values of every field clean, show and match their column; declarations survive the
    way to plain data and to another process; rules run on many baskets and add up.
    """
    faults = list(faults_of(vertical))
    faults += _untranslated(vertical, frozenset(languages))
    faults += [
        Fault(f"keys.lock: {line}", f"is new; run `{_LATER}`") for line in keys.new_keys(vertical)
    ]
    faults += _unstorable(vertical)
    faults += _unclean(vertical)
    if not faults:
        faults += _miscounted(vertical, languages)
    if faults:
        raise VerticalError(f"vertical {vertical.key!r}", faults)


def sample(field: Field) -> object:
    """Return a raw value that a field takes."""
    match field.kind:
        case "text":
            return "甲"
        case "boolean":
            return "是"
        case "choice":
            return _live_choices(field)[0]
        case "choices":
            return _live_choices(field)
        case "date":
            return str(field.minimum or field.maximum or _A_DAY)
        case "rating":
            return field.scale[0]
    bound = field.minimum if field.minimum is not None else field.maximum
    return str(bound if bound is not None else 1)


def _live_choices(field: Field) -> list[str]:
    return [choice.key for choice in field.choices if not choice.retired]


def _untranslated(noun: object, languages: frozenset[str], path: str = "") -> Iterator[Fault]:
    """Yield every label, however deep, that lacks a language."""
    if isinstance(noun, Label):
        missing = sorted(languages - set(noun.texts()))
        if missing:
            yield Fault(path, f"has no text in {', '.join(missing)}")
    elif isinstance(noun, tuple):
        for index, item in enumerate(noun):
            yield from _untranslated(item, languages, f"{path}.{plain.name_of(item, index)}")
    elif is_dataclass(noun):
        for part in attributes_of(noun):
            value = getattr(noun, part.name)
            yield from _untranslated(value, languages, f"{path}.{part.name}".lstrip("."))


def _unstorable(vertical: Vertical) -> Iterator[Fault]:
    """Yield the declarations that do not survive plain data, or another process."""
    for part in attributes_of(vertical):
        nouns = getattr(vertical, part.name)
        if not isinstance(nouns, tuple) or part.name in ("functions", "locked"):
            continue
        for noun in nouns:
            if plain.build(type(noun), plain.dump(noun)) != noun:
                path = f"{part.name}.{noun.key}"
                yield Fault(path, "is not the same after plain data and back")
    for function in vertical.functions:
        try:
            pickle.loads(pickle.dumps(function))  # noqa: S301  (our own bytes)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            yield Fault(f"functions.{function.key}", f"cannot go to another process: {error}")


def _unclean(vertical: Vertical) -> Iterator[Fault]:
    """Yield the fields whose own values do not pass, or change when cleaned again."""
    for path, several in _groups(vertical):
        raw = {field.key: sample(field) for field in several}
        consented = frozenset(raw)
        values, refused = fields.clean(several, raw, language="en", consented=consented)
        for fault in refused:
            yield Fault(f"{path}.{fault.key}", f"refuses {raw[fault.key]!r}: {fault.sentence}")
        again, _ = fields.clean(several, values, consented=consented)
        if again != values:
            yield Fault(path, f"cleaning twice gives {again}, not {values}")
        for field in several:
            titles = [field.label.text(language) for language in LANGUAGES]
            if not field.retired and fields.match_header(several, titles[0]) != field:
                yield Fault(f"{path}.{field.key}", "its label is the title of another field")


def _groups(vertical: Vertical) -> Iterator[tuple[str, tuple[Field, ...]]]:
    for on in ("customer", "purchase", "line"):
        yield "fields", tuple(field for field in vertical.fields if field.on == on)
    for possession in vertical.possessions:
        yield f"possessions.{possession.key}.fields", possession.fields
    for complaint in vertical.complaints:
        yield f"complaints.{complaint.key}.asks", complaint.asks
    for plan in vertical.follow_ups:
        for step in plan.steps:
            yield f"follow_ups.{plan.key}.steps.{step.key}.ask", step.ask
    for survey in vertical.surveys:
        yield f"surveys.{survey.key}.questions", survey.questions


def _miscounted(vertical: Vertical, languages: Collection[str]) -> Iterator[Fault]:
    """Yield what goes wrong when the rules meet many baskets."""
    rules = vertical.rules
    for basket in _baskets(vertical):
        before = hash(basket)
        try:
            earned = points.evaluate(rules, basket)
            again = points.evaluate(rules, basket)
        except points.FunctionError as error:
            yield Fault(f"functions.{error.function}", error.reason)
            return
        if earned != again or hash(basket) != before:
            yield Fault("rules", "the same basket earned differently twice; functions must be pure")
        if sum(earned.by_line) != earned.points:
            yield Fault("rules", f"{earned.points} points, but lines earned {earned.by_line}")
        for award in earned.awards:
            for language in languages:
                if left := placeholders(award.sentence(language))[0]:
                    yield Fault(f"rules.{award.rule}", f"no value for {sorted(left)}")


def _baskets(vertical: Vertical) -> Iterator[points.Basket]:
    """Yield baskets of every category, with all values and with none, rich and poor."""
    extras = {
        on: {field.key: _stored(field) for field in vertical.fields_on(on)}
        for on in ("customer", "purchase", "line")
    }
    categories = ["", *(choice.key for choice in vertical.categories)]
    tiers = ["", *(tier.key for tier in vertical.tiers)]
    for turn, category in enumerate(categories):
        line = points.Line(net_minor=123_456, category=category, quantity=2, list_minor=150_000)
        full = replace(line, extra=extras["line"], quantity=Decimal("0.5"))
        buyer = points.Buyer(
            tier=tiers[turn % len(tiers)], birthday=True, birthday_month=True, purchases=turn
        )
        lines = (line, full, replace(line, net_minor=0), replace(full, net_minor=1))
        bare = points.Basket(lines=(line,), occurred_on=_A_DAY)
        yield bare
        yield replace(bare, lines=())
        yield replace(bare, lines=lines, buyer=buyer, hour=15, extra=extras["purchase"])
        rich = replace(buyer, extra=extras["customer"])
        yield replace(bare, lines=lines, buyer=rich, currency_exponent=0, hour=23)


def _stored(field: Field) -> object:
    values, _ = fields.clean([field], {field.key: sample(field)}, consented=[field.key])
    return values.get(field.key)
