"""One industry, declared."""

from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from functools import cached_property
from typing import Any, Self

from regulars.kit.care import FollowUp, Handover, Message, Segment, Survey
from regulars.kit.checks import faults_of
from regulars.kit.complaints import Complaint
from regulars.kit.faults import VerticalError
from regulars.kit.labels import Label
from regulars.kit.matching import index_choices, simplified
from regulars.kit.points import Rules
from regulars.kit.rules import Bonus, Function, Rate, Spend, Tier
from regulars.kit.schema import Choice, Field, On, Possession


@dataclass(frozen=True, kw_only=True)
class Vertical:
    """The plugin of one industry: everything it declares, behind one entry point.

    Checks itself and raises one `VerticalError` that names every fault. `version` is the
    distribution's and stands in every ledger entry. `currency` (ISO 4217) is what amounts were
    thought in. `categories` are the product groups that rules speak of; `locked` the content of
    `keys.lock`: keys that must not vanish or change their kind.
    """

    key: str
    version: str
    name: Label
    summary: Label
    currency: str = "CNY"
    categories: tuple[Choice, ...] = ()
    fields: tuple[Field, ...] = ()
    possessions: tuple[Possession, ...] = ()
    functions: tuple[Function, ...] = ()
    rates: tuple[Rate, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    spends: tuple[Spend, ...] = ()
    tiers: tuple[Tier, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    messages: tuple[Message, ...] = ()
    surveys: tuple[Survey, ...] = ()
    segments: tuple[Segment, ...] = ()
    handovers: tuple[Handover, ...] = ()
    locked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if faults := faults_of(self):
            raise VerticalError(f"vertical {self.key!r}", faults)

    def __getstate__(self) -> dict[str, object]:
        # What was compiled or indexed holds closures, and is made again.
        return {part.name: getattr(self, part.name) for part in dataclass_fields(self)}

    def changed(self, **parts: Any) -> Self:
        """Return the vertical with parts of it changed by a chain, checked but for its words.

        The words of a chain are judged by its own lists, by whoever keeps them: what it allows
        must not be refused here. Raises `VerticalError`.
        """
        copy = object.__new__(type(self))
        for part in dataclass_fields(self):
            object.__setattr__(copy, part.name, parts.get(part.name, getattr(self, part.name)))
        if faults := faults_of(copy, with_words=False):
            raise VerticalError(f"vertical {self.key!r}", faults)
        return copy

    def fields_on(self, on: On, *, retired: bool = False) -> tuple[Field, ...]:
        """Return the fields of customers, purchases or lines; retired ones only when asked."""
        return tuple(
            each for each in self.fields if each.on == on and (retired or not each.retired)
        )

    def possession(self, key: str) -> Possession | None:
        """Return a possession by its key, retired or not."""
        return next((each for each in self.possessions if each.key == key), None)

    def category(self, word: str) -> str:
        """Return the key of the category that a till's word means, or an empty text."""
        return self._categories.get(simplified(word), "")

    @cached_property
    def rules(self) -> Rules:
        """What earns points, compiled once."""
        return Rules(rates=self.rates, bonuses=self.bonuses, functions=self.functions)

    @cached_property
    def _categories(self) -> dict[str, str]:
        return index_choices(self.categories)
