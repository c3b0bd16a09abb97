"""What guides learnt of the customers: answers, the vertical's fields, consents, days, notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from regulars import registry
from regulars.customers import calendar, questions
from regulars.customers.models import LifeEvent
from regulars.kit import Field, fields
from regulars.local.demo import content, drawing
from regulars.local.demo.content import Company
from regulars.local.demo.drawing import Dice
from regulars.local.demo.persons import Birthday

_ANSWERED: Final = 24  # per cent of the questions that were due by then
_FILLED: Final = 34  # per cent of the vertical's fields that were due by then
_AGREED: Final = {"care": 82, "selling": 58, "survey": 44, "profile": 70}
_REFUSED: Final = 12
type Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A customer and who learns of them; `last` is when they came last."""

    id: UUID
    owner_id: UUID | None
    visits: int
    first: datetime
    last: datetime


def answers(known: Known, rng: Dice) -> dict[str, Any]:
    """Return deep answers as `Customer.profile` keeps them (P3)."""
    said = content.people().answers
    due = [
        each.key
        for each in questions.QUESTIONS
        if each.key in said
        and each.field.ask_after is not None
        and each.field.ask_after <= known.visits
    ]
    given = [key for key in due if drawing.happens(rng, _ANSWERED)]
    return {
        key: {"value": rng.choice(drawing.words(said[key])), **_provenance(known, rng)}
        for key in given
    }


def vertical_values(
    company: Company, known: Known, *, today: date, rng: Dice
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the vertical's values of a customer, cleaned by the kit, and their provenance."""
    declared = registry.vertical().fields_on("customer")
    asked = [
        field
        for field in declared
        if not field.sensitive
        and field.ask_after is not None
        and field.ask_after <= known.visits
        and drawing.happens(rng, _FILLED)
    ]
    raw = {field.key: _value(company, field, today, rng) for field in asked}
    cleaned, faults = fields.clean(declared, raw)
    if faults:
        raise ValueError(f"The content of {company.company} does not fit: {faults}")
    return cleaned, {f"field.{key}": _provenance(known, rng) for key in cleaned}


def consents(known: Known, rng: Dice) -> list[Row]:
    """Return rows of consent: what they agreed to or refused at their first visit (P5)."""
    rows: list[Row] = []
    how = rng.choice(("spoken", "form", "web"))
    for purpose, share in _AGREED.items():
        given = drawing.happens(rng, share)
        if given or drawing.happens(rng, _REFUSED):
            rows.append((known.id, purpose, "", given, how, "", known.owner_id, known.first))
    if drawing.happens(rng, 8):
        rows.append((known.id, "selling", "sms", False, "spoken", "", known.owner_id, known.last))
    return rows


def days(known: Known, birthday: Birthday | None, *, today: date, rng: Dice) -> list[LifeEvent]:
    """Return the days that matter to a customer (P8)."""
    found = []
    if birthday:
        found.append(
            LifeEvent(
                customer_id=known.id,
                kind=LifeEvent.Kind.BIRTHDAY,
                year=birthday.year,
                month=birthday.month,
                day=birthday.day,
                lunar=birthday.lunar,
                next_on=next_on(birthday, on_or_after=today),
            )
        )
    if known.visits and drawing.happens(rng, 9):
        month, day = rng.randint(1, 12), rng.randint(1, 28)
        wedding = LifeEvent(
            customer_id=known.id,
            kind=LifeEvent.Kind.WEDDING,
            year=rng.randint(1990, today.year - 1),
            month=month,
            day=day,
            next_on=calendar.next_on(month=month, day=day, on_or_after=today),
        )
        found.append(wedding)
    return found


def next_on(birthday: Birthday, *, on_or_after: date) -> date | None:
    """Return when a birthday comes round."""
    return calendar.next_on(
        month=birthday.month,
        day=birthday.day,
        lunar=birthday.lunar,
        on_or_after=on_or_after,
        leap_day=registry.policy("customers.leap-day-birthday"),
    )


def notes(known: Known, rng: Dice) -> list[Row]:
    """Return what colleagues wrote down: (customer, author, text, is warning, when)."""
    said = content.people().notes
    rows: list[Row] = []
    if known.visits and drawing.happens(rng, 5):
        rows.append((known.id, known.owner_id, rng.choice(said.plain), False, known.last))
    if known.visits and drawing.happens(rng, 1):
        rows.append((known.id, known.owner_id, rng.choice(said.warnings), True, known.last))
    return rows


def _value(company: Company, field: Field, today: date, rng: Dice) -> object:
    """Draw a value of a field: as the content says, or one of its choices."""
    draw = company.customer.get(field.key)
    if draw is not None:
        return drawing.value(draw, rng, day=today)
    live: Sequence[str] = [choice.key for choice in field.choices if not choice.retired]
    if field.kind == "choice":
        return rng.choice(live)
    if field.kind == "choices":
        return rng.sample(live, min(len(live), rng.choice((1, 1, 2))))
    return None


def _provenance(known: Known, rng: Dice) -> Mapping[str, Any]:
    return {
        "by": str(known.owner_id) if known.owner_id else None,
        "at": known.last.isoformat(),
        "how": rng.choice(("purchase", "purchase", "conversation", "call", "questionnaire")),
    }
