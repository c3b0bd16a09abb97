"""A silence is noticed once, whatever happens to what is known of it."""

from datetime import timedelta

import pytest

from regulars.insights.models import Silence
from regulars.insights.selectors import quiet
from regulars.insights.services import silences
from regulars.tenancy.identifiers import new_id
from regulars.usecases import erase, merge
from tests.factories import customers, people
from tests.factories import insights as facts
from tests.insights.conftest import World
from tests.insights.quiet.making import (
    BEGINS,
    DUE,
    listed,
    morning,
    new,
    night,
    nights,
    regular,
    span,
    visits,
    written,
)


def test_a_silence_is_news_once(world: World) -> None:
    night(DUE - timedelta(9))
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    carol = regular(world)

    found = nights(span(DUE - timedelta(3), 12))

    assert [day for day, who in found.items() if carol.pk in who] == [DUE]


def test_a_silence_stays_noticed_when_the_chain_comes_to_be_slower(world: World) -> None:
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    carol = regular(world)
    first = nights(span(DUE - timedelta(1), 2))
    for _ in range(80):
        visits(world, new_id(), every=11)

    later = nights(span(DUE + timedelta(1), 5))

    assert [day for day, who in first.items() if carol.pk in who] == [DUE]
    assert [day for day, who in later.items() if carol.pk in who] == []


def test_without_its_guard_a_silence_would_be_news_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positive control of the test above."""
    guard = " OR q.last_day >= j.last_day"
    monkeypatch.setattr(silences, "_REFRESH", silences._REFRESH.replace(guard, ""))
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    carol = regular(world)
    first = nights(span(DUE - timedelta(1), 2))
    for _ in range(80):
        visits(world, new_id(), every=11)

    later = nights(span(DUE + timedelta(1), 5))

    assert [day for day, who in (first | later).items() if carol.pk in who] == [
        DUE,
        DUE + timedelta(2),
    ]


def test_a_visit_ends_the_silence_and_the_next_one_is_news_again(world: World) -> None:
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    carol = regular(world)
    nights(span(DUE - timedelta(1), 3))
    back = DUE + timedelta(3)
    written([facts.sale(store=world.first.id, customer=carol.pk, day=back)])

    found = nights(span(back, 40))

    again = [day for day, who in found.items() if carol.pk in who]
    assert len(again) == 1
    assert again[0] > back + timedelta(15)


def test_nights_that_were_missed_are_made_up_for(world: World) -> None:
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    carol = regular(world)
    night(DUE - timedelta(1))

    night(DUE + timedelta(4))

    assert carol.pk in new(DUE + timedelta(4))


def test_history_that_is_brought_in_is_listed_and_is_no_news(world: World) -> None:
    regular(world)

    night(DUE + timedelta(5))
    regular(world, name="Dave", begins=BEGINS - timedelta(4))
    night(DUE + timedelta(6))

    assert listed(DUE + timedelta(6)) == ["Dave", "Carol"]
    assert new(DUE + timedelta(5)) == new(DUE + timedelta(6)) == []


def test_news_comes_in_parts_and_each_has_a_key_of_its_own(world: World) -> None:
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    three = sorted(regular(world).pk for _ in range(3))
    nights(span(DUE - timedelta(1), 2))

    first = quiet.newly_silent(day=DUE, limit=2)
    second = quiet.newly_silent(day=DUE, limit=2, after=first[-1].customer_id)

    assert [each.customer_id for each in (*first, *second)] == three
    assert len({each.key for each in (*first, *second)}) == 3
    assert first[0].owner_id == people.owner().pk


def test_of_two_records_that_become_one_the_silence_is_known_already(world: World) -> None:
    regular(world, name="Somebody else", begins=BEGINS - timedelta(20))
    noticed = regular(world)
    kept = customers.customer(name="Carol", owner=people.owner(), store=world.first)
    nights(span(DUE - timedelta(1), 2))

    merge.merge(
        actor=people.actor(people.owner()), kept_id=kept.pk, absorbed_id=noticed.pk,
        now=morning(DUE),
    )  # fmt: skip
    found = nights(span(DUE + timedelta(1), 3))

    assert kept.pk not in {who for those in found.values() for who in those}
    assert kept.pk in set(Silence.objects.values_list("pk", flat=True))
    assert noticed.pk not in set(Silence.objects.values_list("pk", flat=True))


def test_who_is_erased_is_forgotten_here_too(world: World) -> None:
    carol = regular(world)
    night(DUE)

    erase.erase(
        actor=people.actor(people.owner()), customer_id=carol.pk, now=morning(DUE), reason="asked"
    )

    assert not Silence.objects.filter(pk=carol.pk).exists()
