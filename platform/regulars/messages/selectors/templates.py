"""The chain's messages: the vertical's as head office left them, its own, and who approved them.

The words are declarations of the registry (noun "message"); what providers said of them are
settings of the chain (noun "template", by the message's key)::

    {"aliyun": {"zh-Hans": {"id": "SMS_1", "state": "approved", "signature": "…",
                            "variables": [["name", "customer.salutation"]], "reason": "",
                            "text": "the words that were approved"}}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language

from regulars import registry
from regulars.kit import Message
from regulars.kit.labels import Language, language_of
from regulars.registry import selectors as declared

NOUN: Final = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A message as one provider knows it, in one language.

    `variables` name the provider's places, in its order, and our placeholder for each. Only what
    is `approved` may be sent, and only while the words are still those.
    """

    id: str
    state: str
    variables: tuple[tuple[str, str], ...] = ()
    signature: str = ""
    reason: str = ""
    text: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "id": self.id,
            "state": self.state,
            "variables": [list(each) for each in self.variables],
            "signature": self.signature,
            "reason": self.reason,
            "text": self.text,
        }


def find(key: str) -> Message | None:
    """Return a message that is in use."""
    return next((each for each in library() if each.key == key), None)


def library(*, purpose: str = "", occasion: str = "") -> list[Message]:
    """Return the messages in use, for an occasion or a purpose; the vertical's order."""
    return [
        message
        for message in registry.vertical().messages
        if not message.retired
        and purpose in ("", message.purpose)
        and occasion in ("", message.occasion)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message as head office finds it in the library.

    `is_changed` is the chain's version of one of the vertical's, `is_own` one it wrote itself;
    `is_used` says whether it can be sent. `is_off` is one of the vertical's that was left out.
    """

    message: Message
    is_changed: bool
    is_own: bool
    is_off: bool

    @property
    def is_used(self) -> bool:
        """Say whether it is in use."""
        return not (self.is_off or self.message.retired)


def shelf() -> list[Kept]:
    """Return every message there is, those not in use too; one statement.

    What the vertical itself has retired is left out unless the chain uses it.
    """
    return [
        Kept(
            message=each.noun,
            is_changed=each.is_changed,
            is_own=each.is_own,
            is_off=each.is_off,
        )
        for each in declared.declarations("message")
        if each.is_changed or not each.noun.retired
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A step of a plan in use that sends a message, or takes the words of a call from it."""

    plan: str
    purpose: str
    do: str


def uses(key: str) -> list[Use]:
    """Return where plans in use send a message; their titles as the reader calls them."""
    language = get_language() or "en"
    return [
        Use(plan=plan.title.text(language), purpose=plan.purpose, do=step.do)
        for plan in registry.vertical().follow_ups
        for step in plan.steps
        if step.send == key and not (plan.retired or step.retired)
    ]


def plans_that_send(key: str) -> list[str]:
    """Return the titles of the plans in use with a step that sends a message, each once."""
    return list(dict.fromkeys(each.plan for each in uses(key)))


def at_providers(key: str) -> dict[tuple[str, Language], Approved]:
    """Return what each provider said of a message, by provider and language."""
    return said(declared.own(NOUN).get(key, {}))


def said(kept: Mapping[str, Any]) -> dict[tuple[str, Language], Approved]:
    """Return the same from how it is kept."""
    return {
        (provider, language_of(language)): Approved(
            id=body["id"],
            state=body["state"],
            variables=tuple((name, place) for name, place in body["variables"]),
            signature=body["signature"],
            reason=body["reason"],
            text=body["text"],
        )
        for provider, languages in kept.items()
        for language, body in languages.items()
    }
