"""Changing the chain's messages, its word lists, and what providers approve."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Invalid, NotFound
from regulars.kit import Message, VerticalError, labels, lint, plain
from regulars.kit.labels import Language
from regulars.kit.lint import Finding
from regulars.messages import wording
from regulars.messages.gateways.contract import Approving, Draft
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Approved
from regulars.registry import services as registry

_PERMISSION: Final = "rules.manage"
_MOST_WORDS: Final = 500
_LONGEST_WORD: Final = 40


class TemplateRefused(Invalid):
    """The words sell where they must not, or say nothing; `findings` mark them, by place."""

    code = "template-refused"
    sentence = _("These words cannot be used. Please look at what is marked.")

    def __init__(self, found: Mapping[tuple[Language, str], tuple[Finding, ...]]) -> None:
        """Take what was found, by language and channel."""
        super().__init__()
        self.findings = dict(found)


class WordsRefused(Invalid):
    """The word lists are too long, or no lists of words."""

    code = "words-refused"
    sentence = _("Give at most 500 words of at most 40 characters each.")


@transaction.atomic
def save(*, actor: Actor, key: str, body: Mapping[str, Any], now: datetime) -> None:
    """Keep a message of the chain's own, or its version of the vertical's; a plain `kit.Message`.

    Words that the lint refuses in any language or channel are not kept. Raises Forbidden,
    TemplateRefused, DeclarationRefused. ``{"off": True}`` leaves a message out, `restore` follows
    the vertical again.
    """
    require(actor, _PERMISSION)
    if not body.get("off"):
        try:
            message = plain.build(Message, {**body, "key": key})
        except VerticalError as error:
            faults = "; ".join(str(fault) for fault in error.faults)
            raise registry.DeclarationRefused(faults=faults) from error
        found = wording.of_template(message)
        if any(lint.is_refused(each) for each in found.values()):
            raise TemplateRefused(found)
    registry.declare(actor=actor, noun="message", key=key, body=body, now=now)


def restore(*, actor: Actor, key: str) -> None:
    """Follow the vertical's own words again. Raises Forbidden."""
    require(actor, _PERMISSION)
    registry.follow_vertical(actor=actor, noun="message", key=key)


def set_words(
    *,
    actor: Actor,
    added: Sequence[str],
    allowed: Sequence[str],
    now: datetime,
    most_alike: int = 30,
    most_parts: int = 3,
) -> None:
    """Keep the chain's own word lists and limits of the lint. Raises Forbidden, WordsRefused."""
    require(actor, _PERMISSION)
    lists = {"added": _cleaned(added), "allowed": _cleaned(allowed)}
    if not (1 <= most_alike <= 10_000 and 1 <= most_parts <= 10):
        raise WordsRefused
    registry.keep(
        actor=actor,
        noun=wording.NOUN,
        key=wording.KEY,
        body={**lists, "most_alike": most_alike, "most_parts": most_parts},
        now=now,
    )


def keep_approval(
    *,
    actor: Actor,
    key: str,
    provider: str,
    language: Language,
    approved: Approved | None,
    now: datetime,
) -> None:
    """Keep what a provider says of a message; None forgets it. Raises Forbidden, NotFound."""
    require(actor, _PERMISSION)
    if templates.find(key) is None:
        raise NotFound
    kept = {**templates.at_providers(key)}
    kept.pop((provider, language), None)
    if approved is not None:
        kept[provider, language] = approved
    body: dict[str, dict[str, Any]] = {}
    for (name, tongue), each in sorted(kept.items()):
        body.setdefault(name, {})[tongue] = each.plain()
    registry.keep(actor=actor, noun=templates.NOUN, key=key, body=body, now=now)


def submit(
    *,
    actor: Actor,
    gateway: Approving,
    provider: str,
    key: str,
    language: Language,
    remark: str,
    now: datetime,
    signature: str = "",
    examples: Mapping[str, str] | None = None,
) -> Approved:
    """Hand a message in for approval, and keep what the provider calls it.

    Its places are numbered from 1 in the order of the text: ``{customer.name}`` becomes ``${p1}``.
    Raises Forbidden, NotFound, and as `Gateway.send`: then nothing is kept.
    """
    require(actor, _PERMISSION)
    message = templates.find(key)
    if message is None:
        raise NotFound
    text = message.text.text(language)
    names = list(dict.fromkeys(labels.PLACEHOLDER.findall(text)))
    places = {name: f"p{number}" for number, name in enumerate(names, start=1)}
    given = examples or {}
    draft = Draft(
        name=key,
        text=labels.fill(text, {name: f"${{{place}}}" for name, place in places.items()}),
        purpose=message.purpose,
        remark=remark,
        signature=signature,
        examples=tuple((place, given[name]) for name, place in places.items() if name in given),
    )
    approved = Approved(
        id=gateway.submit(draft),
        state="pending",
        variables=tuple((place, name) for name, place in places.items()),
        signature=signature,
        text=text,
    )
    keep_approval(
        actor=actor, key=key, provider=provider, language=language, approved=approved, now=now
    )
    return approved


def track(
    *,
    actor: Actor,
    gateway: Approving,
    provider: str,
    key: str,
    language: Language,
    now: datetime,
) -> Approved:
    """Ask how far a provider is with a message, and keep its answer. Raises as `submit`."""
    require(actor, _PERMISSION)
    known = templates.at_providers(key).get((provider, language))
    if known is None:
        raise NotFound
    answer = gateway.approval(known.id)
    told = Approved(
        id=known.id,
        state=answer.state,
        variables=known.variables,
        signature=known.signature,
        reason=answer.reason,
        text=known.text,
    )
    keep_approval(
        actor=actor, key=key, provider=provider, language=language, approved=told, now=now
    )
    return told


def _cleaned(words: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if len(found) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in found):
        raise WordsRefused
    return found
