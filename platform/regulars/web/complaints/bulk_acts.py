"""What can be done with many complaints at once: each by itself, and within one's scope."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import access, services
from regulars.complaints.models import Case
from regulars.complaints.selectors import Wanted, page
from regulars.complaints.services.writing import NotNow
from regulars.complaints.way import End
from regulars.errors import RegularsError

MOST: Final = 100  # complaints at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that is done with several complaints; `words` says what is to be written for it."""

    key: str
    label: str | Promise
    icon: str
    permission: str
    words: str | Promise = ""
    hint: str | Promise = ""


ACTS: Final = (
    Act(key="take", label=gettext_lazy("Take them"), icon="hand-grab", permission=access.HANDLE),
    Act(
        key="note",
        label=gettext_lazy("Write a note"),
        icon="note",
        permission=access.HANDLE,
        words=gettext_lazy("Note for colleagues"),
        hint=gettext_lazy("The customer does not see it."),
    ),
    Act(
        key="hand-on",
        label=gettext_lazy("Hand on"),
        icon="arrows-exchange",
        permission=access.MANAGE,
        words=gettext_lazy("Why"),
        hint=gettext_lazy("The customer goes on hearing one name: your colleague’s."),
    ),
    Act(
        key="spam",
        label=gettext_lazy("End as no complaint"),
        icon="ban",
        permission=access.MANAGE,
        words=gettext_lazy("Why"),
        hint=gettext_lazy("Your reason is kept; the customer does not see it."),
    ),
    Act(
        key="duplicate",
        label=gettext_lazy("End as the same as another"),
        icon="copy",
        permission=access.MANAGE,
        words=gettext_lazy("Why"),
        hint=gettext_lazy("Your reason is kept; the customer does not see it."),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be done with which complaints; `key` is the request's."""

    act: str
    ids: Sequence[UUID]
    text: str = ""
    to: UUID | None = None
    other: UUID | None = None
    key: str


@dataclass(slots=True)
class Result:
    """How many it was done with, and of each other why not: (number, title, id or None, reason)."""

    done: int = 0
    refused: list[tuple[str, str, UUID | None, str]] = field(default_factory=list)


def offered(actor: Actor) -> list[Act]:
    """Return what somebody may do with several at once."""
    return [each for each in ACTS if allows(actor, each.permission)]


def of_filter(actor: Actor, wanted: Wanted, *, now: datetime) -> tuple[list[UUID], bool]:
    """Return the most urgent complaints that fit, and whether there are more than are taken."""
    found = page(actor=actor, wanted=wanted, now=now, limit=MOST)
    return [item.case.pk for item in found.items], found.after is not None


def chosen(actor: Actor, ids: Iterable[UUID]) -> list[Case]:
    """Return those of the complaints that the actor sees, in their order. One statement."""
    order = {pk: place for place, pk in enumerate(ids)}
    rows = access.visible(actor).select_related("store", "owner", "customer").filter(pk__in=order)
    return sorted(rows, key=lambda case: order[case.pk])


def carry_out(actor: Actor, asked: Asked, *, now: datetime) -> Result:
    """Do it with one after the other; what was done with the same key counts as done."""
    known = {case.pk: case for case in chosen(actor, asked.ids)}
    result = Result()
    for pk in asked.ids:
        case = known.get(pk)
        try:
            _DO[asked.act](actor, pk, asked, now)
        except RegularsError as fault:
            number, title = (case.number, case.title) if case else ("", "")
            result.refused.append((number, title, case.pk if case else None, sentence(fault)))
        else:
            result.done += 1
    return result


def sentence(fault: RegularsError) -> str:
    """Return why something was refused."""
    fault.settle()
    sentences = [str(each) for faults in fault.fields.values() for each in faults]
    return " ".join(sentences) or str(fault)


def _take(actor: Actor, pk: UUID, _asked: Asked, now: datetime) -> None:
    case = services.take(actor=actor, case_id=pk, now=now)
    if case.owner_id == actor.id:
        return
    if case.owner is None:
        raise NotNow(_("It is closed."))
    raise NotNow(_("%(name)s owns it already."), name=case.owner.name)


def _note(actor: Actor, pk: UUID, asked: Asked, now: datetime) -> None:
    services.note(actor=actor, case_id=pk, text=asked.text, now=now, key=asked.key)


def _hand_on(actor: Actor, pk: UUID, asked: Asked, now: datetime) -> None:
    assert asked.to is not None  # noqa: S101  (the form asks for it)
    services.hand_on(
        actor=actor, case_id=pk, staff_id=asked.to, reason=asked.text, now=now, key=asked.key
    )


def _end(how: End, actor: Actor, pk: UUID, asked: Asked, now: datetime) -> None:
    services.end(
        actor=actor, case_id=pk, how=how, reason=asked.text, duplicate_of=asked.other, now=now,
        key=asked.key,
    )  # fmt: skip


_DO: Final[dict[str, Callable[[Actor, UUID, Asked, datetime], None]]] = {
    "take": _take,
    "note": _note,
    "hand-on": _hand_on,
    "spam": partial(_end, End.SPAM),
    "duplicate": partial(_end, End.DUPLICATE),
}
