"""Results of surveys as files."""

from collections.abc import Callable, Iterator, Mapping
from itertools import batched
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.imports.writing.sheets import Cell, Line, Sheet
from regulars.insights.places import Map, Place
from regulars.insights.selectors import surveys, surveys_rows
from regulars.insights.selectors.surveys import By, Part
from regulars.insights.selectors.surveys_asking import DIMENSIONS
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.surveys import declared, scales
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look
from regulars.web.surveys import looking, rows, words

_AT_ONCE: Final = 500


def _figures(look: Look, found: Map, place: Place) -> Sheet:
    """Return every score, whole and in every split, each with its sample and range."""
    results = surveys.of_place(asked=looking.asked_of(look, place))
    guides = people.guides(UUID(key) for key, _part in results.of("guide") if key)
    shops = {str(key): shop.name for key, shop in found.by_id.items()}
    names: dict[By, tuple[str, Callable[[str], str]]] = {
        "all": (_("All"), lambda key: ""),
        "survey": (_("Survey"), words.survey),
        "store": (_("Store"), lambda key: shops.get(key, _("Without a store"))),
        "guide": (
            _("Guide"), lambda key: guides.get(UUID(key), "") if key else _("Nobody named")
        ),
        "product": (_("Product"), str),
        "time": (pgettext("column", "From"), str),
    }  # fmt: skip

    def lines() -> Iterator[Line]:
        for by, (kind, name) in names.items():
            for key, part in results.of(by):
                yield [kind, name(key), *_cells(part)]

    headings = [
        _("Part"), _("Name"), _("Answers"), _("Asked by message"), _("Of these answered"),
        _("NPS"), _("NPS: answers"), _("NPS: at least"), _("NPS: at most"), *_headings(),
    ]  # fmt: skip
    return Sheet(title=_("Surveys"), headings=headings, lines=lines())


def _headings() -> list[str]:
    named = [str(words.FIGURES[each]) for each in ("csat", *DIMENSIONS)]
    return [
        text
        for name in named
        for text in (
            name,
            _("%(figure)s: answers") % {"figure": name},
            _("%(figure)s: at least") % {"figure": name},
            _("%(figure)s: at most") % {"figure": name},
        )
    ]


def _cells(part: Part) -> list[Cell]:
    nps = part.nps
    score: list[Cell] = [None, nps.whole, None, None]
    if nps.is_enough and nps.rate is not None:
        score = [nps.rate, nps.whole, *nps.interval]
    shares = [part.csat, *(part.share(each) for each in DIMENSIONS)]
    return [
        part.answered, part.asked, part.replied, *score,
        *(cell for share in shares for cell in _share(share)),
    ]  # fmt: skip


def _share(found: Share) -> list[Cell]:
    """Return a share, its sample and its range; of too few only the sample."""
    if not found.is_enough:
        return [None, found.whole, None, None]
    return [found.rate, found.whole, *found.interval]


def _answers(look: Look, found: Map, place: Place) -> Sheet:
    """Return the answers; words and member codes go with the names only (P5)."""
    named = permissions.allows(look.actor, "customers.export")
    asked = looking.asked_of(look, place)
    wanted = rows.wanted_of(look)

    def lines() -> Iterator[Line]:
        for some in batched(surveys_rows.every(asked=asked, wanted=wanted), _AT_ONCE, strict=False):
            for each in rows.told(look, some, found):
                row, who = each["row"], each["customer"]
                survey = declared.find(row.survey)
                open_words = named and each["is_open"]
                given = row.answers if open_words else scales.without_words(survey, row.answers)
                told = scales.lines(survey, given, language=words.language()) if survey else []
                yield [
                    str(row.id), row.day, who.text if who and named else "",
                    who.member_code if who and named else "", each["survey"], each["way"],
                    "\n".join(told), _("yes") if row.unhappy else "",
                    each["shop"].name if each["shop"] else "", each["guide"],
                ]  # fmt: skip

    headings = [
        _("Our number"), pgettext("column", "Day"), _("Customer"), _("Member code"), _("Survey"),
        _("How it was asked"), _("Answers"), _("Unhappy"), _("Store"), _("Guide"),
    ]  # fmt: skip
    return Sheet(title=_("Answers to surveys"), headings=headings, lines=lines())


MAKERS: Final[Mapping[str, Callable[[Look, Map, Place], Sheet]]] = {
    "surveys": _figures,
    "survey-answers": _answers,
}
