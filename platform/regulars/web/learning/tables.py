"""Splits of complaints as tables: names, figures, and the rows behind each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from regulars.insights.periods import Days, steps
from regulars.insights.places import Map
from regulars.insights.selectors.complaints import By, Part, Splits
from regulars.insights.selectors.complaints_asking import NOTHING
from regulars.web.headoffice import care_words, people, showing
from regulars.web.headoffice.looks import Look
from regulars.web.learning import words

_MOST: Final = 15  # rows of a table on the page; a file has them all
_MOST_STEPS: Final = 120


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row of a table."""

    name: str
    cases: int
    href: str
    rate: str
    interval: str
    is_few: bool
    differs: int
    late: str
    late_href: str
    satisfied: str
    satisfied_note: str
    satisfied_href: str
    cost_minor: int
    cost_href: str


def tables(found: Splits, look: Look, shops: Map) -> list[dict[str, Any]]:
    """Return the tables of the page; one statement for the names of guides."""
    names = named(found, shops)
    kinds: list[tuple[By, str, str]] = [
        ("store", _("By store"), _("Store")),
        ("kind", _("By kind"), _("Kind")),
        ("cause", _("By cause"), _("Cause")),
        ("product", _("By product"), _("Product")),
        ("batch", _("By batch"), _("Batch")),
        ("seller", _("By guide"), _("Guide")),
        ("severity", _("By severity"), _("Severity")),
        ("raised", _("By how it reached us"), _("Raised")),
        ("store-cause", _("Cost by store and cause"), _("Store and cause")),
        ("time", _("Over time"), showing.step_name(found.step)),
    ]
    made = []
    last_days = {each.first: each.last for each in steps(look.days, found.step)}
    for by, title, first in kinds:
        parts = _worth_showing(by, found.of(by))
        if not parts:
            continue
        made.append(
            {
                "by": by,
                "title": title,
                "first": first,
                "define": words.DEFINITIONS.get(by),
                "has_rate": any(each.sold is not None for each in parts),
                "rows": [
                    line(each, names[by](each), _way(by, each, look, last_days))
                    for each in parts[: _MOST_STEPS if by == "time" else _MOST]
                ],
                "hidden": 0 if by == "time" else max(0, len(parts) - _MOST),
                "largest": max(each.counted.cases for each in parts),
            }
        )
    return made


def _worth_showing(by: By, parts: Sequence[Part]) -> list[Part]:
    """Leave out a table that says nothing: no batch named, no costs."""
    if by == "store-cause":
        return [each for each in parts if each.counted.cost_minor]
    if by in ("product", "seller", "cause") and not any(each.keys[0] for each in parts):
        return []
    return list(parts)


def named(found: Splits, shops: Map) -> dict[By, Callable[[Part], str]]:
    """Return how the parts of each kind are called; one statement."""
    guides = people.guides(UUID(each.keys[0]) for each in found.of("seller") if each.keys[0])
    stores = {str(key): shop.name for key, shop in shops.by_id.items()}

    def store(part: Part) -> str:
        return stores.get(part.keys[0], "")

    def cause(text: str) -> str:
        return words.cause(text) or words.narrowed("cause", NOTHING)

    def when(part: Part) -> str:
        on = date.fromisoformat(part.keys[0])
        return showing.label(Days(on, on), found.step)

    return {
        "store": store,
        "kind": lambda part: words.kind(part.keys[0]),
        "cause": lambda part: cause(part.keys[0]),
        "product": lambda part: product(part.keys[0], part.name),
        "batch": lambda part: f"{product(part.keys[0], part.name)} · {part.keys[1]}",
        "seller": lambda part: (
            guides.get(UUID(part.keys[0]), "") if part.keys[0] else _("No purchase named")
        ),
        "severity": lambda part: words.severity(part.keys[0]),
        "raised": lambda part: words.raised(part.keys[0]),
        "time": when,
        "store-cause": lambda part: f"{store(part)} · {cause(part.keys[1])}",
    }


def product(key: str, name: str) -> str:
    """Return what a product is called: its name with its code, or that none was named."""
    if not key:
        return words.narrowed("product", NOTHING)
    return f"{name} ({key})" if name and name != key else key


def narrower(by: By, part: Part) -> dict[str, str]:
    """Return what narrows an address to a part; nothing where it cannot be."""
    first = part.keys[0]
    if by in ("kind", "cause", "product", "severity", "raised"):
        return {by: first or NOTHING}
    if by == "batch":
        return {"product": first or NOTHING, "batch": part.keys[1]}
    if by == "seller":
        return {"guide": first} if first else {}
    if by == "store-cause":
        return {"store": first, "cause": part.keys[1] or NOTHING}
    return {"store": first} if by == "store" else {}


type Way = Callable[..., str]
"""Gives the address of the complaints of a part, with what narrows it further as keywords."""


def _way(by: By, part: Part, look: Look, last_days: Mapping[date, date]) -> Way:
    if by == "time":
        first = date.fromisoformat(part.keys[0])
        return lambda **more: of_days(look, Days(first, last_days[first]), **more)
    narrowed = narrower(by, part)
    return lambda **more: rows(look, **narrowed, **more) if narrowed else ""


def line(part: Part, name: str, href: Way) -> Line:
    """Return one row; its figures lead to the complaints behind them."""
    counted = part.counted
    return Line(
        name=name,
        cases=counted.cases,
        href=href(),
        rate=words.rate(part.rate),
        interval=words.rate_interval(part.rate),
        is_few=part.rate is not None and bool(part.rate.of) and not part.rate.is_enough,
        differs=part.differs,
        late=care_words.sample(counted.late_share),
        late_href=href(mark="late") if counted.late else "",
        satisfied=care_words.share(counted.satisfied_share),
        satisfied_note=care_words.sample(counted.satisfied_share) if counted.judged else "",
        satisfied_href=href(mark="judged") if counted.judged else "",
        cost_minor=counted.cost_minor,
        cost_href=href(mark="cost") if counted.cost_minor else "",
    )


def rows(look: Look, **narrowed: str) -> str:
    """Return the address of the complaints of a part; of another store where it names one."""
    query = {**look.narrowed_query, **narrowed}
    if "store" not in query:
        return look.address("insights_complaint_rows", **query)
    within = replace(look, store_id=UUID(query.pop("store")), region_id=None)
    return within.address("insights_complaint_rows", **query)


def of_days(look: Look, days: Days, **more: str) -> str:
    """Return the address of the complaints of some other days of the same place."""
    query = {
        "period": "custom", "start": days.first.isoformat(), "end": days.last.isoformat(),
        **look.place_query, **look.narrowed_query, **more,
    }  # fmt: skip
    return f"{reverse('insights_complaint_rows')}?{urlencode(query)}"


def over_time(found: Splits) -> dict[str, Any]:
    """Return complaints over time as a picture; what they are held against is in the table."""
    parts = found.of("time")
    on = [date.fromisoformat(each.keys[0]) for each in parts]
    return {
        "kind": "bar",
        "labels": [showing.label(Days(day, day), found.step) for day in on],
        "series": [{"name": _("Complaints"), "values": [each.counted.cases for each in parts]}],
    }
