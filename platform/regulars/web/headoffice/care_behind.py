"""One question of the follow-ups in every way it can be split, and the follow-ups behind it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars import moments
from regulars.errors import NotFound
from regulars.insights.periods import Days, steps
from regulars.insights.places import Map
from regulars.insights.selectors import care, care_rows, care_splits, mapping
from regulars.insights.selectors.care import Answers
from regulars.insights.selectors.care_splits import By, Split
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.web import money
from regulars.web.headoffice import care_words as words
from regulars.web.headoffice import people, showing
from regulars.web.headoffice.care import asked_of, asking, frame, question_of, told
from regulars.web.headoffice.looks import Look

_SIZE: Final = 50
_MOST_LINES: Final = 5  # in one picture
_MOST_PARTS: Final = 100  # in one table


@require_GET
@permissions.needs("insights.view")
def question(request: HttpRequest) -> HttpResponse:
    """Show one question by store, guide, plan, goods and time."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    asked = question_of(look)
    if asked is None:
        raise NotFound
    found = care_splits.of_question(asked=asked_of(look, place), question=asked)
    order = words.words_of(asked, dict(found.all.said)) if asked.is_counted else []
    context = {
        **frame(look, shops, place, name="insights_question"),
        "asking": asking(found.all, look),
        "asked": asked,
        "columns": [words.word(asked, key) for key in order],
        "chart": _over_time(found, look, order) if order else None,
        "chart_first": showing.step_name(care.time_step(look.days)),
        "tables": [each for each in _tables(found, look, shops, order) if each["rows"]],
        "back": look.address("insights_care", **_without(look, "ask", "word")),
    }
    return render(request, "headoffice/question.html", context)


def _without(look: Look, *names: str) -> dict[str, str]:
    return {name: text for name, text in look.narrowed_query.items() if name not in names}


def _over_time(found: Split, look: Look, order: Sequence[str]) -> dict[str, Any]:
    """Return the share of each answer over time; a step with too few answers is a gap."""
    step = care.time_step(look.days)
    parts: list[Days] = steps(look.days, step)
    known = dict(found.of("time"))
    often = sorted(order, key=lambda key: -found.all.said.get(key, 0))[:_MOST_LINES]
    return {
        "kind": "line",
        "labels": [showing.label(each, step) for each in parts],
        "series": [
            {
                "name": words.word(found.question, key),
                "values": [_rate(known.get(each.first.isoformat()), key) for each in parts],
            }
            for key in order
            if key in often
        ],
    }


def _rate(found: Answers | None, key: str) -> float | None:
    share = found.share(key) if found else Share(0, 0)
    return share.rate if share.is_enough else None


def _tables(found: Split, look: Look, shops: Map, order: Sequence[str]) -> list[dict[str, Any]]:
    guides = people.guides(UUID(key) for key, _found in found.of("guide") if key)
    stores = {str(key): shop.name for key, shop in shops.by_id.items()}
    step = care.time_step(look.days)

    def when(key: str) -> str:
        on = date.fromisoformat(key)
        return showing.label(Days(on, on), step)

    named: list[tuple[By, str, str, Callable[[str], str]]] = [
        ("store", _("By store"), _("Store"), lambda key: stores.get(key, _("Without a store"))),
        (
            "guide",
            _("By guide"),
            _("Guide"),
            lambda key: guides.get(UUID(key), key) if key else _("Nobody named"),
        ),
        ("plan", _("By plan"), _("Plan"), words.plan),
        ("category", _("By category"), _("Category"), words.category),
        ("product", _("By product"), _("Product"), str),
        ("time", _("Over time"), showing.step_name(step), when),
    ]
    return [
        {
            "by": by,
            "title": title,
            "first": first,
            "define": words.DEFINITIONS.get({"category": "goods", "product": "goods"}.get(by, by)),
            "rows": [
                _part(name(key), each, look, order, _narrower(by, key))
                for key, each in found.of(by)[:_MOST_PARTS]
            ],
        }
        for by, title, first, name in named
        if not (by == "plan" and found.question.plan)
    ]


def _narrower(by: By, key: str) -> dict[str, str]:
    """Return what narrows a page to a part; a step of time and nobody's answers cannot be."""
    if not key or by == "time":
        return {}
    return {by: key}


def _part(
    name: str, found: Answers, look: Look, order: Sequence[str], narrower: dict[str, str]
) -> dict[str, Any]:
    shares = [(words.word(found.question, key), found.share(key)) for key in order]
    return {
        "name": name,
        "answered": found.answered,
        "is_enough": Share(0, found.answered).is_enough,
        "href": _narrowed(look, narrower),
        "mean": f"{found.mean:.1f}" if found.mean is not None else "",
        "shares": [(word, words.share(each), words.interval(each)) for word, each in shares],
    }


def _narrowed(look: Look, narrower: dict[str, str]) -> str:
    """Return the address of the rows of a part of the answers."""
    if not narrower:
        return ""
    query = {**look.narrowed_query, **narrower}
    if "store" not in narrower:
        return look.address("insights_care_rows", **query)
    within = replace(look, store_id=UUID(query.pop("store")), region_id=None)
    return within.address("insights_care_rows", **query)


@require_GET
@permissions.needs("insights.view")
def rows(request: HttpRequest) -> HttpResponse:
    """Show the follow-ups behind a figure; words of their own of those one may look after only."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    question = question_of(look)
    word = look.narrowed.get("word", "") if question else ""
    found = care_rows.page(
        asked=asked_of(look, place),
        question=question,
        word=word,
        within=look.actor.scope if question and question.is_text else None,
        after=_mark(request.GET.get("after", "")),
        limit=_SIZE + 1,
    )
    more, found = len(found) > _SIZE, found[:_SIZE]
    context = {
        **frame(look, shops, place, name="insights_care_rows"),
        "question": question,
        "title": words.question(question) if question else _("Follow-ups done"),
        "word": words.word(question, word) if question and word else "",
        "rows": [
            {
                **each,
                "said": said(question, each["row"].value),
                "shop": shops.by_id.get(each["row"].store_id),
            }
            for each in told(look, found)
        ],
        "back": look.address("insights_care", **_without(look, "ask", "word")),
        "files": look.files("care-rows"),
        "may_export": permissions.allows(look.actor, "insights.export"),
    }
    if more:
        at, key = found[-1].mark
        query = {**look.narrowed_query, "after": f"{at.isoformat()}~{key}"}
        context["next_url"] = look.address("insights_care_rows", **query)
    return render(request, "headoffice/care_rows.html", context)


def said(question: Any, value: Any) -> str:
    """Return an answer in words, several with commas."""
    if question is None or value is None:
        return ""
    several = value if isinstance(value, list) else [value]
    return "、".join(words.word(question, _as_word(each)) for each in several)


def _as_word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return money.count(int(value)) if value == int(value) else str(value)
    return str(value)


def _mark(text: str) -> care_rows.Mark | None:
    """Read where a page begins; one that somebody made up begins at the front."""
    at, tilde, key = text.partition("~")
    try:
        return (moments.read(at), UUID(key)) if tilde else None
    except ValueError:
        return None
