"""The answers behind a figure, and one answer with what may be done about it."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from regulars import moments
from regulars.audit.decisions import allows
from regulars.insights.places import Map
from regulars.insights.selectors import mapping, surveys_rows
from regulars.insights.selectors.surveys_asking import FIGURES, MARKS
from regulars.insights.selectors.surveys_rows import Row, Wanted
from regulars.staff import permissions
from regulars.surveys import declared, scales
from regulars.surveys.models import Invitation
from regulars.surveys.selectors import single
from regulars.surveys.services import see
from regulars.web import navigation, toasts
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look
from regulars.web.surveys import looking, words

_SIZE: Final = 50


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show answers; the words of those customers only that one may look after."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    found = surveys_rows.page(
        asked=looking.asked_of(look, place),
        wanted=wanted_of(look),
        after=_mark(request.GET.get("after", "")),
        limit=_SIZE + 1,
    )
    more, found = len(found) > _SIZE, found[:_SIZE]
    context = {
        **looking.frame(look, shops, place, name="survey_rows"),
        "title": _title(look),
        "rows": told(look, found, shops),
        "is_words": look.narrowed.get("only") == "words",
        "back": look.address("surveys", **_without(look, "figure", "mark", "only", "ask", "word")),
        "files": look.files("survey-answers"),
        "may_export": permissions.allows(look.actor, "insights.export"),
    }
    if more:
        at, key = found[-1].mark
        query = {**look.narrowed_query, "after": f"{at.isoformat()}~{key}"}
        context["next_url"] = look.address("survey_rows", **query)
    return render(request, "surveys/rows.html", context)


def wanted_of(look: Look) -> Wanted:
    """Return what narrows the answers; what is no word of ours narrows nothing."""
    figure, mark, only = (look.narrowed.get(name, "") for name in ("figure", "mark", "only"))
    is_inside = only in ("words", "unseen")
    return Wanted(
        figure=figure if figure in FIGURES else "",
        mark=mark if mark in MARKS else "",
        question=look.narrowed.get("ask", ""),
        word=look.narrowed.get("word", ""),
        words=only == "words",
        unseen=only == "unseen",
        within=look.actor.scope if is_inside else None,
    )


def told(look: Look, found: Sequence[Row], shops: Map) -> list[dict[str, Any]]:
    """Return rows with their names; words of others' customers are withheld. Two statements."""
    names = people.customers(look.actor, (each.customer_id for each in found))
    guides = people.guides(each.guide_id for each in found)
    return [_told(look, each, names, guides, shops) for each in found]


def _told(
    look: Look,
    row: Row,
    names: dict[UUID, people.Named],
    guides: dict[UUID, str],
    shops: Map,
) -> dict[str, Any]:
    survey = declared.find(row.survey)
    named = names.get(row.customer_id) if row.customer_id else None
    is_open = named.is_open if named else row.customer_id is None and _covers(look, row.store_id)
    answers = row.answers if is_open else scales.without_words(survey, row.answers)
    return {
        "row": row,
        "customer": named,
        "guide": guides.get(row.guide_id, "") if row.guide_id else "",
        "shop": shops.by_id.get(row.store_id) if row.store_id else None,
        "survey": words.survey(row.survey),
        "way": words.way(row.way),
        "answers": said(row.survey, answers),
        "texts": [each for each in said(row.survey, answers) if each["is_text"]],
        "is_open": is_open,
    }


def _covers(look: Look, store_id: UUID | None) -> bool:
    return look.actor.scope.covers(store_id)


def said(survey_key: str, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what was answered: question, answer in words, and whether it is good or bad."""
    survey = declared.find(survey_key)
    if survey is None:
        return []
    language = words.language()
    return [
        {
            "question": field.label.text(language),
            "text": scales.shown(field, answers[field.key], language=language),
            "is_text": field.kind == "text",
            "tone": _tone(field, answers[field.key]),
        }
        for field in survey.questions
        if answers.get(field.key, "") != ""
    ]


def _tone(field: Any, value: Any) -> str:
    if field.kind != "rating" or not isinstance(value, int):
        return "quiet"
    if value <= scales.unhappy_upto(field):
        return "bad"
    return "good" if value >= scales.satisfied_from(field) else "quiet"


def _title(look: Look) -> str:
    only, figure = look.narrowed.get("only"), look.narrowed.get("figure", "")
    if only == "unseen":
        return _("Unhappy answers to look at")
    if only == "words":
        return _("In their own words")
    if figure in words.FIGURES:
        mark = words.marks(figure).get(look.narrowed.get("mark", ""), "")
        return f"{words.FIGURES[figure]}: {mark}" if mark else str(words.FIGURES[figure])
    return _("Answers")


def _without(look: Look, *names: str) -> dict[str, str]:
    return {name: text for name, text in look.narrowed_query.items() if name not in names}


def _mark(text: str) -> surveys_rows.Mark | None:
    """Read where a page begins; one that somebody made up begins at the front."""
    at, tilde, key = text.partition("~")
    try:
        return (moments.read(at), UUID(key)) if tilde else None
    except ValueError:
        return None


@require_GET
@permissions.needs(single.VIEW)
def one(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Show one answer, and offer to open a complaint."""
    actor = permissions.acting(request)
    row = single.get(actor=actor, invitation_id=invitation_id)
    customers = people.customers(actor, [row.customer_id])
    names = people.guides([row.guide_id, row.seen_by_id])
    context = {
        "place": "insights" if allows(actor, "insights.view") else "customers",
        "row": row,
        "survey": words.survey(row.survey),
        "way": words.way(row.way),
        "answers": said(row.survey, row.answers),
        "customer": customers.get(row.customer_id) if row.customer_id else None,
        "guide": names.get(row.guide_id, "") if row.guide_id else "",
        "seen_by": names.get(row.seen_by_id, "") if row.seen_by_id else "",
        "complain": complain_url(row) if allows(actor, "complaints.handle") else "",
        "may_see_results": allows(actor, "insights.view"),
        "may_note": allows(actor, "customers.edit"),
    }
    return render(request, "surveys/one.html", context)


@require_POST
@permissions.needs("customers.edit")
def seen(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """Take note of an answer."""
    see(actor=permissions.acting(request), invitation_id=invitation_id, now=timezone.now())
    toasts.show(request, _("Noted."))
    return HttpResponseRedirect(reverse("survey_one", args=[invitation_id]))


def complain_url(row: Invitation) -> str:
    """Return where a complaint is opened about what was answered; empty where there is no page."""
    address = navigation.address("complaint_new")
    about = {"customer": row.customer_id, "purchase": row.purchase_id, "store": row.store_id}
    query = {name: str(key) for name, key in about.items() if key}
    return address and f"{address}?{urlencode(query)}"
