"""What every gateway takes, gives back and raises. Plain types: an adapter knows no Django.

A gateway never guesses. What was surely not sent is `Refused` (for ever) or `TryLater`; what may
have been sent is `Uncertain`, and then only a receipt, `resolve` or a person says what became of
it.

::

    NotDone
    ├── Refused     surely not sent, and never will be as it is; `code` is one of `faults.CODES`
    ├── TryLater    surely not sent; may be tried again after `after`
    └── Uncertain   may have been sent: silence or nonsense after the request was written
    BadCallback
    ├── Forged      the provider's signature or secret is missing, wrong or too old: answer 403
    └── Unreadable  from the provider, but not what it documents: answer 400
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

type Channel = Literal["email", "sms", "wecom", "wechat", "webhook"]
type State = Literal["accepted", "delivered", "failed"]
type Progress = Literal["pending", "approved", "rejected", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One message to one person, complete.

    `key` is ours, at most 64 characters of ``A-Z a-z 0-9 _ -``, and the same at each attempt.
    `to` is an E.164 phone (SMS), an address (e-mail), a user id (WeCom), an openid (WeChat) or the
    customer's id (webhook). `variables` keep the order in which the provider's template counts
    them. `text` is the whole text as the customer reads it, but for a text message's signature.
    `unsubscribe` is an https address that unsubscribes on POST. `sender` is the guide's user id in
    WeCom, in whose name a customer is written to. `answers`: the customer wrote on this very
    channel within two days, and a provider that lets answers say anything may be told so.
    """

    key: str
    to: str
    channel: Channel
    text: str
    subject: str = ""
    html: str = ""
    template: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    signature: str = ""
    language: str = "zh-hans"
    unsubscribe: str = ""
    link: str = ""
    sender: str = ""
    answers: bool = False


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The provider took it. `provider_id` has at most 80 characters; `parts` are those billed."""

    provider_id: str
    parts: int = 1


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider says became of a message.

    At least one of `provider_id` and `key` (ours, where the provider echoes it) is set. `reason` is
    one of `faults.CODES` for a failure, `detail` the provider's own words. `gone` says that this
    address must not be used again. The same receipt may come any number of times, in any order.
    """

    provider_id: str
    state: State
    at: datetime
    reason: str = ""
    detail: str = ""
    key: str = ""
    to: str = ""
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Absent:
    """The provider, asked about a message, surely never took it: it may be sent again."""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A picture, voice or file that came in; `reference` is how the provider gives it out."""

    kind: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """What a customer wrote to us. `provider_id` tells a repetition from a second message."""

    sender: str
    to: str
    text: str
    at: datetime
    provider_id: str
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request of a provider to one of our addresses; header names in lower case.

    `url` is the whole address as the provider called it (some sign it).
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a provider wants to hear once its callback is kept; anything else makes it repeat."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How much a provider takes: `count` messages in each `per`; `person` the same for one address.

    Limits per person are tuples of (count, window); the provider refuses what goes beyond.
    """

    count: int
    per: timedelta = timedelta(seconds=1)
    person: tuple[tuple[int, timedelta], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A text to be approved by a provider, with places ``${name}`` and why it is sent.

    `purpose` is ours: "service", "care" or "selling". `examples` give a value for each place, in
    the order of `places.names(text)`; `kinds` say what a place holds (`places.KINDS`).
    """

    name: str
    text: str
    purpose: str
    remark: str
    signature: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    abroad: bool = False


@dataclass(frozen=True, kw_only=True)
class Approval:
    """How far a provider is with a text; `reason` is its word when rejected."""

    state: Progress
    reason: str = ""


class NotDone(Exception):
    """A message was not sent, or not surely. `detail` is the provider's own code and words."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Take one of `faults.CODES`."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Refused(NotDone):
    """Surely not sent, and it would be refused again."""


class TryLater(NotDone):
    """Surely not sent; it may be tried again once `after` has passed."""

    def __init__(self, code: str, detail: str = "", *, after: timedelta) -> None:
        """Take how long to wait at least."""
        super().__init__(code, detail)
        self.after = after


class Uncertain(NotDone):
    """It may have been sent: never send it again blindly."""


class BadCallback(Exception):
    """A request to one of our addresses that must not be believed or cannot be read."""


class Forged(BadCallback):
    """It does not come from the provider, or not now."""


class Unreadable(BadCallback):
    """It comes from the provider, but is not what the provider documents."""


class Gateway(Protocol):
    """One way to send, with one chain's credentials. Threads may share it."""

    @property
    def name(self) -> str:
        """Return its permanent key, as in `catalog.PROVIDERS`."""

    @property
    def rate(self) -> Rate:
        """Return how much the provider takes."""

    def send(self, outgoing: Outgoing, *, now: datetime) -> Accepted:
        """Hand a message to the provider, once. Raises `Refused`, `TryLater`, `Uncertain`."""

    def receipts(self, request: Received) -> tuple[Receipt, ...]:
        """Return what a callback says of our messages. Raises `Forged`, `Unreadable`."""

    def inbound(self, request: Received) -> tuple[Inbound, ...]:
        """Return what customers wrote. Raises `Forged`, `Unreadable`."""

    def reply(self, request: Received) -> Reply:
        """Return what to answer once both are kept. Raises `Forged`, `Unreadable`."""

    def resolve(
        self, outgoing: Outgoing, *, since: datetime, now: datetime, provider_id: str = ""
    ) -> Receipt | Absent | None:
        """Ask what became of a message sent at or after `since`; `None`: it cannot be known now.

        Raises `TryLater` and `Refused` (say, wrong credentials), never `Uncertain`.
        """


class Approving(Protocol):
    """A gateway whose provider sends only texts it has approved."""

    def submit(self, draft: Draft) -> str:
        """Hand in a text and return the provider's id of it. Raises as `Gateway.send`."""

    def approval(self, template: str) -> Approval:
        """Return how far the provider is with a text. Raises `TryLater`, `Refused`."""
