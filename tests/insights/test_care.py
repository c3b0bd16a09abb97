"""Results of care against a slow count of the same follow-ups in Python."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import audit, registry
from regulars.customers.models import Possession
from regulars.followups.models import Task
from regulars.insights import questions
from regulars.insights.periods import Days
from regulars.insights.places import Place
from regulars.insights.questions import Question
from regulars.insights.selectors import care, care_rows, care_splits, mapping
from regulars.insights.selectors.care import Asked
from regulars.purchases.models import Line
from regulars.staff.models import Role
from tests import counts
from tests.factories import care as made
from tests.factories import customers, people, purchases
from tests.insights.conftest import World

DAYS = Days(date(2026, 10, 1), date(2026, 10, 31))
ZONE = ZoneInfo("Asia/Shanghai")
WORDS = {
    "liked": st.sampled_from([True, False, None, ""]),
    "question": st.sampled_from(["", "Can it be resized?", "When is the next tea?"]),
    "visits": st.booleans(),
    "fits": st.sampled_from(["tight", "right", "loose"]),
}
ANSWERS = st.fixed_dictionaries({}, optional=WORDS)
TASKS = st.lists(
    st.tuples(
        st.integers(0, 4),  # which store; the last is none
        st.integers(0, 33 * 24),  # hours after the day before the period
        st.sampled_from([("birthday", "greet"), ("after-purchase", "wearing"), ("", "")]),
        st.sampled_from(["done", "done", "done", "skipped", "open"]),
        st.sampled_from(["reached", "not-reached", "came", "sent"]),
        ANSWERS,
        st.one_of(st.none(), st.integers(1, 5)),
    ),
    max_size=25,
)


def written(world: World, given_: Iterable[Any]) -> list[Task]:
    """Write the follow-ups that chance describes."""
    start = datetime(2026, 9, 30, tzinfo=UTC)
    guides = [people.owner().id, None]
    tasks = []
    for number, (store, hours, (plan, step), state, outcome, answers, rating) in enumerate(given_):
        at = start + timedelta(hours=hours)
        if step == "wearing" and isinstance(liked := answers.get("liked"), bool):
            answers = {**answers, "liked": 4 if liked else 2}  # there it is a number
        tasks.append(
            made.task(
                customer_id=world.customers[number % 6],
                due_on=at.date(),
                plan=plan,
                step=step,
                state=state,
                outcome=outcome if state == "done" else "",
                answers=answers if state == "done" else {},
                satisfaction=rating if state == "done" else None,
                done_at=None if state == "open" else at,
                done_by_id=guides[number % 2],
                store_id=None if store == 4 else world.stores[store].id,
            )
        )
    return made.write(tasks)


def everything(world: World, **narrowed: Any) -> Asked:
    """Ask for October of all stores."""
    place = mapping.map_of(audit.ALL).everything()
    return Asked(place=place, days=DAYS, with_rest=True, **narrowed)


def finished(
    tasks: Iterable[Task], keep: Callable[[Task], bool] = lambda _task: True
) -> list[Task]:
    """Return the slow way what was done in October, by the clock of Shanghai."""
    return [
        each
        for each in tasks
        if each.state == "done"
        and each.done_at is not None
        and DAYS.first <= each.done_at.astimezone(ZONE).date() <= DAYS.last
        and keep(each)
    ]


def answer(task: Task, question: Question) -> Any:
    """Return the slow way what a follow-up answers to a question."""
    if question.id == questions.SATISFACTION:
        return task.satisfaction
    own = questions.declared(registry.vertical())
    if question.plan and (task.plan, task.step) != (question.plan, question.step):
        return None
    if not question.plan and (task.plan, task.step, question.key) in own:
        return None
    value = task.answers.get(question.key)
    return None if value in ("", []) else value


def said(tasks: Iterable[Task], question: Question) -> Counter[str]:
    """Count the slow way how often each word was said."""
    words: Counter[str] = Counter()
    for each in tasks:
        value = answer(each, question)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                words["yes" if one is True else "no" if one is False else str(one)] += 1
    return words


def asked_questions() -> list[Question]:
    known = questions.declared(registry.vertical())
    return [
        *questions.general().values(),
        known["birthday", "greet", "visits"],
        known["after-purchase", "wearing", "fits"],
        known["after-purchase", "wearing", "liked"],
    ]


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(12, proof=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=TASKS)
def test_results_are_what_a_slow_count_finds(world: World, given_: list[Any]) -> None:
    Task.objects.all().delete()
    tasks = written(world, given_)
    inside = finished(tasks)

    found = care.of_place(asked=everything(world))

    assert found.done == len(inside)
    assert Counter({(t.plan, t.step): t.done for t in found.talks}) == Counter(
        (each.plan, each.step) for each in inside
    )
    for question in asked_questions():
        values = [value for each in inside if (value := answer(each, question)) is not None]
        got = found.answers.get(question.id)
        assert (got.answered if got else 0) == len(values), question.id
        if question.is_counted and got:
            assert Counter(got.said) == said(inside, question), question.id
    assert [(p.done, p.rated, p.rating_sum) for p in found.series] == [
        slow_point(inside, each.days) for each in found.series
    ]


def slow_point(inside: Iterable[Task], days: Days) -> tuple[int, int, int]:
    here = [
        each for each in inside
        if each.done_at and days.first <= each.done_at.astimezone(ZONE).date() <= days.last
    ]  # fmt: skip
    ratings = [each.satisfaction for each in here if each.satisfaction]
    return len(here), len(ratings), sum(ratings)


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(8, proof=200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(given_=TASKS)
def test_splits_and_rows_are_what_a_slow_count_finds(world: World, given_: list[Any]) -> None:
    Task.objects.all().delete()
    inside = finished(written(world, given_))
    asked = everything(world)

    for question in asked_questions():
        answered = [each for each in inside if answer(each, question) is not None]
        split = care_splits.of_question(asked=asked, question=question)
        by_store = Counter(str(each.store_id or "") for each in answered)
        assert {key: part.answered for key, part in split.of("store")} == by_store
        assert split.all.answered == len(answered)
        words = said(answered, question)
        if question.is_counted:
            assert Counter(split.all.said) == words
        rows = care_rows.page(asked=asked, question=question, limit=500)
        assert {row.id for row in rows} == {each.id for each in answered}
        for word in words if question.is_counted else ():
            few = care_rows.page(asked=asked, question=question, word=word, limit=500)
            assert len(few) == words[word]


def one_place(world: World, store: int) -> Place:
    place = mapping.map_of(audit.ALL).store(world.stores[store].id)
    assert place is not None
    return place


def test_a_place_shows_its_own_follow_ups_only(world: World) -> None:
    at = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    for store in (0, 0, 1, None):
        key = None if store is None else world.stores[store].id
        made.write([made.done(customer_id=world.customers[0], at=at, store_id=key)])

    found = care.of_place(asked=Asked(place=one_place(world, 0), days=DAYS))

    assert found.done == 2


def test_a_day_ends_when_it_ends_in_the_store(world: World) -> None:
    late = people.store(code="ny", time_zone="America/New_York")
    at = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)  # November in Shanghai, October in New York
    made.write(
        made.done(customer_id=world.customers[0], at=at, store_id=key)
        for key in (world.stores[0].id, late.id)
    )

    found = care.of_place(asked=everything(world))

    assert found.done == 1


def bought_thing(category: str, **facts: Any) -> UUID:
    sold = purchases.sale(purchases.line(10_000, category=category, **facts))
    return sold.purchase_id


def test_answers_are_split_by_the_goods_they_are_about(world: World) -> None:
    at = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    ring = bought_thing("ring", product_name="Ring A")
    chain = bought_thing("necklace", product_name="Chain B")
    made.write(
        made.done(
            customer_id=world.customers[0], at=at, source=source, answers={"liked": liked},
            store_id=world.stores[0].id,
        )
        for source, liked in ((ring, True), (ring, False), (chain, True), (None, True))
    )  # fmt: skip
    question = questions.general()["liked"]

    split = care_splits.of_question(asked=everything(world), question=question)
    narrowed = care.of_place(asked=everything(world, product="Chain B"))

    assert {key: (p.answered, dict(p.said)) for key, p in split.of("product")} == {
        "Ring A": (2, {"yes": 1, "no": 1}),
        "Chain B": (1, {"yes": 1}),
    }
    assert len(split.of("category")) == 2
    assert narrowed.done == 1


def test_a_possession_stands_for_the_goods_it_came_from(world: World) -> None:
    sold = bought_thing("ring", product_name="Ring A")
    owner = customers.customer(name="Dora")
    line = Line.objects.get(purchase=sold)
    ring = Possession(customer=owner, kind="ring", title="Ring", line_id=line.id)
    ring.save()
    at = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    made.write(
        [made.done(customer_id=owner.id, at=at, source=ring.id, store_id=world.stores[0].id)]
    )

    found = care.of_place(asked=everything(world, product="Ring A"))

    assert found.done == 1


def test_words_of_their_own_are_shown_of_ones_own_customers_only(world: World) -> None:
    at = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    mine = customers.customer(name="Carol", store=world.stores[0])
    other = customers.customer(name="Dora", store=world.stores[1])
    made.write(
        made.done(customer_id=each.id, at=at, store_id=world.stores[0].id, answers={"wants": "tea"})
        for each in (mine, other)
    )
    mia = people.staff(name="Mia", role=Role.STORE_MANAGER, stores=(world.stores[0],))
    manager = people.actor(mia)
    wanted = questions.general()["wants"]

    rows = care_rows.page(asked=everything(world), question=wanted, within=manager.scope)

    assert [row.customer_id for row in rows] == [mine.id]
    assert len(care_rows.page(asked=everything(world), question=wanted)) == 2  # control


@pytest.mark.parametrize("number", [1, 40])
def test_results_ask_the_same_number_of_questions_however_much_there_is(
    world: World, number: int, django_assert_num_queries: Any
) -> None:
    at = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    made.write(
        made.done(
            customer_id=world.customers[n % 6], at=at, store_id=world.stores[n % 4].id,
            answers={"liked": n % 2 == 0, "visits": True, "wants": "tea"}, satisfaction=n % 5 + 1,
        )
        for n in range(number)
    )  # fmt: skip
    asked = everything(world)
    registry.vertical()  # read once for many requests

    with django_assert_num_queries(2):
        care.of_place(asked=asked)
    with django_assert_num_queries(1):
        care_splits.of_question(asked=asked, question=questions.general()["liked"])
    with django_assert_num_queries(1):
        care_rows.page(asked=asked)
