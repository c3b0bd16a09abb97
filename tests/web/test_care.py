"""Results of care and scorecards on pages and as files."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache

from regulars.purchases import services as standings
from regulars.staff.models import Role, Staff
from tests.factories import care as made
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.customers import customer
from tests.factories.headoffice import FIRST, manager, text_of, url
from tests.factories.visitors import Visitor, signed_in
from tests.insights.conftest import World
from tests.insights.conftest import made as world_made

AT = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Four stores with finished follow-ups of October."""
    cache.clear()
    found = world_made()
    found.customers = [
        customer(name=name, store=found.stores[n]).id
        for n, name in enumerate(["Carol", "=cmd|calc", "Dora"])
    ]
    mei = people.staff(name="Mei", email="mei@aurum.example", stores=(found.stores[0],))
    made.write(
        made.done(
            customer_id=found.customers[n % 3],
            at=AT + timedelta(hours=n),
            store_id=found.stores[n % 3].id,
            owner_id=mei.id,
            done_by_id=mei.id,
            answers={"visits": n % 4 != 0, "wants": f"tea {n}"},
            satisfaction=5 if n % 3 else 2,
        )
        for n in range(24)
    )
    return found


def test_the_page_says_what_customers_answered_with_the_sample(world: World) -> None:
    text = text_of(signed_in().get(url("/insights/care/")))

    assert "Follow-ups done" in text
    assert "24 answers" in text
    assert "Will visit" in text
    assert "75%" in text  # 18 of 24 will visit
    assert "55% – 88%" in text  # and the range of it


def test_few_answers_are_said_to_be_too_few(world: World) -> None:
    text = text_of(signed_in().get(url("/insights/care/", store=world.stores[0].id)))

    assert "8 answers" in text
    assert "too few to say" in text


def test_an_empty_period_says_what_will_be_here(world: World) -> None:
    response = signed_in().get("/insights/care/?period=custom&start=2020-01-01&end=2020-01-31")

    assert "No follow-up was finished in this period" in text_of(response)


@pytest.mark.parametrize(
    ("ask", "word", "count"),
    [
        ("", "", 24),
        ("satisfaction", "5", 16),
        ("birthday.greet.visits", "yes", 18),
        ("wants", "", 24),
    ],
)
def test_each_figure_leads_to_its_rows(world: World, ask: str, word: str, count: int) -> None:
    given = {name: text for name, text in (("ask", ask), ("word", word)) if text}

    response = signed_in().get(url("/insights/care/rows/", **given))

    assert len(response.context["rows"]) == count


def test_rows_follow_each_other_page_by_page(world: World) -> None:
    made.write(
        made.done(customer_id=world.customers[0], at=AT, store_id=world.stores[0].id)
        for _n in range(60)
    )
    client, seen = signed_in(), []
    address = url("/insights/care/rows/")
    while address:
        response = client.get(address)
        seen += [each["row"].id for each in response.context["rows"]]
        address = response.context.get("next_url", "")

    assert len(seen) == len(set(seen)) == 84


@pytest.mark.parametrize(
    ("at", "count"),
    [
        ("0001-01-01T00:00:00+14:00", 24),  # before the first year
        ("9999-12-31T23:59:59-14:00", 24),
        ("2026-10-05T04:00:00", 24),  # of no zone
        ("yesterday", 24),
        ("2026-10-05T09:00:00+05:00", 0),
    ],
)
def test_a_page_somebody_made_up_begins_at_the_front(world: World, at: str, count: int) -> None:
    response = signed_in().get(url("/insights/care/rows/", after=f"{at}~{UUID(int=0)}"))

    assert len(response.context["rows"]) == count


def test_a_question_is_split_by_store_and_guide(world: World) -> None:
    client = signed_in()

    text = text_of(client.get(url("/insights/care/question/", ask="birthday.greet.visits")))
    rows = client.get(url("/insights/care/rows/", ask="birthday.greet.visits")).context["rows"]
    missing = client.get(url("/insights/care/question/", ask="nobody.asks.this"))

    for part in ("By store", "Store s0", "By guide", "Mei", "Over time", "too few to say"):
        assert part in text
    assert {each["said"] for each in rows} == {"Yes", "No"}
    assert missing.status_code == 404


def test_other_stores_and_their_customers_words_stay_hidden(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[1],))

    page = text_of(client.get(url("/insights/care/")))
    elsewhere = client.get(url("/insights/care/", store=world.stores[0].id))

    assert "8 answers" in page
    assert "tea 1" in page
    assert "tea 3" not in page
    assert elsewhere.status_code == 404


