"""The page of what complaints teach."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from regulars.insights.places import Map
from regulars.insights.selectors import mapping
from regulars.insights.selectors.complaints_lesson import Lesson
from regulars.insights.selectors.complaints_repeats import Repeats
from regulars.insights.selectors.complaints_times import Timed, Times
from regulars.insights.selectors.complaints_topics import Said, Topics
from regulars.insights.services import learning
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.tenancy import context as chains
from regulars.web import money
from regulars.web.headoffice import care_words, people, showing
from regulars.web.headoffice.looks import Look
from regulars.web.learning import asking, followed, tables, words
from regulars.web.learning.tables import rows

_DEFAULT = "90d"
_NO_CONTENT = 204


@require_GET
@permissions.needs("insights.view")
def page(request: HttpRequest) -> HttpResponse:
    """Show what complaints of a place and period teach.

    What takes long is worked out elsewhere meanwhile; the page asks until it is there.
    """
    look = Look.of(request, default=_DEFAULT)
    shops = mapping.map_of(look.actor.scope)
    place = look.place(shops)
    asked = asking.asked_of(look, place)
    found = learning.lesson(asked=asked, readable=asking.readable(look, place))
    if request.headers.get("HX-Request"):
        return _as_answer(found)
    context = {
        **asking.frame(look, shops, place, name="complaint_learning"),
        "found": found,
        "here": request.get_full_path(),
        "definitions": words.DEFINITIONS,
        "files": {
            what: look.files(f"complaint-{what}")
            for what in ("figures", "times", "topics", "repeats")
        },
    }
    if found is not None:
        context |= _shown(found, look, shops)
        if place.kind == "all" and look.actor.scope.everything and not look.narrowed_query:
            context["followed"] = followed.shown(look)
    return render(request, "learning/page.html", context)


def _as_answer(found: Lesson | None) -> HttpResponse:
    """Answer a page that waits: come again, or load yourself anew."""
    if found is None:
        return HttpResponse(status=_NO_CONTENT)
    return HttpResponse(headers={"HX-Refresh": "true"})


def _shown(found: Lesson, look: Look, shops: Map) -> dict[str, Any]:
    return {
        "is_empty": not found.splits.total.cases,
        "as_of": found.at if found.at != look.now else None,
        "figures": _figures(found, look),
        "chart": tables.over_time(found.splits),
        "chart_first": showing.step_name(found.splits.step),
        "tables": tables.tables(found.splits, look, shops),
        "times": _times(found.times, look, shops),
        "topics": [_topic(each, look, found.topics) for each in found.topics.topics],
        "new_words": [_topic(each, look, found.topics) for each in found.topics.words],
        "read": found.topics.read,
        "is_cut": found.topics.is_cut,
        **_repeats(found.repeats, look),
    }


def _figures(found: Lesson, look: Look) -> list[dict[str, Any]]:
    total, timed = found.splits.total, found.times.total
    currency = chains.current().currency
    reply, resolve = words.spread(timed.reply), words.spread(timed.resolve)
    return [
        _figure("cases", _("Complaints"), money.count(total.cases), rows(look)),
        _figure("rate", _("Per 1,000 purchases"), words.rate(found.splits.rate), rows(look),
                words.rate_interval(found.splits.rate)),
        _figure("reply", _("First answer within"), reply[0], rows(look),
                _nine_of_ten(reply[1], timed.reply.n)),
        _figure("resolve", _("Settled within"), resolve[0], rows(look, mark="settled"),
                _nine_of_ten(resolve[1], timed.resolve.n)),
        _share("late-reply", _("First answer late"), timed.late_share, look),
        _share("late", _("Settled late"), total.late_share, look),
        _share("reopened", _("Opened again"), total.reopened_share, look),
        _share("second-round", _("Second round"), total.second_share, look),
        _share("satisfied", _("Satisfied at the end"), total.satisfied_share, look),
        _figure("cost", _("Cost"), money.money(total.cost_minor, currency), rows(look, mark="cost"),
                _("%(count)s with costs") % {"count": money.count(total.costly)}),
    ]  # fmt: skip


def _nine_of_ten(time: str, n: int) -> str:
    if not time:
        return _("too few to say")
    return _("9 of 10: %(time)s · of %(count)s") % {"time": time, "count": money.count(n)}


def _share(key: str, label: str, found: Share, look: Look) -> dict[str, Any]:
    note = care_words.sample(found) if found.whole else ""
    if interval := care_words.interval(found):
        note = f"{note} · {interval}"
    value = "—" if not found.whole else care_words.share(found)
    return _figure(key, label, value, rows(look, mark=key) if found.part else "", note)


def _figure(key: str, label: str, value: str, href: str, compare: str = "") -> dict[str, Any]:
    define = words.DEFINITIONS[key]
    return {"label": label, "value": value, "href": href, "compare": compare, "define": define}


def _times(found: Timed, look: Look, shops: Map) -> list[dict[str, Any]]:
    """Return the times of all and of each store, those with most complaints first."""
    stores = sorted(found.stores.items(), key=lambda item: (-item[1].cases, str(item[0])))
    named = [
        (shop.name, {"store": str(key)}, each)
        for key, each in stores
        if (shop := shops.by_id.get(key))
    ]
    if len(named) > 1:
        named.insert(0, (_("All stores"), {}, found.total))
    return [_of_times(name, narrowed, each, look) for name, narrowed, each in named]


def _of_times(name: str, narrowed: dict[str, str], found: Times, look: Look) -> dict[str, Any]:
    return {
        "name": name,
        "href": rows(look, **narrowed),
        "cases": found.cases,
        "reply": words.spread(found.reply),
        "reply_wall": words.spread(found.reply_wall, by_wall=True),
        "replied": found.reply.n,
        "waiting": found.waiting,
        "waiting_href": rows(look, **narrowed, mark="waiting"),
        "resolve": words.spread(found.resolve),
        "resolve_wall": words.spread(found.resolve_wall, by_wall=True),
        "resolved": found.resolve.n,
        "resolved_href": rows(look, **narrowed, mark="settled"),
        "late": care_words.sample(found.late_share) if found.cases else "—",
        "late_href": rows(look, **narrowed, mark="late-reply") if found.late_replies else "",
    }


def _topic(said: Said, look: Look, topics: Topics) -> dict[str, Any]:
    share = Share(len(said.keys), topics.read)
    return {
        "words": said.words,
        "count": len(said.keys),
        "href": rows(look, topic=said.words[0]) if said.keys else "",
        "share": care_words.share(share),
        "interval": care_words.interval(share),
        "news": said.news,
        "late": _of(said.change.late, said.change.of_late),
        "before": _of(said.change.before, said.change.of_before),
    }


def _of(part: int, whole: int) -> str:
    return care_words.sample(Share(part, whole)) if whole else "—"


def _repeats(found: Repeats, look: Look) -> dict[str, Any]:
    names = people.customers(look.actor, (each.customer_id for each in found.persons))
    again = Share(found.again, found.people)
    return {
        "repeat_causes": [
            {
                "row": each,
                "product": tables.product(each.product, each.name),
                "cause": words.cause(each.cause),
                "href": rows(look, product=each.product, cause=each.cause),
            }
            for each in found.causes
        ],
        "repeat_persons": [
            {
                "row": each,
                "customer": names.get(each.customer_id),
                "href": rows(look, customer=str(each.customer_id)),
            }
            for each in found.persons
        ],
        "again": care_words.sample(again) if again.whole else "",
        "again_share": care_words.share(again),
        "again_href": rows(look, mark="again") if again.part else "",
    }
