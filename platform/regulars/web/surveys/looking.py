"""What the pages of results share: which answers they are about, and what narrows them."""

from typing import Any

from django.utils.translation import gettext as _

from regulars.insights.places import Map, Place
from regulars.insights.selectors.surveys_asking import Asked
from regulars.web.headoffice import people, sections
from regulars.web.headoffice.looks import Look
from regulars.web.surveys import words


def asked_of(look: Look, place: Place) -> Asked:
    """Return what a look asks of the answers."""
    return Asked(
        place=place,
        days=look.days,
        with_rest=place.kind == "all" and look.actor.scope.everything,
        survey=look.narrowed.get("survey", ""),
        guide_id=look.guide_id,
        product=look.narrowed.get("product", ""),
    )


def frame(look: Look, shops: Map, place: Place, *, name: str) -> dict[str, Any]:
    """Return what every page of results needs: places, and what narrows it."""
    kept = {key: text for key, text in look.narrowed_query.items() if key != "survey"}
    return {
        "place": "insights",
        "look": look,
        "where": place.name or _("All stores"),
        "tabs": sections.tabs(look, current=name),
        "choices": sections.choices(shops),
        "surveys": words.surveys(),
        "hidden": kept,
        "chips": _chips(look, name),
        "definitions": words.DEFINITIONS,
    }


def _chips(look: Look, name: str) -> list[tuple[str, str]]:
    """Return what narrows the page besides its form, each with the address without it."""
    told: dict[str, str] = {}
    if look.guide_id:
        told["guide"] = people.guides([look.guide_id]).get(look.guide_id, "")
    if product := look.narrowed.get("product"):
        told["product"] = product
    query = look.narrowed_query
    return [
        (text, look.address(name, **{each: query[each] for each in query if each != key}))
        for key, text in told.items()
    ]


def rows(look: Look, **query: str) -> str:
    """Return the address of the answers to a look, narrowed further."""
    kept = {key: text for key, text in look.narrowed_query.items() if key not in ("only", "mark")}
    return look.address("survey_rows", **{**kept, **query})
