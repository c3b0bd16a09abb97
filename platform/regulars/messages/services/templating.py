"""Changing the chain's messages and its word lists (C2, C3, C4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.errors import Conflict, Invalid, NotFound
from regulars.kit import Message, VerticalError, lint, plain
from regulars.kit.labels import Language
from regulars.kit.lint import Finding
from regulars.messages import wording
from regulars.messages.selectors import templates
from regulars.registry import selectors as declared
from regulars.registry import services as registry

PERMISSION: Final = "rules.manage"
_MOST: Final = 500  # every process keeps a chain's texts in memory, and judges them
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


class StillSent(Conflict):
    """A plan sends the text: without it the plan would have nothing to say."""

    code = "template-still-sent"
    sentence = _("A plan sends this text: %(plans)s. Choose other words there first.")


class NotOwn(Conflict):
    """The text is the industry's: it can be switched off, not removed."""

    code = "template-not-own"
    sentence = _("This text comes from the industry. Switch it off instead.")


class TooManyTexts(Conflict):
    """The chain has written as many texts as there is room for."""

    code = "too-many-templates"
    sentence = _("You have written %(most)s texts. Remove some that nobody uses.")


def new_key(occasion: str, tag: str = "") -> str:
    """Return a permanent name for a text of the chain's own; the same tag gives the same name."""
    return f"own-{occasion}-{tag or token_hex(4)}"


@transaction.atomic
def save(*, actor: Actor, key: str, body: Mapping[str, Any], now: datetime) -> None:
    """Keep a message of the chain's own, or its version of the vertical's; a plain `kit.Message`.

    Words that the lint refuses in any language or channel are not kept. Raises Forbidden,
    TemplateRefused, TooManyTexts, DeclarationRefused. ``{"off": True}`` leaves a message out,
    `restore` follows the vertical again.
    """
    require(actor, PERMISSION)
    if len(declared.vertical().messages) >= _MOST and key not in _keys():
        raise TooManyTexts(most=_MOST)
    if not body.get("off"):
        try:
            message = plain.build(Message, {**body, "key": key})
        except VerticalError as error:
            faults = "; ".join(str(fault) for fault in error.faults)
            raise registry.DeclarationRefused(faults=faults) from error
        found = {} if message.retired else wording.of_template(message)
        if any(lint.is_refused(each) for each in found.values()):
            raise TemplateRefused(found)
    registry.declare(actor=actor, noun="message", key=key, body=body, now=now)


def restore(*, actor: Actor, key: str) -> None:
    """Follow the vertical's own words again. Raises Forbidden."""
    require(actor, PERMISSION)
    registry.follow_vertical(actor=actor, noun="message", key=key)


@transaction.atomic
def switch(*, actor: Actor, key: str, on: bool, now: datetime) -> None:
    """Use a text no more, or again; what the chain wrote is kept either way.

    What was written before the lists of words grew may be refused when it is switched on. Raises
    Forbidden, NotFound, TemplateRefused.
    """
    require(actor, PERMISSION)
    kept = _kept(key)
    if not kept.is_changed or (on and kept.is_off):
        if on:
            restore(actor=actor, key=key)
        else:
            save(actor=actor, key=key, body={"off": True}, now=now)
        return
    body = {**plain.dump(kept.message), "retired": not on}
    save(actor=actor, key=key, body=body, now=now)


@transaction.atomic
def remove(*, actor: Actor, key: str) -> None:
    """Remove a text of the chain's own. Raises Forbidden, NotFound, NotOwn, StillSent.

    What was sent with it stays as it was sent.
    """
    require(actor, PERMISSION)
    if not _kept(key).is_own:
        raise NotOwn
    plans = templates.plans_that_send(key)
    if plans:
        raise StillSent(plans="; ".join(plans))
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
    require(actor, PERMISSION)
    lists = {"added": cleaned(added), "allowed": cleaned(allowed)}
    if not (1 <= most_alike <= 10_000 and 1 <= most_parts <= 10):
        raise WordsRefused
    registry.keep(
        actor=actor,
        noun=wording.NOUN,
        key=wording.KEY,
        body={**lists, "most_alike": most_alike, "most_parts": most_parts},
        now=now,
    )


def cleaned(words: Sequence[str]) -> list[str]:
    """Return a list of words without blanks and repetitions. Raises WordsRefused."""
    found = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if len(found) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in found):
        raise WordsRefused
    return found


def _keys() -> set[str]:
    return {each.key for each in declared.vertical().messages}


def _kept(key: str) -> templates.Kept:
    found = next((each for each in templates.shelf() if each.message.key == key), None)
    if found is None:
        raise NotFound
    return found
