"""Why a customer is on today's list, as a sentence in the reader's language."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from regulars import registry
from regulars.customers import questions
from regulars.customers.models import LifeEvent, Possession
from regulars.followups.occasions.selectors import OF_LIFE
from regulars.followups.plans import by_hand
from regulars.insights.selectors import quiet
from regulars.web import dates

_PURCHASE: Final = "purchase."
_POSSESSION: Final = "possession."
_OF_EVENTS: Final = tuple(f"{OF_LIFE}{kind}" for kind in LifeEvent.Kind.values)


class Started(Protocol):
    """What started a task; `followups.models.Task` is one."""

    @property
    def source_kind(self) -> str: ...
    @property
    def source(self) -> UUID | None: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def started_on(self) -> date: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the sentences of a page speak of by key: possessions, and days of life."""

    possessions: Mapping[UUID, Possession]
    events: Mapping[UUID, LifeEvent]
    language: str
    today: date

    def reason(self, task: Started) -> str:
        """Say why somebody is to be cared for; nothing where the step says it all."""
        kind, facts = task.source_kind, task.facts
        day = dates.near_day(
            task.started_on, today=self.today, language=self.language, weekday=False
        )
        words = {"day": day}
        if kind.startswith(_PURCHASE):
            what = str(facts.get("product") or _("something"))
            return _of_purchase(kind, self.language) % {**words, "what": what}
        if kind.startswith(_POSSESSION):
            thing = self.possessions.get(task.source) if task.source else None
            return self._of_possession(kind, thing, words["day"])
        match kind:
            case "customer.silent" if {"usual_days", "last_day"} <= facts.keys():
                away = (self.today - date.fromisoformat(facts["last_day"])).days
                return quiet.sentence(usual_days=int(facts["usual_days"]), away_days=away)
            case "customer.silent":
                return _("Has not come for a while.")
            case "customer.joined":
                return _("Customer since %(day)s.") % words
            case "tier.raised":
                tier = self._tier(str(facts.get("tier", "")))
                return _("Became %(tier)s: %(day)s.") % {**words, "tier": tier}
            case "tier.lowered":
                tier = self._tier(str(facts.get("tier", "")))
                return _("Went down to %(tier)s: %(day)s.") % {**words, "tier": tier}
            case "complaint.closed":
                return _("Their complaint was closed: %(day)s.") % words
            case "followup.done":
                return _("Last spoken about it: %(day)s.") % words
            case "by-hand" if "after" in facts:
                return _("Agreed when you last spoke: %(day)s.") % words
            case "by-hand" | by_hand.STARTED:
                return _("Planned by hand: %(day)s.") % words
        event = self.events.get(task.source) if task.source else None
        name = occasion(kind, label=event.label if event else "", title="", language=self.language)
        return f"{name}: {words['day']}"

    def _of_possession(self, kind: str, thing: Possession | None, day: str) -> str:
        title = thing.title if thing else ""
        if kind == "possession.added":
            declared = registry.vertical().possession(thing.kind) if thing else None
            name = title or (declared.label.text(self.language) if declared else "")
            return _("Has %(what)s: %(day)s.") % {"what": name or _("something new"), "day": day}
        return f"{occasion(kind, label='', title=title, language=self.language)}: {day}"

    def _tier(self, key: str) -> str:
        tiers = registry.vertical().tiers
        return next((each.label.text(self.language) for each in tiers if each.key == key), key)


def known(tasks: Iterable[Started], *, language: str, today: date) -> Known:
    """Read what the reasons of some tasks speak of; two statements at most, however many."""
    rows = list(tasks)
    things, events = _sources(rows, (_POSSESSION,)), _sources(rows, _OF_EVENTS)
    return Known(
        possessions=Possession.objects.in_bulk(things) if things else {},
        events=LifeEvent.objects.in_bulk(events) if events else {},
        language=language,
        today=today,
    )


def _of_purchase(kind: str, language: str) -> str:
    match kind:
        case "purchase.recorded":
            return _("Bought %(what)s: %(day)s.")
        case "purchase.delivered":
            return _("%(what)s was delivered: %(day)s.")
        case "purchase.returned":
            return _("Brought %(what)s back: %(day)s.")
    key = kind.removeprefix(_PURCHASE)
    fields = registry.vertical().fields_on("purchase", retired=True)
    label = next((each.label.text(language) for each in fields if each.key == key), key)
    return f"{label.replace('%', '%%')}: %(what)s, %(day)s"


def occasion(kind: str, *, label: str, title: str, language: str) -> str:
    """Name an occasion: ``Birthday``, ``Child's birthday (小宝)``, ``Ring: clean and check``."""
    if kind.startswith(OF_LIFE):
        key = kind.removeprefix(OF_LIFE)
        if key in LifeEvent.Kind.values:
            name = str(LifeEvent.Kind(key).label)
        else:
            fields = {each.key: each.label for each in questions.extra_fields()}
            name = fields[key].text(language) if key in fields else key
        return f"{name} ({label})" if label else name
    _possession, _dot, rest = kind.partition(".")
    thing_key, _dot, date_key = rest.partition(".")
    thing = registry.vertical().possession(thing_key)
    if thing is None:
        return title or kind
    labels = {each.key: each.label for each in (*thing.fields, *thing.reminders)}
    what = labels[date_key].text(language) if date_key in labels else date_key
    return f"{title or thing.label.text(language)}: {what}"


def _sources(rows: Collection[Started], kinds: tuple[str, ...]) -> list[UUID]:
    return [
        row.source for row in rows if row.source is not None and row.source_kind.startswith(kinds)
    ]
