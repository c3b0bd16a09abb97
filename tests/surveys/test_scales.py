"""What a number means: promoters, satisfied, unhappy."""

import pytest

from regulars.kit import Field, Label, Survey
from regulars.surveys import scales


def rating(key: str = "overall", low: int | None = None, high: int | None = None) -> Field:
    return Field(
        on="answer", key=key, kind="rating", label=Label(en=key), minimum=low, maximum=high
    )


def survey(*questions: Field) -> Survey:
    words = Field(on="answer", key="words", kind="text", label=Label(en="Words"))
    return Survey(
        key="s", title=Label(en="S"), starts="purchase.recorded", questions=(*questions, words)
    )


@pytest.mark.parametrize(
    ("field", "satisfied", "unhappy"),
    [(rating(), 4, 2), (rating("nps", 0, 10), 8, 6), (rating("three", 1, 3), 3, 1)],
    ids=["faces", "recommending", "three"],
)
def test_a_scale_says_who_is_satisfied_and_who_is_not(
    field: Field, satisfied: int, unhappy: int
) -> None:
    assert scales.satisfied_from(field) == satisfied
    assert scales.unhappy_upto(field) == unhappy


@pytest.mark.parametrize(
    ("field", "answers", "expected"),
    [
        (rating(), {"overall": 2}, True),
        (rating(), {"overall": 3, "words": "So-so."}, False),
        (rating("nps", 0, 10), {"nps": 6}, False),
        (rating("nps", 0, 10), {"nps": 6, "words": "Slow."}, True),
        (rating("nps", 0, 10), {"nps": 7, "words": "Slow."}, False),
        (rating("nps", 0, 10), {"nps": 0, "words": "  "}, False),
    ],
)
def test_two_of_five_is_unhappy_and_a_detractor_with_words(
    field: Field, answers: dict[str, object], expected: bool
) -> None:
    assert scales.is_unhappy(survey(field), answers) is expected


def test_any_question_of_faces_may_be_the_unhappy_one() -> None:
    asked = survey(rating("nps", 0, 10), rating("price"))

    assert scales.is_unhappy(asked, {"nps": 10, "price": 1})


def test_without_words_only_what_can_be_counted_stays() -> None:
    answers = {"overall": 2, "words": "Slow.", "pressed": True, "gone": "typed"}

    assert scales.without_words(survey(rating()), answers) == {"overall": 2, "pressed": True}
    assert scales.without_words(None, answers) == {"overall": 2, "pressed": True}
