"""The arithmetic of docs/quiet-customers.md: the model against its paper, lists by hand."""

from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pytest

from tests.studies.quiet import bgnbd, chains, measuring, past, scores, study
from tests.studies.quiet.bgnbd import Histories, Parameters
from tests.studies.quiet.chains import Chain

# Fader, Hardie and Lee (2005), table 2 and section 4.4
PUBLISHED: Final = Parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
PUBLISHED_LIKELIHOOD: Final = -9582.4
WEEKS: Final = 39  # of the paper's calibration; it counts to the evening of the last day
THE_PAPERS_CUSTOMER: Final = Histories(
    repeats=np.array([2.0]), last=np.array([30.43]), known=np.array([38.86])
)


@pytest.fixture(scope="module")
def sample() -> Histories:
    found = past.everybody(chains.sample(), cut=WEEKS * past.WEEK)
    return replace(found, known=found.known - 1 / past.WEEK)


def chain(*visits: tuple[int, int]) -> Chain:
    """Return a chain of (customer, day), each visit worth as much as its day."""
    customer, day = (np.array(each) for each in zip(*sorted(visits), strict=True))
    return Chain(
        begins=date(2026, 1, 1),
        customers=int(customer.max()) + 1,
        customer=customer,
        day=day,
        spent=day.astype(np.float64),
    )


def test_both_chains_are_the_ones_that_are_known() -> None:
    groceries, records = chains.groceries(), chains.records()

    assert (groceries.begins, groceries.customers, len(groceries.day)) == (
        date(2017, 1, 1),
        2_469,
        126_824,
    )
    assert (records.begins, records.customers) == (date(1997, 1, 1), 23_570)
    assert round(records.spent.sum()) == 2_500_316


def test_the_model_is_as_likely_as_its_paper_says(sample: Histories) -> None:
    assert len(sample.repeats) == 2_357
    assert bgnbd.log_likelihood(PUBLISHED, sample) == pytest.approx(PUBLISHED_LIKELIHOOD, abs=0.05)


def test_the_fit_finds_the_papers_parameters(sample: Histories) -> None:
    found = bgnbd.fit(sample)

    for name in ("r", "alpha", "a", "b"):
        assert getattr(found, name) == pytest.approx(getattr(PUBLISHED, name), abs=0.001)


def test_the_papers_customer_is_expected_as_often_as_there() -> None:
    visits = bgnbd.expected(PUBLISHED, THE_PAPERS_CUSTOMER, weeks=39)

    assert visits[0] == pytest.approx(1.226, abs=0.001)


def test_the_chances_agree_with_the_likelihood() -> None:
    # The chance of an empty stretch is the likelihood of having seen it too, over that before it.
    x, last = np.array([0.0, 1.0, 7.0]), np.array([0.0, 3.0, 30.0])
    for index in range(3):
        one = Histories(
            repeats=x[index : index + 1], last=last[index : index + 1], known=np.array([35.0])
        )
        longer = replace(one, known=one.known + 13)
        ratio = np.exp(
            bgnbd.log_likelihood(PUBLISHED, longer) - bgnbd.log_likelihood(PUBLISHED, one)
        )

        assert bgnbd.stays_away(PUBLISHED, one, weeks=13)[0] == pytest.approx(ratio, rel=1e-9)


def test_what_a_shop_knows_is_only_what_lies_before_the_cut() -> None:
    visits = ((0, 1), (0, 11), (0, 31), (0, 50), (1, 20), (1, 24), (1, 28), (2, 5))

    found = past.regulars(chain(*visits), cut=41, window=40, visits=3)

    assert found.who.tolist() == [0, 1]
    assert found.since.tolist() == [10, 13]
    assert found.mean_gap.tolist() == [15, 4]
    assert found.median_gap.tolist() == [15, 4]
    assert found.pace == 9.5
    assert found.worth.tolist() == [pytest.approx(43 / 40 * 7), pytest.approx(72 / 40 * 7)]
    assert past.stayed_away(chain(*visits), found, days=9).tolist() == [1, 1]
    assert past.stayed_away(chain(*visits), found, days=10).tolist() == [0, 1]


def test_a_list_is_measured_as_by_hand() -> None:
    score = np.arange(40, 0, -1.0)
    away = np.zeros(40)
    away[[0, 2, *range(30, 40)]] = 1
    worth = np.full(40, 10.0)
    worth[0] = 80
    ranked = measuring.ranked(score, who=np.arange(40), away=away, worth=worth, seed=1)

    found = measuring.compare({"score": [ranked]}, customers=40, resamples=50, seed=1)["score"]

    assert found.precision_list.value == pytest.approx(2 / 30)
    assert found.precision_share.value == pytest.approx(2 / 4)
    assert found.recall_share.value == pytest.approx(2 / 12)
    assert found.lost_share.value == pytest.approx(90 / 190)
    assert found.precision_share.low <= 0.5 <= found.precision_share.high


def test_a_customer_who_is_drawn_twice_takes_two_places() -> None:
    ranked = measuring.ranked(
        np.array([3.0, 2.0, 1.0]),
        who=np.arange(3),
        away=np.array([1.0, 0.0, 1.0]),
        worth=np.ones(3),
        seed=1,
    )

    (measured,) = measuring._one(ranked, np.array([[20, 40, 40]]))

    # thirty places: twenty for the first, ten for the second; ten places: all for the first
    assert measured.tolist() == pytest.approx([20 / 30, 1, 10 / 60, 20 / 60, 10 / 60])


def test_a_score_that_knows_what_comes_beats_all_others() -> None:
    setting = study.SETTINGS[0]
    task = study._task(setting, setting.read(), setting.read().days_until(date(2017, 9, 1)), 28)
    away = past.stayed_away(task.chain, task.past, days=28)
    ranks = {
        name: [measuring.ranked(score, who=task.past.who, away=away, worth=task.past.worth, seed=1)]
        for name, score in {
            "knows": away,
            "days": scores.days_since(task),
            "chance": np.random.default_rng(1).random(len(away)),
        }.items()
    }

    found = measuring.compare(ranks, customers=task.chain.customers, resamples=40, seed=1)

    assert found["knows"].precision_share.value == 1
    assert found["days"].more_precision.high < 0
    assert found["chance"].precision_share.low < away.mean() < found["chance"].precision_share.high
    assert found["days"].precision_share.low > found["chance"].precision_share.high


def test_every_score_of_the_study_gives_a_number_to_everybody() -> None:
    setting = study.SETTINGS[1]
    task = study._task(setting, setting.read(), setting.read().days_until(date(1997, 10, 1)), 60)

    for name, score in scores.SCORES.items():
        assert np.isfinite(score(task)).all(), name
