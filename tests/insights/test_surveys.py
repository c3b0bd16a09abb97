"""Figures of surveys against a slow count of the same answers in Python."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars import audit
from regulars.insights.periods import Days
from regulars.insights.selectors import mapping, surveys, surveys_rows
from regulars.insights.selectors.surveys import Asked, Marks
from regulars.insights.selectors.surveys_rows import Wanted
from regulars.messages.models import Contact
from regulars.surveys.models import Invitation
from regulars.tenancy.identifiers import new_id
from tests import counts
from tests.factories import contacts, people, purchases
from tests.factories import surveys as made
from tests.insights.conftest import World

DAYS = Days(date(2026, 10, 1), date(2026, 10, 31))
ZONE = ZoneInfo("Asia/Shanghai")
# What each question counts for, by hand: from which number on for, up to which against.
COUNTED: dict[tuple[str, str], list[tuple[str, int, int]]] = {
    ("after-purchase", "recommend"): [("nps", 9, 6), ("brand", 8, 6)],
    ("after-purchase", "piece"): [("product", 4, 2)],
    ("after-purchase", "price"): [("price", 4, 2)],
    ("complaint-settled", "overall"): [("csat", 4, 2), ("service", 4, 2)],
    ("complaint-settled", "heard"): [("relationship", 4, 2)],
}
ANSWERS = st.one_of(
    st.tuples(
        st.just("after-purchase"),
        st.fixed_dictionaries(
            {"recommend": st.integers(0, 10)},
            optional={
                "piece": st.integers(1, 5), "price": st.integers(1, 5),
                "words": st.sampled_from(["Lovely.", "Slow."]), "gone": st.integers(1, 5),
            },
        ),
    ),
    st.tuples(
        st.just("complaint-settled"),
        st.fixed_dictionaries(
            {"overall": st.integers(1, 5)}, optional={"heard": st.integers(1, 5)}
        ),
    ),
)  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),  # which store; the last is none
        st.integers(0, 33 * 24),  # hours after the day before the period
        st.sampled_from(["message", "receipt", "tablet"]),
        st.sampled_from(["answered", "answered", "asked"]),
        ANSWERS,
    ),
    max_size=25,
)


def written(world: World, rows: Iterable[Any]) -> list[Invitation]:
    """Write the answers that chance describes."""
    start = datetime(2026, 9, 30, tzinfo=UTC)
    guides = [people.owner().id, None]
    found = []
    for number, (store, hours, way, state, (survey, answers)) in enumerate(rows):
        at = start + timedelta(hours=hours)
        facts: dict[str, Any] = {
            "customer_id": world.customers[number % 6], "way": way, "survey": survey, "at": at,
            "guide_id": guides[number % 2],
            "store_id": None if store == 4 else world.stores[store].id,
        }  # fmt: skip
        maker = made.answered if state == "answered" else made.asked
        found.append(maker(**facts, **({"answers": answers} if state == "answered" else {})))
    return found


def everything(**narrowed: Any) -> Asked:
    place = mapping.map_of(audit.ALL).everything()
    return Asked(place=place, days=DAYS, with_rest=True, **narrowed)


def inside(at: datetime | None) -> bool:
    return at is not None and DAYS.first <= at.astimezone(ZONE).date() <= DAYS.last


def slow(rows: Iterable[Invitation]) -> dict[str, Marks]:
    """Count the slow way what was marked for each figure."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        for key, value in row.answers.items():
            for figure, up, down in COUNTED.get((row.survey, key), []):
                counted = found[figure]
                counted[0] += 1
                counted[1] += value >= up
                counted[2] += value <= down
    return {figure: Marks(*counted) for figure, counted in found.items()}


