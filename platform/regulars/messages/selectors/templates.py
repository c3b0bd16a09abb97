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


def at_providers(key: str) -> dict[tuple[str, Language], Approved]:
    """Return what each provider said of a message, by provider and language."""
    kept: Mapping[str, Any] = declared.own(NOUN).get(key, {})
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
