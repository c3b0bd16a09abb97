"""What a number of a rating means: promoters and detractors, satisfied and unhappy (Q7)."""

from collections.abc import Mapping
from typing import Any, Final

from regulars.kit import Field, Survey, describing

NPS: Final = (0, 10)
"""The scale of the question whether somebody would recommend us (Reichheld 2003)."""
PROMOTER: Final = 9
DETRACTOR: Final = 6
_SATISFIED: Final = 3 / 4  # of the way from the lowest to the highest: 4 of 5, 8 of 10
_UNHAPPY: Final = 1 / 4  # 2 of 5


def is_nps(field: Field) -> bool:
    """Say whether a question has the scale of recommending."""
    return field.kind == "rating" and field.scale == NPS


def satisfied_from(field: Field) -> int:
    """Return the lowest number of somebody satisfied: 4 of 1 to 5, 8 of 0 to 10."""
    low, high = field.scale
    return next(n for n in range(low, high + 1) if n - low >= _SATISFIED * (high - low))


def unhappy_upto(field: Field) -> int:
    """Return the highest number of somebody unhappy: 2 of 1 to 5; a detractor's 6 of 0 to 10."""
    if is_nps(field):
        return DETRACTOR
    low, high = field.scale
    return max(n for n in range(low, high + 1) if n - low <= _UNHAPPY * (high - low))


def first(survey: Survey) -> Field:
    """Return the question that is asked first."""
    return next(each for each in survey.questions if not each.retired)


def is_unhappy(survey: Survey, answers: Mapping[str, Any]) -> bool:
    """Say whether somebody of ours is told: 2 of 5 or less anywhere, or a detractor with words."""
    words = any(isinstance(value, str) and value.strip() for value in _texts(survey, answers))
    for field in survey.questions:
        value = answers.get(field.key)
        is_low = field.kind == "rating" and isinstance(value, int) and value <= unhappy_upto(field)
        if is_low and (words or not is_nps(field)):
            return True
    return False


def without_words(survey: Survey | None, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that may be counted without knowing whose they were."""
    texts = {each.key for each in survey.questions if each.kind == "text"} if survey else set()
    choices = {each.key for each in survey.questions if each.kind == "choice"} if survey else set()
    return {
        key: value
        for key, value in answers.items()
        if key not in texts and (not isinstance(value, str) or key in choices)
    }


def _texts(survey: Survey, answers: Mapping[str, Any]) -> list[Any]:
    return [answers.get(each.key) for each in survey.questions if each.kind == "text"]


def lines(survey: Survey, answers: Mapping[str, Any], *, language: str) -> list[str]:
    """Return what was answered in words, a line for each question: ``The advice: 4 of 5``."""
    told = []
    for field in survey.questions:
        if field.key in answers:
            label = field.label.text(language).rstrip("？?")
            told.append(f"{label}: {shown(field, answers[field.key], language=language)}")
    return told


def shown(field: Field, value: Any, *, language: str) -> str:
    """Return one answer in words; a number says of how many."""
    if field.kind == "rating":
        return f"{value}/{field.scale[1]}"
    return describing.show(field, value, language=language)
