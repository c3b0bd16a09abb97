"""What a survey may be: after what, how often, in which kinds of answers (Q7)."""

from dataclasses import replace
from typing import Any

import pytest

from regulars.kit import Survey, VerticalError
from tests.kit.examples import LIKED, tailor, words

SURVEY = Survey(key="s", title=words("S"), starts="purchase.recorded", questions=(LIKED,))


@pytest.mark.parametrize(
    ("changes", "where", "why"),
    [
        ({"starts": "customer.birthday"}, "surveys.s", "no survey follows"),
        ({"days": -1}, "surveys.s", "days must be from 0"),
        ({"every": 0}, "surveys.s", "every must be from 1"),
        ({"questions": (replace(LIKED, kind="text"),)}, "surveys.s", "the first question"),
        ({"questions": (replace(LIKED, retired=True),)}, "surveys.s", "Q7"),
        (
            {"questions": (LIKED, replace(LIKED, key="d", kind="date", about=""))},
            "surveys.s.questions.d",
            "not date",
        ),
    ],
)
def test_a_wrong_survey_is_named(changes: dict[str, Any], where: str, why: str) -> None:
    with pytest.raises(VerticalError) as refused:
        tailor(surveys=(replace(SURVEY, **changes),))

    assert [fault.where for fault in refused.value.faults if why in fault.text] == [where]


def test_a_question_that_is_not_asked_any_more_takes_no_place() -> None:
    many = tuple(replace(LIKED, key=f"q{n}", label=words(f"Q{n}"), retired=n > 5) for n in range(9))

    assert tailor(surveys=(replace(SURVEY, questions=many),)).surveys[0].questions == many
