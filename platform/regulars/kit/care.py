"""Contact after the sale: what starts it, what is said, what is asked."""

from dataclasses import dataclass
from typing import Literal, get_args

from regulars.kit.conditions import Where
from regulars.kit.labels import Label
from regulars.kit.schema import Field

Purpose = Literal["service", "care", "selling"]
Channel = Literal["sms", "email", "wechat", "wecom", "call"]
Occasion = Literal[
    "after-purchase", "anniversary", "appointment", "automatic-word", "birthday",
    "change-of-season", "complaint", "course-ending", "delivery", "dragon-boat", "invitation",
    "long-time-no-see", "mid-autumn", "moving-day", "national-day", "new-arrival", "new-year",
    "qixi", "receipt", "reminder", "reply", "spring-festival", "survey", "thanks", "tier-raised",
    "welcome", "women-day",
]  # fmt: skip
Doing = Literal["call", "message", "visit", "task"]

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)

# Besides these: `customer.<date field>`, `purchase.<date field>` and
# `possession.<possession>.<date field or reminder>`.
TRIGGERS: tuple[str, ...] = (
    "customer.anniversary", "customer.birthday", "customer.child-birthday", "customer.joined",
    "customer.moving", "customer.silent", "customer.wedding", "complaint.closed", "followup.done",
    "possession.added", "purchase.delivered", "purchase.recorded", "purchase.returned",
    "tier.lowered", "tier.raised",
)  # fmt: skip
# What a question about satisfaction may follow (Q7).
SURVEY_STARTS: tuple[str, ...] = (
    "complaint.closed", "customer.visited", "followup.done", "purchase.delivered",
    "purchase.recorded",
)  # fmt: skip
# Days of the customer's life (P8), known in advance: only these and dates of one's own may have
# a step before them.
DAYS_AHEAD = frozenset(
    {
        "customer.anniversary", "customer.birthday", "customer.child-birthday", "customer.moving",
        "customer.wedding",
    }
)  # fmt: skip
STOPS: tuple[str, ...] = (
    "complaint.opened", "customer.asked-to-stop", "customer.erased", "purchase.recorded",
    "purchase.returned",
)  # fmt: skip

# Besides these: `customer.<field>`, `purchase.<field>` and `possession.<field>`.
PLACEHOLDERS = frozenset(
    {
        "chain.name", "customer.name", "customer.points", "customer.points-expiring",
        "customer.salutation", "customer.tier", "guide.name", "guide.phone", "link",
        "possession.name", "purchase.amount", "purchase.day", "purchase.points",
        "purchase.product", "store.address", "store.name", "store.opens", "store.phone",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A text for an occasion. Placeholders are names in braces: `{customer.salutation}`.

    A `care` message names the customer and is signed by guide or store (C3).
    """

    key: str
    occasion: Occasion
    purpose: Purpose
    channels: tuple[Channel, ...]
    text: Label
    subject: Label | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One contact of a plan, `after` days from its start (negative: before a known day).

    `do` is how; `send` the key of the message that is sent, or that suggests the words of a
    call; `ask` what the answer is recorded in (C5); `label` what the guide is told.
    """

    key: str
    after: int
    do: Doing
    label: Label
    ask: tuple[Field, ...] = ()
    send: str = ""
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp:
    """A plan of contacts that an event or a day starts and another event stops."""

    key: str
    title: Label
    starts: str
    steps: tuple[Step, ...]
    where: tuple[Where, ...] = ()
    stops: tuple[str, ...] = ()
    purpose: Purpose = "care"
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """One question first, then at most five more (Q7), `days` after what it follows.

    `starts` is one of SURVEY_STARTS. A customer who was asked anything within the last `every`
    days is not asked. `sends`: a message asks by itself; else only receipts and tablets do.
    """

    key: str
    title: Label
    starts: str
    questions: tuple[Field, ...]
    days: int = 0
    every: int = 90
    sends: bool = True
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A named group of customers, by conditions on `customer.…` facts."""

    key: str
    title: Label
    where: tuple[Where, ...]
    help: Label | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One item of a checklist. `says` is what the customer reads of it, if it is for them too."""

    key: str
    label: Label
    says: Label | None = None
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """The checklist for handing over goods, and the advice on the card the customer takes (C11)."""

    key: str
    title: Label
    steps: tuple[Check, ...]
    advice: Label
    where: tuple[Where, ...] = ()
    retired: bool = False
