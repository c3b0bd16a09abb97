"""Complaints by their words: cut, grouped, and what is new told from what chance does."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from regulars import audit, registry
from regulars.complaints.models import Case, Entry
from regulars.insights import texts, topics
from regulars.insights.periods import Days
from regulars.insights.selectors import complaints_topics, mapping
from regulars.insights.selectors.complaints_asking import Asked
from regulars.insights.topics import Change
from tests import counts
from tests.insights import complaining
from tests.insights.conftest import World

NOW = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)
DAYS = Days(date(2026, 7, 23), date(2026, 10, 20))
STONE = ("戒指戴了三天钻石松动脱落", "钻石松动，镶口有问题，后来脱落", "戒指的钻石脱落了")
MANNERS = ("客服态度很差，电话没人接", "店员态度很差，不理人，客服也一样", "态度很差，客服不回电话")
RASH = ("用了面膜皮肤过敏红肿", "面膜引起过敏，脸上红肿发痒", "过敏红肿，面膜不敢再用")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我上周买的戒指掉钻了，态度很差", {"戒指", "态度", "很差"}),
        ("不满意，没有效果", {"不满意", "没有效果"}),
        ("The stones of my rings fell out", {"stone", "ring", "fell"}),
        ("It is not comfortable", {"not comfortable"}),
        ("鞋底開膠了 and the sole came off", {"鞋底", "sole"}),
        ("三天, 123, 😀 … <script>", {"script"}),
        ("", set()),
    ],
)
def test_the_words_that_tell_something_are_kept(text: str, found: set[str]) -> None:
    assert found <= texts.words(text)
    assert not texts.words(text) & {"我", "的", "三天", "上周", "the", "of", "and", "123", "满意"}


def drawn(dice: random.Random, n: int, *kinds: tuple[str, ...]) -> dict[int, frozenset[str]]:
    return {each: texts.words(dice.choice(kinds[each % len(kinds)])) for each in range(n)}


def test_complaints_about_the_same_fall_into_one_topic() -> None:
    read = drawn(random.Random(3), 90, STONE, MANNERS, RASH)

    found = topics.grouped(read)

    about = {
        kind: next(each for each in found if word in each.words)
        for kind, word in ((0, "钻石"), (1, "态度"), (2, "过敏"))
    }
    for kind, topic in about.items():
        assert {key % 3 for key in topic.keys} == {kind}, topic
        assert len(topic.keys) >= 25
    assert topics.grouped(read) == found  # no dice
    every = [key for each in found for key in each.keys]
    assert len(every) == len(set(every))


def test_too_few_make_no_topic() -> None:
    assert topics.grouped(drawn(random.Random(3), 4, STONE)) == []
    assert topics.grouped({}) == []


def test_what_was_never_said_before_is_new_and_what_became_more_is_growing() -> None:
    assert topics.grown([
        Change(12, 100, 0, 600), Change(30, 100, 40, 600), Change(10, 100, 60, 600),
        Change(2, 2, 0, 600), Change(5, 100, 0, 0),
    ]) == ["new", "growing", "", "", ""]  # fmt: skip


@pytest.mark.proof("two hundred words that never change, drawn by chance again and again")
def test_chance_is_rarely_called_new(record_property: counts.Note) -> None:
    times, seed = counts.of(40, proof=1_500), counts.seed()
    dice, wrong = random.Random(seed), 0
    record_property("seed", seed)
    for _ in range(times):
        changes = []
        for _word in range(200):
            often = dice.choice((0.005, 0.02, 0.1))
            late = sum(dice.random() < often for _ in range(60))
            before = sum(dice.random() < often for _ in range(300))
            changes.append(Change(late, 60, before, 300))
        wrong += any(topics.grown(changes))
    record_property("months", times)
    record_property("found", f"{wrong} in which anything was called new or growing")
    assert wrong / times <= 0.05 + 4 * (0.05 * 0.95 / times) ** 0.5


def said(world: World, text: str, *, days_ago: int, **facts: Any) -> tuple[Case, list[Entry]]:
    at = NOW - timedelta(days=days_ago)
    return complaining.case(store_id=world.stores[0].id, at=at, text=text, **facts)


def read(**narrowed: Any) -> complaints_topics.Topics:
    place = mapping.map_of(audit.ALL).everything()
    return complaints_topics.of_place(asked=Asked(place=place, days=DAYS, now=NOW, **narrowed))


def test_a_trouble_that_began_this_month_is_shown_as_new(world: World) -> None:
    dice = random.Random(5)
    usual = [said(world, dice.choice((*STONE, *MANNERS)), days_ago=n) for n in range(200)]
    fresh = [said(world, dice.choice(RASH), days_ago=n) for n in range(15)]
    complaining.write([*usual, *fresh])

    found = read()

    rash = found.of_word("过敏")
    assert rash is not None
    assert rash.news == "new"
    assert set(rash.keys) == {case.pk for case, _steps in fresh}
    assert [each.news for each in found.topics if "钻石" in each.words] == [""]
    assert found.read == 90 + 15
    assert not found.is_cut


def test_what_stays_as_it_was_is_not_new(world: World) -> None:
    dice = random.Random(5)
    complaining.write(
        said(world, dice.choice((*STONE, *MANNERS, *RASH)), days_ago=n) for n in range(200)
    )

    found = read()

    assert found.topics
    assert {each.news for each in found.topics} == {""}
    assert not found.words


def test_answers_in_own_words_and_later_words_are_read_and_ours_are_not(world: World) -> None:
    template, key = _asking_for_text()
    made = [
        said(world, "", days_ago=n, template=template, answers={key: "表带断裂", "other": "镀层"})
        for n in range(6)
    ]
    cases = complaining.write(made)
    Entry.objects.bulk_create(
        Entry(case=each, kind=kind, at=NOW, text=text, data={})
        for each in cases
        for kind, text in (("message-in", "包装破损"), ("message-out", "真诚道歉"))
    )

    every = {word for each in read().topics for word in each.words}

    assert {"表带", "断裂", "包装", "破损"} & every
    assert not {"道歉", "真诚", "镀层"} & every


def _asking_for_text() -> tuple[str, str]:
    return next(
        (each.key, ask.key)
        for each in registry.vertical().complaints
        for ask in each.asks
        if ask.kind == "text"
    )


@pytest.mark.parametrize("number", [1, 60])
def test_words_are_read_in_one_statement(
    world: World, number: int, django_assert_num_queries: Any
) -> None:
    complaining.write(said(world, STONE[n % 3], days_ago=n) for n in range(number))
    read()

    with django_assert_num_queries(2):  # and the map of stores
        read()
