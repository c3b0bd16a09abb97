"""A survey as a customer meets it: faces or numbers first, then at most five more questions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.kit import Field, Survey
from regulars.surveys import declared, scales

ICONS: Final = {
    1: "mood-angry",
    2: "mood-sad",
    3: "mood-empty",
    4: "mood-smile",
    5: "mood-happy",
}
_FACES: Final[dict[int, str | Promise]] = {
    1: _("Very bad"),
    2: _("Bad"),
    3: _("So-so"),
    4: _("Good"),
    5: _("Very good"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer that can be tapped; a face where there are five."""

    value: str
    words: str
    icon: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with its answers, or room for words."""

    key: str
    text: str
    kind: str
    answers: tuple[Answer, ...] = ()
    value: str = ""
    is_numbers: bool = False
    most: int = 0


def questions(survey: Survey, given: Mapping[str, Any], *, language: str) -> list[Question]:
    """Return what is asked, the first question first, with what was answered so far."""
    return [_question(each, given.get(each.key), language) for each in declared.questions(survey)]


def _question(field: Field, value: Any, language: str) -> Question:
    is_numbers = field.kind == "rating" and field.scale != (1, 5)
    return Question(
        key=field.key,
        text=field.label.text(language),
        kind=field.kind,
        answers=tuple(_answers(field, value, language)),
        value=value if isinstance(value, str) else "",
        is_numbers=is_numbers,
        most=field.max_length,
    )


def _answers(field: Field, value: Any, language: str) -> list[Answer]:
    if field.kind == "rating":
        low, high = field.scale
        faces = (low, high) == (1, 5)
        return [
            Answer(
                value=str(n),
                words=str(_FACES[n]) if faces else str(n),
                icon=ICONS[n] if faces else "",
                is_chosen=value == n,
            )
            for n in range(low, high + 1)
        ]
    if field.kind == "boolean":
        words = {"true": (_("Yes"), True), "false": (_("No"), False)}
        return [
            Answer(value=key, words=str(word), is_chosen=value is means)
            for key, (word, means) in words.items()
        ]
    if field.kind == "choice":
        return [
            Answer(value=each.key, words=each.label.text(language), is_chosen=value == each.key)
            for each in field.choices
            if not each.retired
        ]
    return []


def given(survey: Survey, sent: QueryDict) -> dict[str, object]:
    """Return what of a form answers the survey: the first question, or all that was shown."""
    first = scales.first(survey).key
    if "rest" not in sent:
        return {first: sent.get(first, "")} if sent.get(first) else {}
    keys = [each.key for each in declared.questions(survey)]
    return {key: sent.get(key, "").strip() for key in keys if key in sent and key != first}
