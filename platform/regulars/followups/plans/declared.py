"""What plans, steps and questions the current chain has, and how they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from regulars import registry
from regulars.customers import questions
from regulars.kit import Field, FollowUp, Label
from regulars.kit.care import DAYS_AHEAD, Step
from regulars.registry.models import Declaration

# A change of a running plan must not lose what happened just before it.
_SLACK: Final = timedelta(hours=1)
_TALKS: Final = frozenset({"call", "message", "visit"})
DELIVERY: Final = "delivery-date"
"""The purchase's date field that says when goods were delivered; else it is the day of purchase."""


def _field(key: str, kind: str, words: str) -> Field:
    hans, hant, english = (word.strip() for word in words.split("|"))
    label = Label(zh_hans=hans, zh_hant=hant, en=english)
    return Field(on="answer", key=key, kind=kind, label=label, max_length=500)  # type: ignore[arg-type]


# Asked after every talk (C5); a plan's own question of the same key stands instead.
GENERAL: Final = (
    _field("liked", "boolean", "喜欢 | 喜歡 | Liked"),
    _field("comfortable", "boolean", "舒适 | 舒適 | Comfortable"),
    _field("question", "text", "有什么疑问 | 有什麼疑問 | A question"),
    _field("wants", "text", "想要什么 | 想要什麼 | Wishes for"),
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A plan and its step as the chain declares them today; None for what is gone for good."""

    plan: FollowUp | None
    step: Step | None

    def title(self, language: str) -> str:
        """Return the plan's name; of one that is gone or of a task by hand, nothing."""
        return self.plan.title.text(language) if self.plan else ""

    def label(self, language: str) -> str:
        """Return what the guide is told to do."""
        return self.step.label.text(language) if self.step else ""

    @property
    def send(self) -> str:
        """The key of the message that is sent or suggests the words; or nothing."""
        return self.step.send if self.step else ""

    @property
    def known(self) -> tuple[Field, ...]:
        """Every question an answer may have been given to, retired ones too."""
        own = self.step.ask if self.step else ()
        keys = {each.key for each in own}
        return (*own, *(each for each in GENERAL if each.key not in keys))

    @property
    def asks(self) -> tuple[Field, ...]:
        """What the answers are recorded in: the plan's own questions, then the general ones."""
        own = questions.usable(self.step.ask) if self.step else ()
        if self.step is not None and self.step.do not in _TALKS:
            return own
        keys = {each.key for each in own}
        return (*own, *(each for each in GENERAL if each.key not in keys))


@dataclass(frozen=True, slots=True)
class Running:
    """A plan that is on, and since when; a vertical's own has always been."""

    plan: FollowUp
    since: datetime | None

    def takes(self, recorded_at: datetime | None) -> bool:
        """Say whether it takes what was recorded then: history starts nothing."""
        return self.since is None or recorded_at is None or recorded_at >= self.since - _SLACK

    @property
    def lead(self) -> int:
        """By how many days its first step comes before the day it starts on."""
        return -min(0, *(step.after for step in steps(self.plan)))


def of(plan: str, step: str = "") -> Declared:
    """Return a plan and one of its steps by their keys, retired ones too."""
    found = next((each for each in registry.vertical().follow_ups if each.key == plan), None)
    one = next((each for each in found.steps if each.key == step), None) if found else None
    return Declared(found, one)


def steps(plan: FollowUp) -> tuple[Step, ...]:
    """Return the steps that are done today, in their order."""
    return tuple(each for each in plan.steps if not each.retired)


def running() -> Mapping[str, tuple[Running, ...]]:
    """Return the plans that are on, by what starts them. One statement."""
    changed = dict(
        Declaration.objects.filter(noun="follow-up", store_id=None, region_id=None).values_list(
            "key", "changed_at"
        )
    )
    found: dict[str, list[Running]] = {}
    for plan in registry.vertical().follow_ups:
        if not plan.retired and steps(plan):
            found.setdefault(plan.starts, []).append(Running(plan, changed.get(plan.key)))
    return {trigger: tuple(plans) for trigger, plans in found.items()}


def stopped_by(event: str) -> list[str]:
    """Return the keys of the plans that an event stops, retired ones too."""
    return [each.key for each in registry.vertical().follow_ups if event in each.stops]


def is_known_day(trigger: str) -> bool:
    """Say whether it is a day known ahead, of a customer's life, file or things."""
    if trigger in DAYS_AHEAD:
        return True
    closed = {"customer.joined", "customer.silent", "possession.added"}
    return trigger.startswith(("customer.", "possession.")) and trigger not in closed
