"""Judging the words of messages (C2, C3): the one place that calls the kit's lint."""

from collections.abc import Mapping
from typing import Any, Final

from regulars import registry
from regulars.kit import Message, lint
from regulars.kit.care import PLACEHOLDERS
from regulars.kit.labels import Language
from regulars.kit.lint import Finding
from regulars.registry import selectors as declared

NOUN: Final = "wording"
KEY: Final = "words"


def policy() -> lint.Policy:
    """Return the chain's own word lists and limits (see `services.templating.set_words`)."""
    body: Mapping[str, Any] = declared.own(NOUN).get(KEY, {})
    own: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in body.items()
    }
    return lint.Policy(**own)


def known() -> frozenset[str]:
    """Return the placeholders that mean something in the current chain."""
    vertical = registry.vertical()
    own = {f"{on}.{each.key}" for on in ("customer", "purchase") for each in vertical.fields_on(on)}
    own |= {f"possession.{each.key}" for kind in vertical.possessions for each in kind.fields}
    return PLACEHOLDERS | own


def of_template(message: Message) -> dict[tuple[Language, str], tuple[Finding, ...]]:
    """Judge a message in each of its languages and channels; only what was found is returned."""
    subjects = message.subject.texts() if message.subject else {}
    found = {
        (language, channel): lint.findings(
            lint.Draft(
                text=text,
                purpose=message.purpose,
                channel=channel,
                language=language,
                subject=subjects.get(language, "") if channel == "email" else "",
                known=known(),
            ),
            policy(),
        )
        for language, text in message.text.texts().items()
        for channel in message.channels
    }
    return {place: findings for place, findings in found.items() if findings}


def of_text(
    *,
    text: str,
    purpose: Any,
    channel: Any,
    language: Language,
    values: Mapping[str, str],
    subject: str = "",
    recipients: int = 1,
) -> tuple[Finding, ...]:
    """Judge words for one customer: `values` are what the placeholders are, or were."""
    draft = lint.Draft(
        text=text,
        purpose=purpose,
        channel=channel,
        language=language,
        subject=subject,
        known=known(),
        values=values,
        recipients=recipients,
    )
    return lint.findings(draft, policy())
