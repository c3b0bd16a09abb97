"""Results of care: what customers answered in follow-ups, and the rows behind each answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars import registry
from regulars.errors import NotFound
from regulars.insights import questions
from regulars.insights.places import Map, Place
from regulars.insights.questions import SATISFACTION, Question
from regulars.insights.selectors import care, care_rows, mapping
from regulars.insights.selectors.care import Answers, Asked, Results
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.web import money
from regulars.web.headoffice import care_words as words
from regulars.web.headoffice import people, sections, showing
from regulars.web.headoffice.looks import Look

_TEXTS: Final = ("question", "wants")
_TEXTS_SHOWN: Final = 8
_TRIED: Final = ("reached", "not-reached", "came")
_REACHED: Final = ("reached", "came")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One answer to a question: how many gave it, and the address of who they are."""

    word: str
    count: int
    share: str
    interval: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One question with its answers."""

    id: str
    title: str
    about: str
    answered: int
    href: str
    lines: Sequence[Line]
    largest: int
    mean: str = ""


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show what customers answered in the follow-ups of a place and period."""
    look = Look.of(request, default="90d")
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    asked = asked_of(look, place)
    found = care.of_place(asked=asked)
    context = {
        **frame(look, shops, place, name="insights_care"),
        "found": found,
        "figures": _figures(found, look),
        "satisfaction": asking(found.satisfaction, look),
        "chart": _satisfied_over_time(found),
        "chart_first": showing.step_name(found.step),
        "general": _askings(found, look, of_plans=False),
        "of_plans": _askings(found, look, of_plans=True),
        "own_words": _own_words(asked, look),
        "talks": _talks(found, look),
        "files": look.files("care"),
        "may_export": permissions.allows(look.actor, "insights.export"),
    }
    return render(request, "headoffice/care.html", context)


def asked_of(look: Look, place: Place) -> Asked:
    """Return what a look asks of the follow-ups."""
    return Asked(
        place=place,
        days=look.days,
        with_rest=place.kind == "all" and look.actor.scope.everything,
        plan=look.narrowed.get("plan", ""),
        guide_id=look.guide_id,
        category=look.narrowed.get("category", ""),
        product=look.narrowed.get("product", ""),
    )


def question_of(look: Look) -> Question | None:
    """Return the question of the address, if it names one. Raises NotFound for one nobody asks."""
    if not (key := look.narrowed.get("ask", "")):
        return None
    found = questions.find(key, registry.vertical())
    if found is None:
        raise NotFound
    return found


def frame(look: Look, shops: Map, place: Place, *, name: str) -> dict[str, Any]:
    """Return what every page of results needs: places, and what narrows it."""
    kept = {
        name: text for name, text in look.narrowed_query.items() if name not in ("plan", "word")
    }
    return {
        "place": "insights",
        "look": look,
        "where": place.name or _("All stores"),
        "tabs": sections.tabs(look, current=name),
        "choices": sections.choices(shops),
        "plans": words.plans(),
        "hidden": kept,
        "chips": _chips(look, name),
        "definitions": words.DEFINITIONS,
    }


def _chips(look: Look, name: str) -> list[tuple[str, str]]:
    """Return what narrows the page besides its form, each with the address without it."""
    told: dict[str, str] = {}
    if look.guide_id:
        told["guide"] = people.guides([look.guide_id]).get(look.guide_id, "")
    if category := look.narrowed.get("category"):
        told["category"] = words.category(category)
    if product := look.narrowed.get("product"):
        told["product"] = product
    query = look.narrowed_query
    return [
        (text, look.address(name, **{each: query[each] for each in query if each != key}))
        for key, text in told.items()
    ]


def asking(found: Answers, look: Look) -> Asking:
    """Return a question with its answers as a page shows it."""
    question = found.question
    narrowed = {**look.narrowed_query, "ask": question.id}
    shares = {key: found.share(key) for key in words.words_of(question, dict(found.said))}
    lines = [
        Line(
            word=words.word(question, key),
            count=share.part,
            share=words.share(share),
            interval=words.interval(share),
            href=look.address("insights_care_rows", **{**narrowed, "word": key}),
        )
        for key, share in shares.items()
    ]
    return Asking(
        id=question.id,
        title=words.question(question),
        about=words.about(question),
        answered=found.answered,
        href=look.address("insights_question", **narrowed),
        lines=lines if question.is_counted else [],
        largest=max((each.count for each in lines), default=0),
        mean=f"{found.mean:.1f}" if found.mean is not None and found.answered else "",
    )


