"""A message for a customer: its words filled, and judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from regulars.kit import Message, labels, lint
from regulars.kit.labels import Language
from regulars.kit.lint import Finding
from regulars.messages import wording
from regulars.messages.selectors import facts, templates
from regulars.messages.selectors.facts import Facts, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The words for one customer. `missing` placeholders have no value: it must not be sent."""

    text: str
    subject: str
    language: Language
    missing: frozenset[str]
    findings: tuple[Finding, ...]
    values: dict[str, str]

    @property
    def may_be_sent(self) -> bool:
        """Say whether nothing found forbids it."""
        return not self.missing and not lint.is_refused(self.findings)


def render(message: Message, subjects: Sequence[Subject], *, channel: str) -> list[Rendered]:
    """Fill a message for each subject in their language, and judge it; six statements in all."""
    return [_filled(message, known, channel) for known in facts.of_many(subjects)]


def choices(messages: Sequence[Message], subject: Subject) -> list[Rendered]:
    """Fill several messages for one subject, each as for its first channel; six statements."""
    (known,) = facts.of_many([subject])
    return [_filled(each, known, each.channels[0]) for each in messages]


def at_provider(key: str, rendered: Rendered, *, provider: str) -> dict[str, Any] | None:
    """Return what a provider that sends approved texts only is told, for `Contact.facts`.

    None if it has not approved these very words in this language, or a place would be empty.
    """
    message = templates.find(key)
    approved = templates.at_providers(key).get((provider, rendered.language))
    if message is None or approved is None or approved.state != "approved":
        return None
    if approved.text != message.text.text(rendered.language):
        return None
    variables = [[name, rendered.values.get(place, "")] for name, place in approved.variables]
    if not all(value for _name, value in variables):
        return None
    return {"template": approved.id, "variables": variables, "signature": approved.signature}


def _filled(message: Message, known: Facts, channel: str) -> Rendered:
    template = message.text.text(known.language)
    heading = message.subject.text(known.language) if message.subject else ""
    used = labels.placeholders(template)[0] | labels.placeholders(heading)[0]
    return Rendered(
        text=labels.fill(template, known.values),
        subject=labels.fill(heading, known.values),
        language=known.language,
        missing=frozenset(used - known.values.keys()),
        findings=wording.of_text(
            text=template,
            subject=heading if channel == "email" else "",
            purpose=message.purpose,
            channel=channel,
            language=known.language,
            values=known.values,
            occasion=message.occasion,
        ),
        values=known.values,
    )
