"""A list knows of each customer what every domain says of them, in one statement."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from regulars.points import ledger, tiers
from regulars.points import selectors as points
from regulars.purchases import selectors as purchases
from regulars.usecases import at_a_glance
from tests.factories.purchases import NOW, customer, event, line, returned, sale

pytestmark = pytest.mark.usefixtures("inside_aurum")


def test_a_glance_says_what_the_domains_say(django_assert_num_queries: Any) -> None:
    steady, spender, nobody = customer(), customer(name="Dora"), customer(name="Eve")
    long_ago = NOW - timedelta(days=900)
    sale(line(30_000), customer=steady, occurred_at=long_ago, now=long_ago)
    returned(sale(line(8_000), line(4_000), customer=steady), (1, 1))
    sale(line(90_000_000), customer=spender)
    ledger.adjust(event(spender, "gift"), amount=70, expires_at=NOW + timedelta(days=3))
    ids, later = [steady.id, spender.id, nobody.id], NOW + timedelta(days=4)

    with django_assert_num_queries(1):
        found = at_a_glance.of_many(ids, now=later)

    standings = purchases.standing_of_many(ids)
    balances, reached = points.balances_of_many(ids, now=later), tiers.of_many(ids, now=later)
    assert {key: each.points for key, each in found.items() if each.points is not None} == balances
    assert {key: each.tier for key, each in found.items() if each.tier} == reached
    for key, standing in standings.items():
        glance = found[key]
        assert (glance.purchases, glance.paid_minor, glance.last_at) == (
            standing.purchases, standing.paid_minor, standing.last_at
        )  # fmt: skip
    assert (found[nobody.id].purchases, found[nobody.id].points) == (0, None)
    assert len({each.tier.key for each in found.values() if each.tier}) > 1


def test_nobody_takes_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert at_a_glance.of_many([], now=NOW) == {}


def test_who_is_unknown_has_nothing() -> None:
    key = uuid4()

    assert at_a_glance.of_many([key], now=NOW)[key].purchases == 0
