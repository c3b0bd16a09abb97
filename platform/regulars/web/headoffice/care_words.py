"""Questions, plans and answers of follow-ups in the reader's language, and how they are counted."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from regulars import registry
from regulars.insights.questions import SATISFACTION, Question
from regulars.insights.shares import LEAST, Share
from regulars.kit import FollowUp
from regulars.web import money

_GENERAL: Final[dict[str, str | Promise]] = {
    SATISFACTION: gettext_lazy("How satisfied they are with us, 1 to 5"),
    "liked": gettext_lazy("Do they like it?"),
    "comfortable": gettext_lazy("Is it comfortable to use?"),
    "question": gettext_lazy("What they ask"),
    "wants": gettext_lazy("What they would like"),
}
OUTCOMES: Final[dict[str, str | Promise]] = {
    "reached": gettext_lazy("Reached"),
    "not-reached": gettext_lazy("Not reached"),
    "sent": gettext_lazy("Sent"),
    "came": gettext_lazy("Came to the shop"),
    "done": gettext_lazy("Done"),
    "": gettext_lazy("Not said"),
}
DEFINITIONS: Final[dict[str, str | Promise]] = {
    "done": gettext_lazy(
        "Follow-ups finished in the period, on the day of their store. Those that were left out or "
        "that an event ended are not among them."
    ),
    "reached": gettext_lazy(
        "Follow-ups in which somebody spoke to the customer or the customer came, divided by those "
        "that ended with one of these or with “not reached”."
    ),
    "satisfied": gettext_lazy(
        "Customers who said 4 or 5, divided by those who said a number. One customer counts once "
        "for each follow-up in which they were asked."
    ),
    "mean": gettext_lazy("The mean of the numbers from 1 to 5 that customers said."),
    "share": gettext_lazy(
        "The share of those who answered the question. Behind it stands the range in which the "
        "share of all customers lies with 95 percent certainty (Wilson). Below 10 answers no share "
        "is shown. Where several answers may be given, shares add up to more than 100 percent."
    ),
    "goods": gettext_lazy(
        "The goods of the purchase that started the follow-up, or that the customer's possession "
        "came from. What concerns several goods counts for each of them."
    ),
    "guide": gettext_lazy("Who talked to the customer, whoever looks after them."),
}


def _language() -> str:
    return get_language() or "en"


def question(asked: Question) -> str:
    """Return what is asked."""
    if asked.field is not None:
        return asked.field.label.text(_language())
    return str(_GENERAL.get(asked.key, asked.key))


def about(asked: Question) -> str:
    """Return which follow-ups ask it."""
    if not asked.plan:
        return _("Every follow-up")
    return follow_up(asked.plan, asked.step)


def plan(key: str) -> str:
    """Return what a plan is called; by hand there is none."""
    if not key:
        return _("Planned by hand")
    titles = {each.key: each.title.text(_language()) for each in _plans()}
    return titles.get(key, key)


def step(plan_key: str, key: str) -> str:
    """Return what a step of a plan is called."""
    for each in _plans():
        if each.key == plan_key:
            for one in each.steps:
                if one.key == key:
                    return one.label.text(_language())
    return key


def follow_up(plan_key: str, step_key: str, *, title: str = "") -> str:
    """Return what a follow-up is called: plan and step, or what somebody named it by hand."""
    if plan_key:
        return f"{plan(plan_key)} · {step(plan_key, step_key)}"
    return f"{plan('')} · {title}" if title else plan("")


def category(key: str) -> str:
    """Return what a group of goods is called; a word of the till's own stays as it is."""
    found = next((each for each in registry.vertical().categories if each.key == key), None)
    return found.label.text(_language()) if found else key


def word(asked: Question, key: str) -> str:
    """Return an answer in words."""
    if asked.kind == "boolean":
        return {"yes": _("Yes"), "no": _("No")}.get(key, key)
    if asked.field is not None:
        for choice in asked.field.choices:
            if choice.key == key:
                return choice.label.text(_language())
    return key


def words_of(asked: Question, said: dict[str, int]) -> list[str]:
    """Return the answers in the order of the question; others that were given come last."""
    order: list[str] = []
    if asked.kind == "boolean":
        order = ["yes", "no"]
    elif asked.kind == "rating":
        low, high = asked.field.scale if asked.field else (1, 5)
        order = [str(n) for n in range(high, low - 1, -1)]
    elif asked.field is not None:
        order = [each.key for each in asked.field.choices if not each.retired or each.key in said]
    return [*order, *sorted(set(said) - set(order))]


def _plans() -> tuple[FollowUp, ...]:
    found: tuple[FollowUp, ...] = registry.vertical().follow_ups
    return found


def plans() -> list[tuple[str, str]]:
    """Return the plans one may choose from, as values and words."""
    return [(each.key, each.title.text(_language())) for each in registry.vertical().follow_ups]


def share(found: Share) -> str:
    """Write a share, or say that it is of too few."""
    if not found.is_enough or found.rate is None:
        return _("too few to say")
    return money.percent(found.rate, places=0)


def interval(found: Share) -> str:
    """Write the range in which a share lies; empty where there is none to tell."""
    if not found.is_enough:
        return ""
    low, high = found.interval
    return f"{money.percent(low, places=0)} – {money.percent(high, places=0)}"


def sample(found: Share) -> str:
    """Write of how many a share is."""
    return _("%(part)s of %(whole)s") % {
        "part": money.count(found.part),
        "whole": money.count(found.whole),
    }


assert LEAST == 10  # noqa: S101  (the definition above says so)
