"""Complaint templates: what to ask, what is urgent, by when, and what may be offered."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from regulars.kit.care import Check
from regulars.kit.labels import Label
from regulars.kit.schema import Field

Severity = Literal["low", "medium", "high", "urgent"]
Clock = Literal["opening", "wall"]
Approval = Literal["guide", "store-manager", "region-manager", "head-office"]
RemedyKind = Literal["repair", "exchange", "refund", "redo", "discount", "gift", "points", "visit"]
REMEDIES: tuple[RemedyKind, ...] = get_args(RemedyKind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """What may be offered, up to `limit` (major units; points for `points`) by whom.

    A kind may stand there several times, once for each role with what that role may grant.
    `within` is for how many days after the purchase it is due by law or promise (三包); None:
    without limit.
    """

    kind: RemedyKind
    label: Label
    approval: Approval = "guide"
    limit: Decimal | None = None
    within: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """A kind of complaint (Q6). Times are minutes on `clock` (Q5): opening hours, or every
    minute (`wall`) where health is in danger.

    `urgent` is done first (stop using it, keep the sample); `regret` are prepared words;
    `goodwill` comes on top of the remedy (Q3); `checklist` adds to the core's 3W, 4R and 8F;
    `causes` are what the matter may come from, in place of the core's.
    """

    key: str
    title: Label
    severity: Severity
    reply_within: int
    update_within: int
    resolve_within: int
    regret: Label
    clock: Clock = "opening"
    asks: tuple[Field, ...] = ()
    urgent: tuple[Check, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    goodwill: tuple[Remedy, ...] = ()
    checklist: tuple[Check, ...] = ()
    causes: tuple[Check, ...] = ()
    retired: bool = False
