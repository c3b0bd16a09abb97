"""What points buy: the worked examples (scenarios/points.md) and what they imply."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from regulars.kit import Spend, points
from tests.kit.examples import words

SHARE = Spend(key="s", says=words("{points}"), mode="share", point_value=Decimal("0.01"))
FULL = Spend(key="f", says=words("{points}"), mode="full", price=300)


@pytest.mark.parametrize(
    ("row", "spend", "asked", "expected"),
    [
        (
            8,
            SHARE,
            {"amount_minor": 100000, "held": 200, "asked_points": 500, "partial": True},
            (200, 200),
        ),
        (
            9,
            replace(SHARE, share=Decimal("0.5")),
            {"amount_minor": 10000, "held": 10000, "asked_minor": 10000},
            (5000, 5000),
        ),
        (
            10,
            replace(SHARE, point_value=Decimal("0.05"), block=100),
            {"amount_minor": 9999, "held": 9999, "asked_minor": 1050},
            (200, 1000),
        ),
        (16, replace(SHARE, block=3), {"amount_minor": 10000, "held": 10}, (9, 9)),
        (20, replace(FULL, price=5), {"amount_minor": 100, "held": 9}, (5, 100)),
        (20, replace(FULL, price=5), {"amount_minor": 100, "held": 9, "claimed": 5}, (5, 100)),
        (
            22,
            replace(SHARE, point_value=Decimal("0.03")),
            {"amount_minor": 300000, "held": 3030},
            (3030, 9090),
        ),
        (27, FULL, {"amount_minor": 88800, "held": 300}, (300, 88800)),
        (
            28,
            replace(SHARE, point_value=Decimal(1), share=Decimal("0.5"), fixed=True),
            {"amount_minor": 40000, "held": 200},
            (200, 20000),
        ),
    ],
)
def test_what_points_buy(
    row: int, spend: Spend, asked: dict[str, Any], expected: tuple[int, int]
) -> None:
    found = points.quote(spend, **asked)

    assert (found.points, found.pays_minor) == expected
    assert found.pays_minor + found.rest_minor == asked["amount_minor"]


@pytest.mark.parametrize(
    ("row", "spend", "asked", "code"),
    [
        (8, SHARE, {"amount_minor": 100000, "held": 200, "asked_points": 500}, "not-enough"),
        (
            20,
            replace(FULL, price=5),
            {"amount_minor": 100, "held": 9, "claimed": 1},
            "price-differs",
        ),
        (27, FULL, {"amount_minor": 88800, "held": 299}, "not-enough"),
        (27, FULL, {"amount_minor": 88800, "held": 300, "quantity": 2}, "not-enough"),
        (
            28,
            replace(SHARE, share=Decimal("0.5"), fixed=True),
            {"amount_minor": 400, "held": 199},
            "not-enough",
        ),
        (
            28,
            replace(SHARE, fixed=True),
            {"amount_minor": 400, "held": 900, "asked_points": 100},
            "fixed-share",
        ),
        (0, replace(SHARE, minimum=100), {"amount_minor": 400, "held": 99}, "below-minimum"),
    ],
)
def test_what_points_do_not_buy(row: int, spend: Spend, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(points.SpendError) as caught:
        points.quote(spend, **asked)

    assert caught.value.code == code
    told = [caught.value.sentence(language) for language in ("zh-Hans", "zh-Hant", "en")]
    assert all(told)
    assert not any("{" in sentence for sentence in told)


def test_points_worth_less_than_a_cent_stay_with_the_customer() -> None:
    tiny = replace(SHARE, point_value=Decimal("0.004"))

    found = points.quote(tiny, amount_minor=10000, held=4)

    assert (found.points, found.pays_minor) == (3, 1)


def test_an_odd_half_is_rounded_in_favour_of_paying_fewer_points() -> None:
    half = replace(SHARE, point_value=Decimal(1), share=Decimal("0.5"), fixed=True)

    found = points.quote(half, amount_minor=39999, held=500)

    assert (found.points, found.pays_minor, found.rest_minor) == (199, 19900, 20099)
