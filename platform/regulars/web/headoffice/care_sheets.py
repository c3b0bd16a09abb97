"""Results of care and scorecards as files."""

from collections.abc import Callable, Iterator, Mapping
from itertools import batched
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.imports.writing.sheets import Cell, Line, Sheet
from regulars.insights.places import Map, Place
from regulars.insights.selectors import care, care_rows, scorecard
from regulars.insights.selectors.scorecard import Card
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.web.headoffice import cards, people
from regulars.web.headoffice import care_words as words
from regulars.web.headoffice.care import asked_of, question_of
from regulars.web.headoffice.care_behind import said
from regulars.web.headoffice.looks import Look

_AT_ONCE: Final = 500


def _answers(look: Look, found: Map, place: Place) -> Sheet:
    """Return every answer that can be counted, with its share and the range it lies in."""
    results = care.of_place(asked=asked_of(look, place))

    def lines() -> Iterator[Line]:
        for each in results.answers.values():
            question = each.question
            named = [words.about(question), words.question(question)]
            if not question.is_counted:
                yield [*named, "", each.answered, each.answered, None, None, None, each.mean]
                continue
            for key in words.words_of(question, dict(each.said)):
                share = each.share(key)
                yield [
                    *named, words.word(question, key), share.part, share.whole,
                    *_bounds(share), each.mean,
                ]  # fmt: skip

    headings = [
        _("Follow-up"), _("Question"), _("Answer"), _("How many"), _("Answers"), _("Share"),
        _("At least"), _("At most"), _("On average"),
    ]  # fmt: skip
    return Sheet(title=_("Results of care"), headings=headings, lines=lines())


def _bounds(found: Share) -> list[Cell]:
    """Return a share and its range; nothing of too few."""
    if not found.is_enough:
        return [None, None, None]
    return [found.rate, *found.interval]


def _rows(look: Look, found: Map, place: Place) -> Sheet:
    """Return the follow-ups behind a figure; words of customers go with their names only (P5)."""
    named = permissions.allows(look.actor, "customers.export")
    question = question_of(look)
    is_text = question is not None and question.is_text

    def lines() -> Iterator[Line]:
        every = care_rows.every(
            asked=asked_of(look, place),
            question=question,
            word=look.narrowed.get("word", "") if question else "",
            within=look.actor.scope if is_text else None,
        )
        for some in batched(every, _AT_ONCE, strict=False):
            names = people.customers(look.actor, (each.customer_id for each in some))
            guides = people.guides(each.guide_id for each in some)
            for each in some:
                who = names.get(each.customer_id)
                shop = found.by_id.get(each.store_id) if each.store_id else None
                told = "" if is_text and not named else said(question, each.value)
                yield [
                    str(each.id), each.day, who.text if who and named else "",
                    who.member_code if who else "", words.plan(each.plan),
                    words.step(each.plan, each.step), str(words.OUTCOMES.get(each.outcome, "")),
                    told, each.satisfaction, shop.name if shop else "",
                    guides.get(each.guide_id, "") if each.guide_id else "",
                ]  # fmt: skip

    headings = [
        _("Our number"), pgettext("column", "Day"), _("Customer"), _("Member code"), _("Plan"),
        _("Step"), _("Result"), words.question(question) if question else _("Answer"),
        _("Satisfaction"), _("Store"), _("Guide"),
    ]  # fmt: skip
    return Sheet(title=_("Follow-ups"), headings=headings, lines=lines())


def _guides(look: Look, found: Map, place: Place) -> Sheet:
    made = scorecard.of(whose=cards.whose(look, found), days=look.days, now=look.now)
    names = people.guides(made.guides)
    lines: list[Line] = [
        [str(key), names.get(key, ""), *_card(card)] for key, card in made.guides.items() if key
    ]
    headings = [_("Our number"), _("Guide"), *_card_headings()]
    return Sheet(title=_("Scorecard"), headings=headings, lines=lines)


def _stores(look: Look, found: Map, place: Place) -> Sheet:
    made = scorecard.of(whose=cards.whose(look, found), days=look.days, now=look.now)
    lines: list[Line] = [
        [shop.code, shop.name, *_card(made.stores[shop.id])]
        for shop in found.shops
        if shop.id in made.stores
    ]
    headings = [_("Store number"), _("Store"), *_card_headings()]
    return Sheet(title=_("Scorecard of stores"), headings=headings, lines=lines)


def _card_headings() -> list[str]:
    return [
        _("Due"), _("Done"), _("On time"), _("Answers about satisfaction"), _("Satisfaction"),
        _("Satisfied"), _("Regulars"), _("Customers kept"), _("Contacts"), _("Beyond the budget"),
        _("Messages received"), _("Answered"), _("Answered quickly"),
        _("Complaints received"), _("Complaints resolved"),
    ]  # fmt: skip


def _card(card: Card) -> list[Cell]:
    return [
        card.due, card.done, card.on_time, card.rated, card.mean, card.satisfied, card.regulars,
        card.kept, card.contacts, card.flagged, card.messages, card.answered, card.quickly,
        card.complaints, card.resolved,
    ]  # fmt: skip


MAKERS: Final[Mapping[str, Callable[[Look, Map, Place], Sheet]]] = {
    "care": _answers,
    "care-rows": _rows,
    "scorecard": _guides,
    "scorecard-stores": _stores,
}
