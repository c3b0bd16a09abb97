"""What can be known of a customer, a purchase, a line and a possession."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from regulars.kit.conditions import Where
from regulars.kit.labels import Label
from regulars.kit.units import Unit

On = Literal["customer", "purchase", "line", "possession", "answer"]
Kind = Literal[
    "text", "integer", "decimal", "measure", "boolean", "date", "choice", "choices", "rating"
]
Dimension = Literal["", "product", "service", "relationship", "convenience", "brand", "price"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NUMBER_KINDS: tuple[Kind, ...] = ("integer", "decimal", "measure", "rating")
CHOICE_KINDS: tuple[Kind, ...] = ("choice", "choices")


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One answer of a closed list. `spellings` are further words an import may use for it."""

    key: str
    label: Label
    spellings: tuple[str, ...] = ()
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A value kept beside a customer, purchase, line, possession, or an answer to a question.

    `minimum` and `maximum` bound numbers (in `unit`) and dates; `decimals` is the number of
    places of a decimal or measure. `ask_after` is how many purchases a customer has made before
    the question fits (0: at the first meeting, None: never asked unprompted; P1). `personal` puts
    the value under consent, export and erasure (P5); `sensitive` (health, ethnicity, minors,
    beliefs) besides needs its own consent and is off until head office turns it on. `headers`
    are column titles an import may carry for it. `about` is the dimension of satisfaction that a
    rating measures (Q7). A date that is `yearly` comes round again each year, as an anniversary.
    What a complaint's customer cannot know, such as the number of a batch, is not `asks_customer`:
    only employees are asked (Q1).
    """

    on: On
    key: str
    kind: Kind
    label: Label
    help: Label | None = None
    choices: tuple[Choice, ...] = ()
    unit: Unit | None = None
    minimum: int | Decimal | date | None = None
    maximum: int | Decimal | date | None = None
    decimals: int = 2
    max_length: int = 200
    required: bool = False
    personal: bool = False
    sensitive: bool = False
    ask_after: int | None = 1
    headers: tuple[str, ...] = ()
    about: Dimension = ""
    yearly: bool = False
    asks_customer: bool = True
    retired: bool = False

    @property
    def scale(self) -> tuple[int, int]:
        """The lowest and highest answer of a rating: 1 to 5 unless bounds say otherwise."""
        low = self.minimum if isinstance(self.minimum, int) else 1
        high = self.maximum if isinstance(self.maximum, int) else 5
        return low, high


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """Something due on a possession: a yearly clean, the last session of a course (C13).

    Either a date: `months` and `days` after `since`, which is `acquired-on` or a date field of
    the possession (negative `days`: before it). With `repeats` it comes again after as many
    `months` again, always `days` away from them; without `months`, every so many `days`. Or a
    state: `where` over the possession's fields, due as soon as it holds.
    """

    key: str
    label: Label
    since: str = ""
    months: int = 0
    days: int = 0
    repeats: bool = False
    where: tuple[Where, ...] = ()
    retired: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Possession:
    """A thing the customer has: a ring, a course of treatments, a room, a stored menu.

    `shown_by` are the keys of the fields that name one in a list. `suggest` says which purchase
    lines offer to create one.
    """

    key: str
    label: Label
    fields: tuple[Field, ...] = ()
    shown_by: tuple[str, ...] = ()
    suggest: tuple[Where, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    retired: bool = False
