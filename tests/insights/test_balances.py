"""The range of a net promoter score: it holds the truth as often as it says."""

from math import comb

import pytest
from scipy.stats import binomtest

from regulars.insights.balances import Balance, difference


@pytest.mark.parametrize("whole", [1, 5, 10, 37, 250])
def test_where_nobody_is_neither_it_is_wilsons_doubled(whole: int) -> None:
    for up in {0, 1, whole // 3, whole}:
        wilson = binomtest(up, whole).proportion_ci(0.95, method="wilson")

        found = difference(up, whole - up, whole)

        assert found == pytest.approx((2 * wilson.low - 1, 2 * wilson.high - 1), abs=1e-12)


def coverage(whole: int, for_: float, against: float, *, narrowed: float = 1.0) -> float:
    """Return exactly how often the range holds the truth, over every sample there can be."""
    truth, held = for_ - against, 0.0
    for up in range(whole + 1):
        for down in range(whole - up + 1):
            ways = comb(whole, up) * comb(whole - up, down)
            rest = (1 - for_ - against) ** (whole - up - down)
            low, high = difference(up, down, whole)
            middle = (up - down) / whole
            low, high = middle - (middle - low) * narrowed, middle + (high - middle) * narrowed
            if low - 1e-12 <= truth <= high + 1e-12:
                held += ways * for_**up * against**down * rest
    return held


CASES = [
    (whole, for_, against)
    for whole in (10, 25, 40)
    for for_, against in ((0.5, 0.2), (0.3, 0.3), (0.7, 0.1), (0.1, 0.5), (0.9, 0.05), (0.2, 0.05))
]


@pytest.mark.parametrize(("whole", "for_", "against"), CASES)
def test_it_holds_the_truth_nineteen_times_in_twenty(
    whole: int, for_: float, against: float
) -> None:
    assert coverage(whole, for_, against) > 0.925


def test_control_a_narrower_range_does_not() -> None:
    assert coverage(25, 0.5, 0.2, narrowed=0.7) < 0.87


def test_of_many_it_is_what_the_textbook_says() -> None:
    up, down, whole = 6_000, 2_000, 10_000
    rate, share = 0.4, (up + down) / whole
    reach = 1.959964 * ((share - rate**2) / whole) ** 0.5

    assert difference(up, down, whole) == pytest.approx((rate - reach, rate + reach), abs=3e-4)


def test_of_nothing_anything_is_possible_and_what_is_no_part_is_refused() -> None:
    assert difference(0, 0, 0) == (-1.0, 1.0)
    assert Balance(0, 0, 0).rate is None
    assert not Balance(9, 0, 9).is_enough
    for wrong in ((1, 0, 0), (3, 3, 5), (-1, 0, 5)):
        with pytest.raises(ValueError, match="no parts"):
            difference(*wrong)
