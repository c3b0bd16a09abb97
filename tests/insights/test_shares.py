"""Shares of a sample, and the range in which the truth lies."""

import pytest
from scipy.stats import binomtest

from regulars.insights.shares import LEAST, Share, wilson


@pytest.mark.parametrize("whole", [1, 2, 3, 9, 10, 37, 250, 12_345])
def test_the_interval_is_wilsons(whole: int) -> None:
    for part in {0, 1, whole // 3, whole // 2, whole - 1, whole}:
        expected = binomtest(part, whole).proportion_ci(0.95, method="wilson")

        found = wilson(part, whole)

        assert found == pytest.approx((expected.low, expected.high), abs=1e-12)
        assert 0 <= found.low <= part / whole <= found.high <= 1


def test_of_nothing_anything_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert Share(0, 0).rate is None


def test_what_is_no_part_is_refused() -> None:
    with pytest.raises(ValueError, match="11 is no part of 10"):
        wilson(11, 10)


def test_a_few_answers_are_too_few_to_say() -> None:
    assert not Share(LEAST - 1, LEAST - 1).is_enough
    assert Share(0, LEAST).is_enough