@pytest.mark.proof("against a slow count of random ones in Python")
@settings(
    max_examples=counts.of(12, proof=300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS)
def test_figures_are_what_a_slow_count_finds(world: World, rows: list[Any]) -> None:
    Invitation.objects.all().delete()
    all_ = written(world, rows)
    given_ = [row for row in all_ if inside(row.answered_at)]

    found = surveys.of_place(asked=everything())

    assert found.all.answered == len(given_)
    assert found.all.marks == slow(given_)
    by_message = [row for row in all_ if row.way == "message" and inside(row.asked_at)]
    assert (found.all.asked, found.all.replied) == (
        len(by_message), sum(row.answered_at is not None for row in by_message)
    )  # fmt: skip
    for by, key in (("store", "store_id"), ("guide", "guide_id"), ("survey", "survey")):
        parts = {name: part.marks for name, part in found.of(by) if part.answered}  # type: ignore[arg-type]
        expected = defaultdict(list)
        for row in given_:
            expected[str(getattr(row, key) or "")].append(row)
        assert parts == {name: slow(some) for name, some in expected.items()}
    assert sum(part.answered for _day, part in found.of("time")) == len(given_)


def test_who_was_asked_by_message_and_answered_at_the_tablet_counts_as_asked(
    world: World,
) -> None:
    row, _other = written(
        world,
        [(0, 48, "tablet", "answered", ("after-purchase", {"recommend": 9})) for _ in range(2)],
    )
    Invitation.objects.filter(pk=row.pk).update(contact_id=new_id())

    found = surveys.of_place(asked=everything()).all

    assert (found.answered, found.asked, found.replied) == (2, 1, 1)


def test_a_figure_leads_to_exactly_its_answers(world: World) -> None:
    written(
        world,
        [
            (0, 48 + n, "message", "answered", ("after-purchase", {"recommend": n, "piece": 5}))
            for n in range(11)
        ],
    )
    asked = everything()
    found = surveys.of_place(asked=asked).all.marks["nps"]

    def rows(**wanted: Any) -> list[int]:
        page = surveys_rows.page(asked=asked, wanted=Wanted(**wanted), limit=100)
        return sorted(row.answers["recommend"] for row in page)

    assert rows(figure="nps", mark="up") == [9, 10]
    assert rows(figure="nps", mark="down") == list(range(7))
    assert rows(figure="nps", mark="middle") == [7, 8]
    assert (found.up, found.down, found.whole) == (2, 7, 11)
    assert rows(figure="csat") == []
    assert rows(question="recommend", word="4") == [4]
    assert rows(figure="product", mark="up") == list(range(11))


def test_pages_of_answers_follow_one_another(world: World) -> None:
    every = written(
        world,
        [(0, 48, "tablet", "answered", ("after-purchase", {"recommend": 9})) for _ in range(7)],
    )
    asked, wanted = everything(), Wanted()

    first = surveys_rows.page(asked=asked, wanted=wanted, limit=4)
    rest = surveys_rows.page(asked=asked, wanted=wanted, after=first[-1].mark, limit=4)

    assert {row.id for row in (*first, *rest)} == {row.pk for row in every}


def test_products_are_those_of_the_purchase(world: World) -> None:
    buyer = purchases.customer()
    line = purchases.line(10_000, product_name="Ring")
    sold = purchases.sale(line, purchases.line(2_000, product_name="Box"), customer=buyer)
    at = datetime(2026, 10, 5, tzinfo=UTC)
    made.answered(customer=buyer, at=at, purchase_id=sold.purchase_id)
    made.answered(customer=buyer, at=at)

    found = surveys.of_place(asked=everything())

    assert {name: part.answered for name, part in found.of("product")} == {"Ring": 1, "Box": 1}
    assert surveys.of_place(asked=everything(product="Ring")).all.answered == 1


def test_a_message_that_never_went_asked_nobody(world: World) -> None:
    carol = contacts.person()
    at = datetime(2026, 10, 5, tzinfo=UTC)
    contact = contacts.reserve(carol, purpose="service")
    made.asked(customer=carol, at=at, contact_id=contact)
    assert surveys.of_place(asked=everything()).all.asked == 1

    Contact.objects.filter(pk=contact).update(state="cancelled")

    assert surveys.of_place(asked=everything()).all.asked == 0


def test_a_store_tells_its_own_only(world: World) -> None:
    written(
        world,
        [(n, 48, "tablet", "answered", ("after-purchase", {"recommend": 9})) for n in range(5)],
    )
    found = mapping.map_of(audit.ALL)
    place = mapping.place_of(found, store_id=world.stores[1].id)

    results = surveys.of_place(asked=Asked(place=place, days=DAYS))

    assert results.all.answered == 1
    assert [UUID(key) for key, _part in results.of("store")] == [world.stores[1].id]


def test_figures_take_the_same_statements_however_many_answers(world: World) -> None:
    asked = everything()

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            surveys.of_place(asked=asked)
            surveys.said(asked=asked)
            surveys_rows.page(asked=asked, wanted=Wanted(figure="nps", mark="up"))
        return len(seen)

    statements()  # which reads what the chain declares
    few = statements()
    written(
        world,
        [(n % 5, n, "message", "answered", ("after-purchase", {"recommend": n % 11}))
         for n in range(60)],
    )  # fmt: skip

    assert statements() == few == 4
