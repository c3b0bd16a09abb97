"""What the operators' page shows: rows of billing with words and tones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from regulars.billing import alerting, plans
from regulars.billing.models import Call, Event, Night
from regulars.billing.overview import Line
from regulars.web.operating import words

_OVER: Final = "trial-over"
STATE_KEYS: Final = frozenset(words.STATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A status: one word, one tone."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One chain in a list."""

    line: Line
    state: Word
    access: Word | None
    """Only where something is closed."""
    reason: str
    plan: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event of Stripe."""

    event: Event
    state: Word
    chain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call to Stripe that did not go well."""

    call: Call
    state: Word
    chain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reconciliation; `sentences` say what was repaired or found."""

    at: datetime
    read: int
    moved: int
    sentences: list[str]


def _word(table: Mapping[str, tuple[Any, str]], key: str) -> Word:
    text, tone = table.get(key, (key, "quiet"))
    return Word(text=str(text), tone=tone)


def rows(lines: Iterable[Line]) -> list[Row]:
    """Return chains as rows."""
    return [
        Row(
            line=line,
            state=_word(words.STANDINGS, _OVER if line.reason == _OVER else line.state),
            access=None if line.access == "full" else _word(words.ACCESS, line.access),
            reason=str(words.REASONS.get(line.reason, line.reason)),
            plan=str(plans.of(line.plan).name),
            next_step=" ".join(
                str(each)
                for each in (
                    words.STEPS.get(line.next_step, line.next_step),
                    plans.of(line.next_plan).name if line.next_plan else "",
                )
                if each
            ),
        )
        for line in lines
    ]


def events(found: Iterable[Event], names: Mapping[UUID, str] | None = None) -> list[Told]:
    """Return events as rows."""
    return [
        Told(
            event=each,
            state=_word(words.EVENTS, each.state),
            chain=(names or {}).get(each.chain_id, "") if each.chain_id else "",
        )
        for each in found
    ]


def calls(found: Iterable[Call], names: Mapping[UUID, str]) -> list[Asked]:
    """Return calls as rows."""
    return [
        Asked(
            call=each,
            state=_word(words.CALLS, each.state),
            chain=names.get(each.chain_id, "") if each.chain_id else "",
        )
        for each in found
    ]


def nights(found: Iterable[Night]) -> list[Report]:
    """Return reconciliations with what they say."""
    return [
        Report(
            at=each.at,
            read=each.report["read"],
            moved=each.report["moved"],
            sentences=alerting.says(each.report),
        )
        for each in found
    ]


def states(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """Return every state with its count and the list it leads to."""
    place = reverse("operator_subscriptions")
    return [
        (str(text), counts.get(key, 0), f"{place}?{urlencode({'state': key})}")
        for key, (text, _tone) in words.STATES.items()
    ]


def tabs(counts: Mapping[str, int], *, current: str, search: str) -> list[dict[str, Any]]:
    """Return the states as tabs; what is searched for stays."""
    kept = {"q": search} if search else {}
    found = [("", _("All"), sum(counts.values()))]
    found += [(key, str(text), counts.get(key, 0)) for key, (text, _tone) in words.STATES.items()]
    return [
        {
            "label": label,
            "url": f"?{urlencode({**kept, 'state': key})}",
            "current": key == current,
            "count": "" if search else count,
        }
        for key, label, count in found
    ]


def places(current: str) -> list[dict[str, Any]]:
    """Return the pages an operator has, as tabs."""
    names = (
        ("operator", _("Overview")),
        ("operator_subscriptions", _("Subscriptions")),
        ("operator_events", _("Events of Stripe")),
    )
    return [
        {"label": label, "url": reverse(name), "current": name == current, "count": ""}
        for name, label in names
    ]


def charts(months: list[tuple[datetime, dict[str, int]]]) -> list[dict[str, Any]]:
    """Return a chart for each currency: what recurred at the end of each month."""
    if len(months) < 2:
        return []
    labels = [f"{month:%Y-%m}" for month, _amounts in months]
    currencies = sorted({currency for _month, amounts in months for currency in amounts})
    return [
        {
            "currency": currency,
            "id": f"recurring-{currency.lower()}",
            "data": {
                "kind": "bar",
                "labels": labels,
                "series": [
                    {
                        "name": currency,
                        "values": [amounts.get(currency, 0) for _month, amounts in months],
                    }
                ],
            },
        }
        for currency in currencies
    ]
