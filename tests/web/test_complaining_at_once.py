"""Forms that arrive at the same moment, with real commits: one case, and limits that hold."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connections

from regulars.complaints.models import Case
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.usecases import complain_alone
from regulars.usecases.complain_alone import Limit
from tests.factories.complaining import address, place, stamp
from tests.factories.visitors import Visitor

HANDS = 6


@pytest.fixture
def chain(own_database: str) -> Iterator[ChainInfo]:
    cache.clear()
    found = directory.find("aurum")
    assert found is not None
    yield found
    cache.clear()


def press(at: str, once: str, number: int, *, kept: str = "") -> Any:
    """Send a form from an address of its own, in a thread; `kept` is what its browser keeps."""
    body, guest = {"once": once, "text": "It broke."}, Visitor()
    guest.cookies["complaining"] = kept
    try:
        return guest.post(address(at), body, REMOTE_ADDR=f"198.51.100.{number}")
    finally:
        connections.close_all()


def test_two_taps_at_the_same_moment_are_one_case(chain: ChainInfo) -> None:
    with context.inside(chain):
        at, number = place(), uuid4()
        once = stamp(number=number)

    with ThreadPoolExecutor(HANDS) as hands:
        answers = list(hands.map(lambda n: press(at, once, n, kept=number.hex), range(HANDS)))

    with context.inside(chain):
        assert Case.objects.count() == 1
    assert len({each["Location"] for each in answers}) == 1


def test_of_browsers_that_send_one_form_at_the_same_moment_one_is_let_in(
    chain: ChainInfo,
) -> None:
    with context.inside(chain):
        at, once = place(), stamp()

    with ThreadPoolExecutor(HANDS) as hands:
        sent = hands.map(lambda number: press(at, once, number), range(HANDS))
        codes = sorted(each.status_code for each in sent)

    assert codes == [302, *[409] * (HANDS - 1)]
    with context.inside(chain):
        assert Case.objects.count() == 1


def flood(chain: ChainInfo) -> int:
    """Send twelve complaints at once, each from another address; return how many were taken."""
    with context.inside(chain):
        at, forms = place(), [stamp() for _ in range(12)]
    with ThreadPoolExecutor(HANDS) as hands:
        answers = list(hands.map(lambda n: press(at, forms[n], n).status_code, range(12)))
    assert set(answers) <= {302, 429}
    with context.inside(chain):
        return Case.objects.count()


def test_a_stores_limit_is_exact_whatever_comes_at_once(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(5, 3_600))

    assert flood(chain) == 5


def test_positive_control_without_the_count_all_are_taken(
    chain: ChainInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complain_alone, "BY_STORE", Limit(5, 3_600))
    monkeypatch.setattr(complain_alone, "_check_room", lambda *_given, **_named: None)

    assert flood(chain) == 12
