"""Judging the words of messages (C2, C3): the one place that calls the kit's lint."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from regulars import registry
from regulars.kit import Message, lint, parts
from regulars.kit.care import PLACEHOLDERS
from regulars.kit.labels import Language
from regulars.kit.lint import Finding
from regulars.registry import selectors as declared

NOUN: Final = "wording"
KEY: Final = "words"
# What the lint looks at differs by these only.
_KINDS: Final = ("sms", "email", "call")

type Found = dict[tuple[Language, str], tuple[Finding, ...]]


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


def of_template(message: Message, *, recipients: int = 1) -> Found:
    """Judge a message in each of its languages and channels; only what was found is returned."""
    return of_templates([message], recipients=recipients)[0]


def of_templates(messages: Iterable[Message], *, recipients: int = 1) -> list[Found]:
    """Judge several messages; what was judged before by the same measure is remembered."""
    held, names = policy(), known()
    return [dict(_judged(each, held, names, recipients)) for each in messages]


@lru_cache(maxsize=4_096)  # a library is judged whole at every look, and some thousand texts differ
def _judged(
    message: Message, held: lint.Policy, names: frozenset[str], recipients: int
) -> tuple[tuple[tuple[Language, str], tuple[Finding, ...]], ...]:
    """Judge each language once for each kind of channel."""
    subjects = message.subject.texts() if message.subject else {}
    found: Found = {}
    for language, text in message.text.texts().items():
        by_kind: dict[str, tuple[Finding, ...]] = {}
        for channel in message.channels:
            kind = channel if channel in _KINDS else ""
            if kind not in by_kind:
                draft = lint.Draft(
                    text=text,
                    purpose=message.purpose,
                    channel=channel,
                    language=language,
                    occasion=message.occasion,
                    subject=subjects.get(language, "") if channel == "email" else "",
                    known=names,
                    recipients=recipients,
                    at_home=language != "en",
                )
                by_kind[kind] = lint.findings(draft, held)
            if by_kind[kind]:
                found[language, channel] = by_kind[kind]
    return tuple(found.items())


def of_text(
    *,
    text: str,
    purpose: Any,
    channel: Any,
    language: Language,
    values: Mapping[str, str],
    subject: str = "",
    recipients: int = 1,
    occasion: Any = None,
) -> tuple[Finding, ...]:
    """Judge words for one customer: `values` are what the placeholders are, or were."""
    draft = lint.Draft(
        text=text,
        purpose=purpose,
        channel=channel,
        language=language,
        occasion=occasion,
        subject=subject,
        known=known(),
        values=values,
        recipients=recipients,
    )
    return lint.findings(draft, policy())


def length(text: str, language: Language, *, signature: str) -> parts.Length:
    """Measure a template as a text message at home, or abroad if it is English."""
    at_home = language != "en"
    before = signature if at_home else f"{signature}: "
    draft = lint.Draft(text=text, purpose="care", language=language, before=before, at_home=at_home)
    return lint.measure(draft)


def fingerprint(text: str, names: Iterable[str]) -> str:
    """Return what texts of one wording (C3) share, whoever they name: 16 hexadecimal digits."""
    skeleton = lint.skeleton(text, [name for name in names if name])
    return blake2b(skeleton.encode(), digest_size=8).hexdigest()
