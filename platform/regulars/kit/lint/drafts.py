"""What is judged, by what measure, and what is found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from regulars.kit.care import PLACEHOLDERS, Channel, Occasion, Purpose
from regulars.kit.labels import Label, Language
from regulars.kit.lint.reasons import reason

Severity = Literal["refuse", "warn"]
Place = Literal["text", "subject"]
Code = Literal[
    "sells-discount", "sells-price", "sells-goods", "sells-hurry", "sells-order", "sells-link",
    "link", "no-name", "no-signature", "unknown-placeholder", "empty-placeholder",
    "mass-produced", "too-long", "forbidden-by-law", "not-marked", "no-way-out",
    "wrong-purpose", "chain-word",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A template, or a text that is filled already.

    `known` are the placeholders that mean something; `values` what they would be for one
    customer, or were. `before` and `after` are what sending adds: the shop's signature, the words
    of refusal. `at_home` is whether it goes to numbers of mainland China.
    """

    text: str
    purpose: Purpose
    channel: Channel = "sms"
    language: Language = "zh-Hans"
    occasion: Occasion | None = None
    subject: str = ""
    known: Collection[str] = PLACEHOLDERS
    values: Mapping[str, str] | None = None
    recipients: int = 1
    before: str = ""
    after: str = ""
    at_home: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a chain may set: words it refuses besides, words it allows, and two limits.

    What lies inside an allowed word is not found (`新品` in `新品堂`); the same goes for the values
    of placeholders. More than `most_alike` customers do not get one wording.
    """

    added: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    most_alike: int = 30
    most_parts: int = 3


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Finding:
    """One thing found: `words` stand at `start` to `end` of the text or subject.

    What is missing has an empty span, where it belongs.
    """

    place: Place
    start: int
    end: int
    code: Code
    severity: Severity
    words: str
    reason: Label = field(compare=False)


def finding(
    code: Code, severity: Severity, text: str, start: int, end: int, place: Place = "text"
) -> Finding:
    """Return a finding with its words and its reason."""
    words = text[start:end]
    return Finding(
        place=place,
        start=start,
        end=end,
        code=code,
        severity=severity,
        words=words,
        reason=reason(code, words),
    )
