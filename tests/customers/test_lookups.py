"""Nobody walks through phone numbers: how many look-ups a person or a key has."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache

from regulars.api import resolving
from regulars.audit import ALL, SYSTEM, Actor, ActorKind
from regulars.audit.models import Entry
from regulars.customers import lookups, selectors
from regulars.customers.lookups import TooManyLookups
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.customers.conftest import Browser, Cast
from tests.factories import customers, people

TEN_MINUTES = 600


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test reach the limits quickly."""
    monkeypatch.setattr(lookups, "OF_STAFF", ((3, TEN_MINUTES), (5, 24 * 3600)))
    monkeypatch.setattr(lookups, "OF_A_STORES_KEY", ((4, TEN_MINUTES),))
    cache.clear()
    yield
    cache.clear()


def walk(actor: Actor, *, first: int = 0, numbers: int = 3) -> None:
    """Look up one phone after the other."""
    for number in range(first, first + numbers):
        selectors.recognise(actor=actor, phone=f"+8613800130{number:03}")


def sell(actor: Actor, *, phone: str) -> None:
    """Find the customer of a sale as the API does."""
    store = str(people.first_store().id)
    everywhere = replace(actor, scope=ALL)
    resolving.meant({"store": store, "customer": {"phone": phone}}, actor=everywhere)


def refusals() -> list[Any]:
    return list(Entry.objects.filter(action="customers.lookups-refused").order_by("id"))


def test_beyond_the_limit_the_sentence_says_when_to_go_on(cast: Cast) -> None:
    walk(cast.bob)

    with pytest.raises(TooManyLookups) as refusal:
        walk(cast.bob, first=3, numbers=1)

    assert refusal.value.retry_after is not None
    assert TEN_MINUTES - 30 < refusal.value.retry_after <= TEN_MINUTES
    assert str(refusal.value.params["when"]) in str(refusal.value)


def test_the_same_number_again_is_one_look_up(cast: Cast) -> None:
    for _again in range(10):
        walk(cast.bob, numbers=3)


def test_a_refused_number_stays_refused_when_asked_again(cast: Cast) -> None:
    walk(cast.bob)

    for _again in range(2):
        with pytest.raises(TooManyLookups):
            walk(cast.bob, first=3, numbers=1)


def test_a_colleague_and_another_chain_are_not_held_up(cast: Cast, bloom: ChainInfo) -> None:
    walk(cast.bob)

    walk(cast.charlie)
    with context.inside(bloom):
        walk(cast.bob)


def test_a_day_has_a_limit_of_its_own(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "OF_STAFF", ((100, TEN_MINUTES), (5, 24 * 3600)))
    walk(cast.bob, numbers=5)

    with pytest.raises(TooManyLookups) as refusal:
        walk(cast.bob, first=5, numbers=1)

    assert refusal.value.retry_after is not None
    assert refusal.value.retry_after > TEN_MINUTES


def test_a_code_nobody_has_does_not_count_and_one_that_leads_to_somebody_does(cast: Cast) -> None:
    for number in range(4):
        customers.customer(name="王", member_code=f"VIP{number}")
    for number in range(10):
        selectors.anything(actor=cast.bob, text=f"nobody{number}", region="CN")
    for number in range(3):
        selectors.anything(actor=cast.bob, text=f"vip{number}", region="CN")

    with pytest.raises(TooManyLookups):
        selectors.anything(actor=cast.bob, text="vip3", region="CN")


def test_recording_a_sale_for_who_is_found_does_not_count(cast: Cast) -> None:
    for number in range(6):
        customers.customer(name="王", phone=f"1380013000{number}")

    for number in range(6):
        sell(cast.bob, phone=f"1380013000{number}")
    walk(cast.bob, first=100)
    with pytest.raises(TooManyLookups):
        sell(cast.bob, phone="13900139000")


def test_a_key_of_a_store_and_one_of_the_chain_have_limits_of_their_own(cast: Cast) -> None:
    may = frozenset({"purchases.record"})
    of_store = Actor(kind=ActorKind.KEY, id=cast.north.id, scope=cast.bob.scope, may=may)
    of_chain = Actor(kind=ActorKind.KEY, id=cast.south.id, scope=cast.alice.scope, may=may)
    walk(of_store, numbers=4)
    walk(of_chain, numbers=20)

    with pytest.raises(TooManyLookups):
        walk(of_store, first=4, numbers=1)


def test_the_product_itself_is_not_counted(cast: Cast) -> None:
    walk(SYSTEM, numbers=20)


def test_the_counter_says_it_and_it_is_audited_once(cast: Cast) -> None:
    browser = Browser(cast.bob_)
    for number in range(3):
        assert browser.get("counter", q=f"1380013000{number}").status_code == 200

    pages = [browser.get("counter", q=f"1390013900{number}") for number in range(3)]

    assert [page.status_code for page in pages] == [429] * 3
    assert "You can go on at" in pages[0].content.decode()
    assert int(pages[0]["Retry-After"]) <= TEN_MINUTES
    [entry] = refusals()
    assert (entry.actor_id, entry.data) == (cast.bob_.pk, {"most": 3, "seconds": TEN_MINUTES})


def test_search_and_the_form_of_a_new_customer_count_too(cast: Cast) -> None:
    browser = Browser(cast.bob_)
    browser.get("search", q="13800130001", htmx=True)
    browser.get("customer_similar", phone="13800130002", htmx=True)
    browser.get("customers", q="13800130003")

    made = browser.post("customer_new", name="王", phone="13800130004")

    assert made.status_code == 422
    assert "You can go on at" in made.content.decode()
    assert len(refusals()) == 1