def _askings(found: Results, look: Look, *, of_plans: bool) -> list[Asking]:
    """Return the questions that were answered, in the order in which they are asked."""
    known = [*questions.general().values(), *questions.declared(registry.vertical()).values()]
    return [
        asking(found.answers[each.id], look)
        for each in known
        if each.id in found.answers
        and each.id not in (SATISFACTION, *_TEXTS)
        and bool(each.plan) is of_plans
    ]


def _figures(found: Results, look: Look) -> list[dict[str, Any]]:
    outcomes = [(outcome, n) for talk in found.talks for outcome, n in talk.outcomes.items()]
    tried = sum(n for outcome, n in outcomes if outcome in _TRIED)
    reached = Share(sum(n for outcome, n in outcomes if outcome in _REACHED), tried)
    mean = found.satisfaction.mean
    rated = {**look.narrowed_query, "ask": SATISFACTION}
    return [
        _figure("done", _("Follow-ups done"), money.count(found.done), look.address(
            "insights_care_rows", **look.narrowed_query)),
        _figure("reached", _("Reached"), words.share(reached), "", words.sample(reached)),
        _figure("mean", _("Satisfaction"), "—" if mean is None else f"{mean:.1f}", look.address(
            "insights_question", **rated), _("of 5")),
        _figure("satisfied", _("Satisfied"), words.share(found.satisfied), look.address(
            "insights_care_rows", **rated), words.sample(found.satisfied)),
    ]  # fmt: skip


def _figure(key: str, label: str, value: str, href: str, compare: str = "") -> dict[str, Any]:
    definition = words.DEFINITIONS[key]
    return {"label": label, "value": value, "href": href, "compare": compare, "define": definition}


def _satisfied_over_time(found: Results) -> dict[str, Any]:
    shares = [Share(each.satisfied, each.rated) for each in found.series]
    return {
        "kind": "line",
        "labels": [showing.label(each.days, found.step) for each in found.series],
        "series": [
            {
                "name": _("Satisfied (4 or 5)"),
                "values": [each.rate if each.is_enough else None for each in shares],
            }
        ],
    }


def _talks(found: Results, look: Look) -> list[dict[str, Any]]:
    return [
        {
            "plan": words.plan(each.plan),
            "step": words.step(each.plan, each.step),
            "done": each.done,
            "outcomes": [(words.OUTCOMES.get(key, key), n) for key, n in each.outcomes.items()],
            "href": look.address(
                "insights_care_rows", **{**look.narrowed_query, "plan": each.plan}
            ) if each.plan else "",
        }
        for each in found.talks
    ]  # fmt: skip


def _own_words(asked: Asked, look: Look) -> list[dict[str, Any]]:
    """Return the newest of what customers said in words of their own, question by question."""
    found = {
        key: care_rows.page(
            asked=asked,
            question=questions.general()[key],
            within=look.actor.scope,
            limit=_TEXTS_SHOWN + 1,
        )
        for key in _TEXTS
    }
    rows = told(look, [each for key in _TEXTS for each in found[key][:_TEXTS_SHOWN]])
    split = len(found[_TEXTS[0]][:_TEXTS_SHOWN])
    return [
        {
            "title": words.question(questions.general()[key]),
            "rows": shown,
            "more": len(found[key]) > _TEXTS_SHOWN,
            "href": look.address("insights_care_rows", **{**look.narrowed_query, "ask": key}),
        }
        for key, shown in zip(_TEXTS, (rows[:split], rows[split:]), strict=True)
    ]


def told(look: Look, found: Sequence[care_rows.Row]) -> list[dict[str, Any]]:
    """Return rows with their names. Two statements."""
    names = people.customers(look.actor, (each.customer_id for each in found))
    guides = people.guides(each.guide_id for each in found)
    return [
        {
            "row": each,
            "customer": names.get(each.customer_id),
            "guide": guides.get(each.guide_id, "") if each.guide_id else "",
            "about": words.follow_up(each.plan, each.step),
            "outcome": words.OUTCOMES.get(each.outcome, each.outcome),
        }
        for each in found
    ]