def test_words_of_customers_a_franchise_withholds_are_not_shown(world: World) -> None:
    store = world.stores[0]
    store.ownership, store.shares_customers = "franchise", False
    store.save()

    listed = text_of(signed_in().get(url("/insights/care/rows/", ask="wants")))

    assert "tea 1" in listed
    assert "tea 3" not in listed


def test_the_scorecard_says_how_each_figure_is_counted(world: World) -> None:
    text = text_of(signed_in().get(url("/insights/scorecard/")))

    for part in ("Mei", "Due", "On time", "Customers kept", "whoever did it", "30 minutes"):
        assert part in text


def test_figures_of_the_scorecard_lead_to_their_follow_ups(world: World) -> None:
    mei = Staff.objects.get(name="Mei")

    rows = signed_in().get(url("/insights/scorecard/done/", guide=mei.id)).context["rows"]
    none = signed_in().get(url("/insights/scorecard/missed/", guide=mei.id)).context["rows"]

    assert (len(rows), len(none)) == (24, 0)


def test_customers_kept_and_lost_are_listed(world: World) -> None:
    mei = Staff.objects.get(name="Mei")
    carol, dora = (
        customer(name=name, owner=mei, store=world.stores[0]).id for name in ("Carol", "Dora")
    )
    facts.write(
        facts.sale(store=world.stores[0].id, customer=who, day=FIRST - timedelta(days=days))
        for who in (carol, dora)
        for days in (40, 80, 120)
    )
    facts.write([facts.sale(store=world.stores[0].id, customer=carol, day=FIRST)])
    standings.recount(customer_ids=[carol, dora])
    client = signed_in()

    kept = text_of(client.get(url("/insights/scorecard/kept/", guide=mei.id)))
    lost = text_of(client.get(url("/insights/scorecard/lost/", guide=mei.id)))
    card = text_of(client.get(url("/insights/scorecard/")))

    assert ("Carol" in kept, "Dora" in kept) == (True, False)
    assert ("Carol" in lost, "Dora" in lost) == (False, True)
    assert "1 of 2" in card


def test_a_guide_sees_their_own_card_and_nobody_elses(world: World) -> None:
    lan = people.staff(name="Lan", stores=(world.stores[0],))
    made.write(
        [made.task(customer_id=world.customers[0], due_on=FIRST, owner_id=lan.id, state="open")]
    )
    client = signed_in(email="mei@aurum.example")

    card = client.get(url("/my-card/"))
    rows = client.get(url("/my-card/due/", guide=lan.id))

    assert {each.key: each.value for each in card.context["cells"]}["due"] == "24"
    assert {each["guide"] for each in rows.context["rows"]} == {"Mei"}
    assert client.get(url("/insights/scorecard/")).status_code == 403


def table(client: Visitor, what: str, **query: Any) -> list[list[str]]:
    text = client.get(url(f"/insights/files/{what}.csv", **query)).getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_files_hold_what_the_pages_show(world: World) -> None:
    client = signed_in()

    answers = {tuple(row[1:3]): row[3:6] for row in table(client, "care")}
    rows = table(client, "care-rows", ask="wants")
    cards = table(client, "scorecard")

    assert answers["Will visit", "Yes"] == ["18", "24", "0.75"]
    assert len(rows) == 25
    assert rows[1][7] == "tea 23"
    assert cards[1][1:4] == ["Mei", "24", "24"]
    assert len(table(client, "scorecard-stores")) == 4


def test_words_do_not_leave_in_files_of_those_who_may_not_export_customers(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=tuple(world.stores))

    rows = table(client, "care-rows", ask="wants")

    assert len(rows) == 25
    assert not any("tea" in cell for row in rows for cell in row)


@pytest.mark.parametrize(
    "path",
    ["care/", "care/question/?ask=satisfaction", "care/rows/", "scorecard/", "scorecard/due/"],
)
def test_pages_ask_the_same_number_of_questions_however_much_there_is(
    world: World, path: str, django_assert_max_num_queries: Any
) -> None:
    client = signed_in()
    path, _mark, query = path.partition("?")
    address = url(f"/insights/{path}") + (f"&{query}" if query else "")
    client.get(address)

    with django_assert_max_num_queries(18) as few:
        client.get(address)
    made.write(
        made.done(
            customer_id=world.customers[n % 3],
            at=AT + timedelta(hours=n),
            store_id=world.stores[n % 4].id,
            answers={"liked": True, "question": "why?", "visits": False},
            satisfaction=3,
        )
        for n in range(40)
    )
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(address)
