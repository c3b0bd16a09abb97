"""The living checklist (Q4): 3W, 4R and 8F, ticked by what was done and by nothing else.

Each item looks at the entries of a complaint. What only a person can know (what was changed so
that it does not happen again; what the vertical asks for) is an entry too, of kind ``ticked``,
with words. A complaint whose list is open is not closed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.kit import Complaint

TICKED: Final = "ticked"


class Happened(Protocol):
    """What of an entry the list looks at; `data` of a tick names its item."""

    id: UUID
    kind: str
    text: str
    public: bool
    data: Mapping[str, Any]


type Past = Sequence[Happened]
type Tick = Callable[[Past], Happened | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to see to. `by_hand` is ticked by a person, with words; the rest ticks itself."""

    key: str
    group: str  # "3W", "4R", "8F", "urgent", "own"
    label: str | Promise
    tick: Tick
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """An item and what ticked it, if anything did."""

    item: Item
    by: Happened | None

    @property
    def is_open(self) -> bool:
        """Say whether it still has to be seen to."""
        return self.by is None


def _one(kind: str, *, words: bool = False, data: str = "", public: bool = False) -> Tick:
    """Tick by the first entry of a kind that has words, a fact among its data, or is public."""

    def tick(past: Past) -> Happened | None:
        return next(
            (
                each
                for each in past
                if each.kind == kind
                and (not words or each.text.strip())
                and (not data or each.data.get(data))
                and (not public or each.public)
            ),
            None,
        )

    return tick


def _by_hand(key: str) -> Tick:
    def tick(past: Past) -> Happened | None:
        return next(
            (each for each in past if each.kind == TICKED and each.data.get("item") == key), None
        )

    return tick


def _any(*ticks: Tick) -> Tick:
    def tick(past: Past) -> Happened | None:
        return next((found for each in ticks if (found := each(past))), None)

    return tick


# Complaint handling by 3W, 4R and 8F is domain Q4; how each is known to have been done is ours.
CORE: Final = (
    Item("know", "3W", _("What do we know: the facts are written down"), _one("found", words=True)),
    Item("since", "3W", _("Since when do we know it"), _one("found", data="since")),
    Item("so-far", "3W", _("What have we done: the customer was told"),
         _one("proposed", words=True)),
    Item("regret", "4R", _("Regret: we said that we are sorry"), _one("apologised", words=True)),
    Item("reform", "4R", _("Reform: what we change so that it does not happen again"),
         _by_hand("reform"), by_hand=True),
    Item("restitution", "4R", _("Restitution: what we make good with was agreed"), _one("agreed")),
    Item("rectify", "4R", _("Rectify: the matter is put right"), _one("done")),
    Item("fact", "8F", _("Fact: the cause was found"), _one("found", data="cause")),
    Item("first-response", "8F", _("First response: the customer had our answer"),
         _one("first-response")),
    Item("fast", "8F", _("Fast: the customer knows by when we come back"),
         _one("investigating", data="promised")),
    Item("frank", "8F", _("Frank: the customer was told the cause as it is"),
         _one("proposed", data="cause_told")),
    Item("feel", "8F", _("Feel: we repeated what it means to the customer"),
         _one("investigating", words=True)),
    Item("forum", "8F", _("Forum: we talked it over with the customer"),
         _any(_one("agreed", data="how"), _one("refused", words=True))),
    Item("flexible", "8F", _("Flexible: something fitting was offered on top"),
         _one("proposed", data="remedies")),
    Item("feedback", "8F", _("Feedback: we asked whether the customer is satisfied"),
         _one("asked")),
)  # fmt: skip


def items(template: Complaint | None, language: Any) -> tuple[Item, ...]:
    """Return what has to be seen to: the urgent first, the core, and what the template adds."""
    if template is None:
        return CORE
    urgent = tuple(
        Item(f"urgent.{each.key}", "urgent", each.label.text(language),
             _by_hand(f"urgent.{each.key}"), by_hand=True)
        for each in template.urgent if not each.retired
    )  # fmt: skip
    own = tuple(
        Item(f"own.{each.key}", "own", each.label.text(language),
             _by_hand(f"own.{each.key}"), by_hand=True)
        for each in template.checklist if not each.retired
    )  # fmt: skip
    return (*urgent, *CORE, *own)


def seen(items: Iterable[Item], past: Past) -> tuple[Seen, ...]:
    """Return every item with what ticked it."""
    return tuple(Seen(each, each.tick(past)) for each in items)


def open_items(items: Iterable[Item], past: Past) -> tuple[Item, ...]:
    """Return what still has to be seen to."""
    return tuple(each.item for each in seen(items, past) if each.is_open)
