"""What is known of a customer, in the words of the shop."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars import registry
from regulars.customers import consents as agreements
from regulars.customers import questions
from regulars.customers.models import Customer, LifeEvent, Possession
from regulars.customers.services import HOW
from regulars.kit import Field, fields
from regulars.staff.models import Staff
from regulars.web import dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value with where it comes from."""

    label: str
    text: str
    how: str = ""
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The vertical's values and the deep answers that are known."""

    extra: list[Fact]
    answers: list[Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A possession as the page shows it."""

    id: UUID
    title: str
    kind: str
    details: list[tuple[str, str]]
    acquired_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that matters, as the page shows it."""

    id: UUID
    kind: str
    label: str
    words: str
    next_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What holds for a purpose and a way of contact."""

    purpose: str
    channel: str
    given: bool
    how: str
    at: datetime


def of(customer: Customer, language: str) -> Facts:
    """Return what is known beyond the basic file, with who learned it; one statement."""
    people = _people(customer.profile)
    extra = [
        _fact(field, customer.extra[field.key], customer.profile.get(f"field.{field.key}"), people,
              language)
        for field in questions.extra_fields()
        if field.key in customer.extra
    ]  # fmt: skip
    answers = [
        _fact(each.field, answer["value"], answer, people, language)
        for each in questions.questions()
        if "value" in (answer := customer.profile.get(each.key, {}))
    ]
    return Facts(extra=extra, answers=answers)


def things(rows: Iterable[Possession], language: str) -> list[Thing]:
    """Return possessions with their values in words."""
    vertical = registry.vertical()
    found = []
    for row in rows:
        kind = vertical.possession(row.kind)
        declared = questions.usable(kind.fields) if kind else ()
        details = [
            (each.label.text(language), fields.show(each, row.extra[each.key], language=language))
            for each in declared
            if each.key in row.extra
        ]
        found.append(
            Thing(
                id=row.pk,
                title=row.title,
                kind=kind.label.text(language) if kind else row.kind,
                details=details,
                acquired_on=row.acquired_on,
                ended_on=row.ended_on,
            )
        )
    return found


def days(events: Iterable[LifeEvent], language: str) -> list[Day]:
    """Return days in words, those of the moon as the moon's."""
    return [
        Day(
            id=event.pk,
            kind=str(event.get_kind_display()),
            label=event.label,
            words=_day_words(event, language),
            next_on=event.next_on,
        )
        for event in events
    ]


def _day_words(event: LifeEvent, language: str) -> str:
    if event.lunar:
        text = dates.lunar_text(event.month, event.day, leap=event.leap_month, language=language)
    else:
        text = dates.yearly(event.month, event.day, language=language)
    return f"{event.year} · {text}" if event.year else text


def consents(standing: agreements.Standing) -> list[Agreement]:
    """Return what the customer agreed to or refused, latest first."""
    names = dict(purposes())
    return [
        Agreement(
            purpose=names.get(row.purpose, row.purpose),
            channel=str(agreements.CHANNELS.get(row.channel, "")),
            given=row.given,
            how=str(agreements.HOW.get(row.how, row.how)),
            at=row.at,
        )
        for row in standing.newest()
    ]


def purposes(language: str = "") -> list[tuple[str, str]]:
    """Return what a customer can be asked to agree to: (purpose, words), sensitive fields too."""
    spoken = language or get_language() or ""
    declared: list[Field] = [
        *questions.extra_fields(),
        *(each.field for each in questions.questions()),
    ]
    sensitive = [
        (
            agreements.for_field(each.key),
            _("Keeping: %(field)s") % {"field": each.label.text(spoken)},
        )
        for each in declared
        if each.sensitive
    ]
    child = (agreements.for_event("child-birthday"), _("Keeping: a child's birthday"))
    return [(key, str(words)) for key, words in agreements.PURPOSES.items()] + [child, *sensitive]


def _people(profile: dict[str, Any]) -> dict[str, str]:
    """Return the names of who learned something, in one statement."""
    ids = {answer["by"] for answer in profile.values() if answer.get("by")}
    if not ids:
        return {}
    rows = Staff.objects.filter(pk__in=ids).values_list("pk", "name")
    return {str(pk): name for pk, name in rows}


def _fact(
    field: Field, value: Any, source: dict[str, Any] | None, people: dict[str, str], language: str
) -> Fact:
    source = source or {}
    return Fact(
        label=field.label.text(language),
        text=fields.show(field, value, language=language),
        how=str(HOW.get(source.get("how", ""), "")),
        who=people.get(source.get("by") or "", ""),
        at=datetime.fromisoformat(source["at"]) if source.get("at") else None,
    )
