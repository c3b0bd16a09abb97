"""Results of surveys: scores with their sample, and the way to the answers behind each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.insights.periods import Days
from regulars.insights.places import Map
from regulars.insights.selectors import care, mapping, surveys, surveys_rows
from regulars.insights.selectors.surveys import By, Part, Results
from regulars.insights.selectors.surveys_asking import CSAT, DIMENSIONS, NPS
from regulars.insights.selectors.surveys_rows import Wanted
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.surveys import declared
from regulars.web import money
from regulars.web.headoffice import care_words, people, showing
from regulars.web.headoffice.care import Asking, Line
from regulars.web.headoffice.looks import Look
from regulars.web.surveys import looking, rows, words

_TEXTS_SHOWN: Final = 8
_UNSEEN_SHOWN: Final = 5
_MOST_PARTS: Final = 100  # in one table


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show what customers of a place and period think of us."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    asked = looking.asked_of(look, place)
    found = surveys.of_place(asked=asked)
    unseen = surveys_rows.page(
        asked=asked, wanted=Wanted(unseen=True, within=look.actor.scope), limit=_UNSEEN_SHOWN + 1
    )
    texts = surveys_rows.page(
        asked=asked, wanted=Wanted(words=True, within=look.actor.scope), limit=_TEXTS_SHOWN + 1
    )
    told = rows.told(look, [*unseen[:_UNSEEN_SHOWN], *texts[:_TEXTS_SHOWN]], shops)
    context = {
        **looking.frame(look, shops, place, name="surveys"),
        "found": found.all,
        "figures": _figures(found.all, look),
        "dimensions": dimensions(found.all, look),
        "chart": _over_time(found, look),
        "chart_first": showing.step_name(care.time_step(look.days)),
        "unseen": told[: len(unseen[:_UNSEEN_SHOWN])],
        "more_unseen": len(unseen) > _UNSEEN_SHOWN,
        "unseen_url": looking.rows(look, only="unseen"),
        "own_words": told[len(unseen[:_UNSEEN_SHOWN]) :],
        "more_words": len(texts) > _TEXTS_SHOWN,
        "words_url": looking.rows(look, only="words"),
        "askings": askings(surveys.said(asked=asked), look),
        "tables": [each for each in _tables(found, look, shops) if each["rows"]],
        "columns": [str(words.FIGURES[each]) for each in DIMENSIONS],
        "files": look.files("surveys"),
        "may_export": permissions.allows(look.actor, "insights.export"),
        "may_set": permissions.allows(look.actor, "rules.manage"),
    }
    return render(request, "surveys/results.html", context)


def _figures(found: Part, look: Look) -> list[dict[str, Any]]:
    nps, csat = found.nps, found.csat
    figures = [
        _figure("answers", _("Answers"), money.count(found.answered), looking.rows(look)),
        _figure("response", _("Response"), care_words.share(found.response), "",
                care_words.sample(found.response) if found.asked else ""),
    ]  # fmt: skip
    if nps.whole:
        figures.append(
            _figure("nps", str(words.FIGURES[NPS]), words.balance(nps),
                    looking.rows(look, figure=NPS), _sample(nps.whole, words.balance_interval(nps)))
        )  # fmt: skip
    if csat.whole or not nps.whole:
        figures.append(
            _figure("csat", str(words.FIGURES[CSAT]), care_words.share(csat),
                    looking.rows(look, figure=CSAT) if csat.whole else "",
                    _sample(csat.whole, care_words.interval(csat)))
        )  # fmt: skip
    return figures


def _figure(key: str, label: str, value: str, href: str, compare: str = "") -> dict[str, Any]:
    definition = words.DEFINITIONS[key]
    return {"label": label, "value": value, "href": href, "compare": compare, "define": definition}


def _sample(whole: int, interval: str) -> str:
    """Write the range of a score and of how many answers it is."""
    told = _("%(count)s answers") % {"count": money.count(whole)}
    return f"{interval} · {told}" if interval else told


def dimensions(found: Part, look: Look) -> list[dict[str, Any]]:
    """Return the six dimensions as rows: share, range, sample, and the ways to the answers."""
    return [
        {
            "name": str(words.FIGURES[key]),
            "share": care_words.share(found.share(key)),
            "rate": found.share(key).rate if found.share(key).is_enough else None,
            "interval": care_words.interval(found.share(key)),
            "whole": found.share(key).whole,
            "href": looking.rows(look, figure=key),
            "down": found.marks[key].down if key in found.marks else 0,
            "down_href": looking.rows(look, figure=key, mark="down"),
        }
        for key in DIMENSIONS
        if found.share(key).whole
    ]


def _over_time(found: Results, look: Look) -> dict[str, Any] | None:
    """Return the shares of those for over time; a step with too few answers is a gap."""
    parts = found.of("time")
    if len(parts) < 2:
        return None
    step = care.time_step(look.days)
    labels = [showing.label(_on(key), step) for key, _part in parts]
    series = []
    if found.all.nps.is_enough:
        values = [part.nps.rate if part.nps.is_enough else None for _key, part in parts]
        series.append({"name": _("NPS"), "values": values})
    if found.all.csat.is_enough:
        values = [_rate(part.csat) for _key, part in parts]
        series.append({"name": _("Satisfied"), "values": values})
    return {"kind": "line", "labels": labels, "series": series} if series else None


def _rate(share: Share) -> float | None:
    return share.rate if share.is_enough else None


def _on(key: str) -> Days:
    on = date.fromisoformat(key)
    return Days(on, on)


def askings(
    said: Mapping[tuple[str, str], Mapping[str, int]], look: Look
) -> list[tuple[str, list[Asking]]]:
    """Return each survey with its questions and how often each answer was given."""
    found = []
    for survey in declared.every():
        asked = [
            _asking(
                survey.key, words.question(survey.key, field), said[survey.key, field.key], look
            )
            for field in survey.questions
            if (survey.key, field.key) in said
        ]
        if asked:
            found.append((survey.title.text(words.language()), asked))
    return found


def _asking(survey: str, question: Any, counts: Mapping[str, int], look: Look) -> Asking:
    answered = sum(counts.values())
    folded: dict[str, int] = {}
    for word, number in counts.items():
        key = {"true": "yes", "false": "no"}.get(word, word)
        folded[key] = folded.get(key, 0) + number
    narrowed = {"survey": survey, "ask": question.key}
    spelled = {"yes": "true", "no": "false"} if question.kind == "boolean" else {}
    lines = [
        Line(
            word=care_words.word(question, key),
            count=folded.get(key, 0),
            share=care_words.share(Share(folded.get(key, 0), answered)),
            interval=care_words.interval(Share(folded.get(key, 0), answered)),
            href=looking.rows(look, **narrowed, word=spelled.get(key, key)),
        )
        for key in care_words.words_of(question, folded)
    ]
    return Asking(
        id=f"{survey}.{question.key}",
        title=question.field.label.text(words.language()),
        about=str(words.FIGURES.get(question.field.about, "")),
        answered=answered,
        href=looking.rows(look, **narrowed),
        lines=lines,
        largest=max((each.count for each in lines), default=0),
    )


def _tables(found: Results, look: Look, shops: Map) -> list[dict[str, Any]]:
    guides = people.guides(UUID(key) for key, _part in found.of("guide") if key)
    step = care.time_step(look.days)

    def store(key: str) -> str:
        return shops.by_id[UUID(key)].name if key else _("Without a store")

    def guide(key: str) -> str:
        return guides.get(UUID(key), "") if key else _("Nobody named")

    named: list[tuple[By, str, str, Any]] = [
        ("survey", _("By survey"), _("Survey"), words.survey),
        ("store", _("By store"), _("Store"), store),
        ("guide", _("By guide"), _("Guide"), guide),
        ("product", _("By product"), _("Product"), str),
        ("time", _("Over time"), showing.step_name(step),
         lambda key: showing.label(_on(key), step)),
    ]  # fmt: skip
    return [
        {
            "by": by,
            "title": title,
            "first": first,
            "define": words.DEFINITIONS.get(by),
            "rows": [
                _part(name(key), part, look, by, key) for key, part in found.of(by)[:_MOST_PARTS]
            ],
        }
        for by, title, first, name in named
        if not (by == "survey" and look.narrowed.get("survey"))
    ]


def _part(name: str, part: Part, look: Look, by: By, key: str) -> dict[str, Any]:
    return {
        "name": name,
        "answered": part.answered,
        "href": _narrowed(look, by, key),
        "response": _cell(part.response) if part.asked else "",
        "nps": part.nps,
        "nps_text": words.balance(part.nps) if part.nps.is_enough else _("Few"),
        "nps_interval": words.balance_interval(part.nps),
        "csat": part.csat,
        "csat_text": _cell(part.csat),
        "csat_interval": care_words.interval(part.csat),
        "shares": [
            (str(words.FIGURES[each]), part.share(each), _cell(part.share(each)))
            for each in DIMENSIONS
        ],
    }


def _cell(found: Share) -> str:
    """Write a share into a table, whose cells are narrow."""
    return care_words.share(found) if found.is_enough else _("Few")


def _narrowed(look: Look, by: By, key: str) -> str:
    """Return the address of the answers of a part; a step of time and nobody's cannot be named."""
    if not key or by == "time":
        return ""
    if by != "store":
        return looking.rows(look, **{by: key})
    within = replace(look, store_id=UUID(key), region_id=None)
    return within.address("survey_rows", **look.narrowed_query)
