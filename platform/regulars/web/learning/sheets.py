"""What complaints teach as files: figures, times, topics, repeats, and the complaints behind."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import batched
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from regulars.errors import Unavailable
from regulars.imports.writing.sheets import Cell, Line, Sheet
from regulars.insights.places import Map, Place
from regulars.insights.quantiles import Spread
from regulars.insights.selectors import complaints_rows
from regulars.insights.selectors.complaints import Counted, Part
from regulars.insights.selectors.complaints_lesson import Lesson
from regulars.insights.selectors.complaints_rows import Row
from regulars.insights.selectors.complaints_times import Times
from regulars.insights.services import learning
from regulars.insights.shares import Share
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web import money
from regulars.web.headoffice import people
from regulars.web.headoffice.looks import Look
from regulars.web.learning import asking, tables, words
from regulars.web.learning.behind import narrowed

_AT_ONCE: Final = 500


class NotWorkedOut(Unavailable):
    """The figures are being worked out by the worker."""

    code = "lesson-not-ready"
    sentence = gettext_lazy(
        "These figures are being worked out. Please try again in a minute; nothing was changed."
    )


def _lesson(look: Look, place: Place) -> Lesson:
    asked = asking.asked_of(look, place)
    found = learning.lesson(asked=asked, readable=asking.readable(look, place))
    if found is None:
        raise NotWorkedOut
    return found


def _figures(look: Look, found: Map, place: Place) -> Sheet:
    """Return every part of every split in one long table, as programs like it."""
    splits = _lesson(look, place).splits
    names = tables.named(splits, found)
    titles: dict[str, str] = {
        "store": _("Store"), "kind": _("Kind"), "cause": _("Cause"), "product": _("Product"),
        "batch": _("Batch"), "seller": _("Guide"), "severity": _("Severity"),
        "raised": _("How it reached us"), "store-cause": _("Store and cause"),
        "time": _("Over time"),
    }  # fmt: skip

    def lines() -> Iterator[Line]:
        whole = Part(keys=("",), counted=splits.total, sold=splits.sold)
        yield [_("All"), "", *_cells(whole)]
        for by, title in titles.items():
            for part in splits.of(by):  # type: ignore[arg-type]
                yield [title, names[by](part), *_cells(part)]  # type: ignore[index]

    headings = [
        _("Split by"), _("Part"), _("Complaints"), _("Purchases"), _("Per 1,000 purchases"),
        _("At least"), _("At most"), _("Settled"), _("Settled late"), _("Opened again"),
        _("Second round"), _("Said whether satisfied"), _("Satisfied at the end"),
        _("Share satisfied"), _("At least"), _("At most"), _("Cost"),
    ]  # fmt: skip
    return Sheet(title=_("Complaints"), headings=headings, lines=lines())


def _cells(part: Part) -> list[Cell]:
    counted: Counted = part.counted
    rate = part.rate
    rated: list[Cell] = [None, None, None]
    if rate is not None and rate.interval is not None:
        rated = [rate.value, *rate.interval]
    return [
        counted.cases, part.sold, *rated, counted.settled, counted.late, counted.reopened,
        counted.second_rounds, counted.judged, counted.satisfied,
        *_bounds(counted.satisfied_share), _major(counted.cost_minor),
    ]  # fmt: skip


def _bounds(found: Share) -> list[Cell]:
    """Return a share and its range; nothing of too few."""
    return [found.rate, *found.interval] if found.is_enough else [None, None, None]


def _times(look: Look, found: Map, place: Place) -> Sheet:
    timed = _lesson(look, place).times
    named: list[tuple[str, str, Times]] = [("", _("All stores"), timed.total)]
    named += [
        (shop.code, shop.name, timed.stores[shop.id])
        for shop in found.shops
        if shop.id in timed.stores
    ]
    lines: list[Line] = [
        [
            code, name, each.cases, each.waiting, each.late_replies, each.reply.n,
            *_minutes(each.reply), *_minutes(each.reply_wall), each.resolve.n,
            *_minutes(each.resolve), *_minutes(each.resolve_wall),
        ]
        for code, name, each in named
    ]  # fmt: skip
    opening, wall = _("opening minutes"), _("minutes by the wall")
    first, settled = _("First answer"), _("Settled")
    headings = [
        _("Store number"), _("Store"), _("Complaints"), _("Waiting for the first answer"),
        _("First answer late"), _("Answered"),
        *_of_ten(first, opening), *_of_ten(first, wall), _("Settled"),
        *_of_ten(settled, opening), *_of_ten(settled, wall),
    ]  # fmt: skip
    return Sheet(title=_("How long complaints took"), headings=headings, lines=lines)


def _of_ten(what: str, unit: str) -> list[str]:
    given = {"what": what, "unit": unit}
    return [_("%(what)s: half within, %(unit)s") % given, _("%(what)s: 9 of 10, %(unit)s") % given]


def _minutes(found: Spread) -> list[Cell]:
    return [
        None if seconds is None else Decimal(round(seconds / 6)) / 10
        for seconds in (found.half, found.most)
    ]


def _topics(look: Look, found: Map, place: Place) -> Sheet:
    topics = _lesson(look, place).topics
    news = {"new": _("New trouble"), "growing": _("Growing"), "": ""}
    lines: list[Line] = [
        [
            " ".join(each.words), len(each.keys), topics.read,
            *_bounds(Share(len(each.keys), topics.read)), each.change.late, each.change.of_late,
            each.change.before, each.change.of_before, news[each.news],
        ]
        for each in (*topics.topics, *topics.words)
    ]  # fmt: skip
    headings = [
        _("Topic"), _("Complaints"), _("Complaints read"), _("Share"), _("At least"), _("At most"),
        _("Last 30 days"), _("Of complaints in them"), _("180 days before"),
        _("Of complaints in those"), _("News"),
    ]  # fmt: skip
    return Sheet(title=_("What customers say"), headings=headings, lines=lines)


def _repeats(look: Look, found: Map, place: Place) -> Sheet:
    repeats = _lesson(look, place).repeats
    lines: list[Line] = [
        [
            each.product, each.name, words.cause(each.cause), each.cases, each.stores, each.batches,
            each.last_day, _major(each.cost_minor),
        ]
        for each in repeats.causes
    ]  # fmt: skip
    headings = [
        _("Product number"), _("Product"), _("Cause"), _("Complaints"), _("Stores"), _("Batches"),
        _("Last time"), _("Cost"),
    ]  # fmt: skip
    return Sheet(title=_("Causes that come back"), headings=headings, lines=lines)


def _rows(look: Look, found: Map, place: Place) -> Sheet:
    """Return the complaints behind a figure; without names for who may not export them (P5)."""
    named = permissions.allows(look.actor, "customers.export")
    asked = narrowed(look, place)
    if asked is None:
        raise NotWorkedOut

    def lines() -> Iterator[Line]:
        for some in batched(complaints_rows.every(asked=asked), _AT_ONCE, strict=False):
            yield from _told(look, found, some, named=named)

    who = [_("Customer"), _("Member code")] if named else [_("Member code")]
    headings = [
        _("Our number"), _("Complaint number"), pgettext("column", "Day"), _("Store"), *who,
        _("Kind"), _("Title"), _("Severity"), _("State"), _("Product number"), _("Product"),
        _("Batch"), _("Cause"), _("Owner"), _("Sold by"), _("Satisfied"), _("Late"), _("Cost"),
    ]  # fmt: skip
    return Sheet(title=_("Complaints"), headings=headings, lines=lines())


def _told(look: Look, found: Map, some: Sequence[Row], *, named: bool) -> Iterator[Line]:
    names = people.customers(look.actor, (each.customer_id for each in some))
    guides = people.guides(who for each in some for who in (each.owner_id, each.seller_id))
    for each in some:
        who = names.get(each.customer_id) if each.customer_id else None
        code = who.member_code if who else ""
        shop = found.by_id.get(each.store_id)
        satisfied = {True: _("Yes"), False: _("No")}.get(each.satisfied, "")  # type: ignore[arg-type]
        yield [
            str(each.id), each.number, each.day, shop.name if shop else "",
            *([who.text if who else "", code] if named else [code]),
            words.kind(each.template), each.title if named else "", words.severity(each.severity),
            words.state(each), each.product_code, each.product_name, each.batch,
            words.cause(each.cause),
            guides.get(each.owner_id, "") if each.owner_id else "",
            guides.get(each.seller_id, "") if each.seller_id else "", satisfied,
            _("Late") if each.is_late else "", _major(each.cost_minor),
        ]  # fmt: skip


def _major(minor: int) -> Decimal:
    return money.major(minor, context.current().currency)


MAKERS: Final[Mapping[str, Callable[[Look, Map, Place], Sheet]]] = {
    "complaint-figures": _figures,
    "complaint-times": _times,
    "complaint-topics": _topics,
    "complaint-repeats": _repeats,
    "complaint-rows": _rows,
}
