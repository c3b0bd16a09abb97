"""What a look at complaints asks for, and what every page about it needs."""

from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from regulars.complaints import templates
from regulars.complaints.models import Case
from regulars.errors import NotFound
from regulars.insights.places import Map, Place
from regulars.insights.selectors import complaints_lesson
from regulars.insights.selectors.complaints_asking import BY_LIST, MARKS, Asked
from regulars.staff import permissions
from regulars.web.headoffice import people, sections
from regulars.web.headoffice.looks import Look
from regulars.web.learning import words

FOLLOWED: Final = ("followed-satisfied", "followed-unsatisfied")
_MARKS: Final = frozenset({*MARKS, *BY_LIST, *FOLLOWED})


def asked_of(look: Look, place: Place) -> Asked:
    """Return what a look asks of the complaints; what only rows are narrowed to is left out."""
    known = look.narrowed
    severity, raised = known.get("severity", ""), known.get("raised", "")
    if severity not in ("", *Case.Severity.values) or raised not in ("", *Case.Raised.values):
        raise NotFound
    return Asked(
        place=place,
        days=look.days,
        now=look.now,
        kind=known.get("kind", ""),
        cause=known.get("cause", ""),
        product=known.get("product", ""),
        batch=known.get("batch", ""),
        severity=severity,
        raised=raised,
        seller_id=look.guide_id,
    )


def mark_of(look: Look) -> str:
    """Return the part of a figure that rows are narrowed to. Raises NotFound for none we know."""
    mark = look.narrowed.get("mark", "")
    if mark and mark not in _MARKS:
        raise NotFound
    return mark


def customer_of(look: Look) -> UUID | None:
    """Return the customer that rows are narrowed to. Raises NotFound for what is no key."""
    try:
        return UUID(text) if (text := look.narrowed.get("customer")) else None
    except ValueError:
        raise NotFound from None


def readable(look: Look, place: Place) -> Place:
    """Return the stores whose complaints may be shown one by one (H4)."""
    return complaints_lesson.readable(place, look.actor.scope)


def frame(look: Look, shops: Map, place: Place, *, name: str) -> dict[str, Any]:
    """Return what every page needs: places, kinds, and what narrows it."""
    kept = {key: text for key, text in look.narrowed_query.items() if key != "kind"}
    return {
        "place": "insights",
        "look": look,
        "where": place.name or _("All stores"),
        "tabs": sections.tabs(look, current="complaint_learning"),
        "choices": sections.choices(shops),
        "kinds": [(each.key, words.kind(each.key)) for each in templates.offered()],
        "hidden": kept,
        "chips": _chips(look, name),
        "withheld": len(place.store_ids) - len(readable(look, place).store_ids),
        "may_export": permissions.allows(look.actor, "insights.export"),
    }


def _chips(look: Look, name: str) -> list[tuple[str, str]]:
    """Return what narrows the page besides its form, each with the address without it."""
    query = look.narrowed_query
    told: dict[str, str] = {}
    if look.guide_id:
        seller = people.guides([look.guide_id]).get(look.guide_id, "")
        told["guide"] = _("Sold by %(name)s") % {"name": seller}
    for key in ("cause", "product", "batch", "topic"):
        if text := look.narrowed.get(key):
            told[key] = words.narrowed(key, text)
    if severity := look.narrowed.get("severity"):
        told["severity"] = words.severity(severity)
    if raised := look.narrowed.get("raised"):
        told["raised"] = words.raised(raised)
    if mark := look.narrowed.get("mark"):
        told["mark"] = str(words.MARKS.get(mark, mark))
    if customer := customer_of(look):
        found = people.customers(look.actor, [customer]).get(customer)
        told["customer"] = found.text if found else ""
    return [
        (text, look.address(name, **{each: query[each] for each in query if each != key}))
        for key, text in told.items()
    ]
