"""Words for one customer: what the chain's library says to them, filled in their language (C4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from regulars.audit import Actor, ActorKind
from regulars.errors import NotFound
from regulars.kit import Message
from regulars.messages.selectors import rendering, templates
from regulars.messages.selectors.facts import Subject
from regulars.messages.selectors.rendering import Rendered
from regulars.usecases import contacting


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a contact is about; all of it is optional.

    `template` is the key of a message of the library, `task_id` the step of a plan it belongs to,
    `purchase_id` and `possession_id` what its placeholders speak of, `complaint_id` the open
    complaint that is talked about.
    """

    occasion: str = ""
    template: str = ""
    task_id: UUID | None = None
    purchase_id: UUID | None = None
    possession_id: UUID | None = None
    complaint_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One text of the library as this customer would read it.

    `missing` are placeholders without a value: a text that has any is not sent as it is.
    `refused` says that the lint speaks against it.
    """

    template: str
    occasion: str
    purpose: str
    channels: tuple[str, ...]
    text: str
    subject: str
    language: str
    missing: tuple[str, ...]
    refused: bool

    @property
    def is_complete(self) -> bool:
        """Say whether it can go as it stands."""
        return not self.missing and not self.refused


def suggested(
    *,
    actor: Actor,
    customer_id: UUID,
    now: datetime,
    about: About | None = None,
    purpose: str = "",
    limit: int = 6,
) -> list[Words]:
    """Return texts that fit, the best first, each filled for this customer; ten statements.

    The template that is named, else those of the occasion, else those of the purpose whose places
    can all be filled. Signed by who asks, if that is a person.
    """
    about = about or About()
    if about.template:
        found = [each for each in templates.library() if each.key == about.template]
    elif about.occasion:
        found = templates.library(occasion=about.occasion, purpose=purpose)
    else:
        found = templates.library(purpose=purpose)
    words = filled(actor=actor, customer_id=customer_id, messages=found, about=about, now=now)
    if not (about.template or about.occasion):
        words = [each for each in words if each.is_complete]
    return sorted(words, key=lambda each: not each.is_complete)[:limit]


def one(*, actor: Actor, customer_id: UUID, about: About, channel: str, now: datetime) -> Rendered:
    """Return the template that is named, filled. Raises NotFound if it is not in use."""
    message = templates.find(about.template)
    if message is None:
        raise NotFound
    (known,) = contacting.with_points([subject(actor, customer_id, about)], language="", now=now)
    (rendered,) = rendering.render(message, [known], channel=channel)
    return rendered


def filled(
    *,
    actor: Actor,
    customer_id: UUID,
    messages: Iterable[Message],
    about: About,
    now: datetime,
    language: str = "",
) -> list[Words]:
    """Fill some messages of the library for one customer, from facts that are read once."""
    wanted = list(messages)
    if not wanted:
        return []
    (known,) = contacting.with_points(
        [subject(actor, customer_id, about, language=language)], language=language, now=now
    )
    return [
        _words(message, rendered)
        for message, rendered in zip(wanted, rendering.choices(wanted, known), strict=True)
    ]


def subject(actor: Actor, customer_id: UUID, about: About, *, language: str = "") -> Subject:
    """Return whom a message is for; a person who acts signs it, else the customer's own guide."""
    return Subject(
        customer_id=customer_id,
        guide_id=actor.id if actor.kind is ActorKind.STAFF else None,
        purchase_id=about.purchase_id,
        possession_id=about.possession_id,
        language=language,
    )


def _words(message: Message, rendered: Rendered) -> Words:
    return Words(
        template=message.key,
        occasion=message.occasion,
        purpose=message.purpose,
        channels=message.channels,
        text=rendered.text,
        subject=rendered.subject,
        language=rendered.language,
        missing=tuple(sorted(rendered.missing)),
        refused=not rendered.may_be_sent and not rendered.missing,
    )
