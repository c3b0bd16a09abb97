"""Head office's page: who sees which figures, where they lead, and what the page costs."""

import csv
import io
import json
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.core.cache import cache
from openpyxl import load_workbook

from regulars.audit.models import Entry
from regulars.insights.selectors import portraits, rows
from regulars.staff.models import Role
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.customers import customer
from tests.factories.visitors import Visitor, signed_in
from tests.insights.conftest import World, made

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAYS = {"period": "custom", "start": FIRST, "end": LAST, "compare": "none"}


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Four stores in two regions, and sales of October to two customers known by name."""
    cache.clear()  # who signs in often from one address is slowed down
    world = made()
    world.customers = [
        customer(name=name, store=world.stores[n]).id
        for n, name in enumerate(["Carol", "=cmd|calc", "Dora"])
    ]
    for n, (store, who, paid) in enumerate(
        [(0, 0, 10_000), (1, 0, 5_000), (0, 1, 2_500), (2, 2, 700), (3, None, 300)]
    ):
        world.sell(store, who, FIRST + timedelta(days=n), paid)
    return world


def url(path: str = "/insights/", **query: Any) -> str:
    return f"{path}?{urlencode({**DAYS, **query})}"


def text_of(response: Any) -> str:
    """Return what the page says, without tags, with single spaces."""
    assert response.status_code == 200, response.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def figures_of(response: Any) -> dict[str, str]:
    return {each.key: each.value for each in response.context["figures"]}


def manager(role: Role, **places: Any) -> Visitor:
    people.staff(name="Mia", role=role, email="mia@aurum.example", **places)
    return signed_in(email="mia@aurum.example")


def test_an_empty_chain_sees_what_will_be_here_and_the_first_step(inside_aurum: Any) -> None:
    response = signed_in().get("/insights/")

    assert "Here you will see every store" in text_of(response)
    assert figures_of(response) == {}


def test_head_office_sees_all_stores(world: World) -> None:
    response = signed_in().get(url())

    assert figures_of(response) == {
        "sales": "¥185", "purchases": "5", "basket": "¥37", "buyers": "3", "new": "3",
        "returning": "0", "repeat": "33.3%", "held": "0",
    }  # fmt: skip
    names = [row.name for row in response.context["stores"].rows]
    assert names[:2] == ["Store s0", "Store s1"]
    assert {row.name for row in response.context["regions"].rows} == {"East", "West"}


def test_a_region_manager_sees_the_region_and_a_store_manager_the_store(world: World) -> None:
    east = manager(Role.REGION_MANAGER, regions=(world.regions[0],)).get(url())
    people.staff(name="Sam", role=Role.STORE_MANAGER, email="s@a.cn", stores=(world.stores[1],))
    store = signed_in(email="s@a.cn").get(url())

    assert figures_of(east)["sales"] == "¥132"
    assert {row.name for row in east.context["stores"].rows} == {"Store s0", "Store s2"}
    assert figures_of(store)["sales"] == "¥50"
    assert figures_of(store)["new"] == "1"  # Carol is known to the chain, and new to this store


def test_a_manager_of_two_stores_sees_them_as_one(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[0], world.stores[1]))

    response = client.get(url())

    assert figures_of(response)["sales"] == "¥175"
    assert figures_of(response)["buyers"] == "2"
    assert figures_of(response)["repeat"] == "50.0%"


def test_a_guide_sees_no_figures(world: World) -> None:
    client = manager(Role.GUIDE, stores=(world.stores[0],))

    assert client.get(url()).status_code == 403
    assert client.get(url("/insights/customers/")).status_code == 403
    assert client.get(url("/insights/rows/sales/")).status_code == 403
    assert client.get(url("/insights/files/stores.csv")).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["/insights/", "/insights/customers/", "/insights/rows/buyers/", "/insights/files/sales.csv"],
)
def test_what_lies_outside_ones_scope_is_not_there(world: World, path: str) -> None:
    client = manager(Role.REGION_MANAGER, regions=(world.regions[0],))
    inside = client.get(url(path, store=world.stores[2].id))
    outside: list[dict[str, Any]] = [
        {"store": world.stores[1].id},
        {"region": world.regions[1].id},
        {"store": "0192f0c0-0000-7000-8000-000000000000"},
        {"store": "x"},
    ]

    assert inside.status_code == 200
    assert [client.get(url(path, **each)).status_code for each in outside] == [404] * 4


def test_head_office_sees_nothing_of_a_franchise_that_does_not_share(world: World) -> None:
    store = world.stores[0]
    store.ownership, store.shares_figures = store.Ownership.FRANCHISE, False
    store.save()
    client = signed_in()

    response = client.get(url())

    assert figures_of(response)["sales"] == "¥60"
    assert "Store s0" not in text_of(response)
    assert client.get(url(store=store.id)).status_code == 404
    assert len(client.get(url("/insights/rows/sales/")).context["rows"]) == 3
    assert len(client.get(url("/insights/files/sales.csv")).getvalue().splitlines()) == 4
    franchisee = manager(Role.STORE_MANAGER, stores=(store,))
    assert figures_of(franchisee.get(url()))["sales"] == "¥125"


def test_the_page_asks_the_same_number_of_questions_however_much_there_is(
    world: World, django_assert_num_queries: Any
) -> None:
    client = signed_in()
    client.get(url())
    with django_assert_num_queries(10) as few:
        client.get(url(compare="previous"))
    for n in range(40):
        store = people.store(code=f"t{n}", region=world.regions[n % 2])
        facts.write(
            facts.sale(
                store=store.id, customer=world.customers[day % 3], day=FIRST + timedelta(day)
            )
            for day in range(4)
        )

    with django_assert_num_queries(len(few)):
        response = client.get(url(compare="previous"))

    assert figures_of(response)["purchases"] == "165"


@pytest.mark.parametrize("kind", [*rows.FACTS, *rows.BUYERS])
def test_every_figure_leads_to_as_many_rows_as_it_says(world: World, kind: str) -> None:
    sold = world.sell(0, 0, FIRST + timedelta(days=9), 900)
    world.write(facts.returned(sold, day=FIRST + timedelta(days=12)))
    world.write(facts.voided(world.sell(2, 1, FIRST + timedelta(days=3), 5000)))
    world.sell(2, 2, FIRST - timedelta(days=40), 100)
    client = signed_in()
    shown = figures_of(client.get(url()))
    returning = int(shown["buyers"]) - int(shown["new"])

    found = client.get(url(f"/insights/rows/{kind}/")).context["rows"]

    assert (
        len(found)
        == {
            "sales": int(shown["purchases"]) + 1,
            "purchases": int(shown["purchases"]),
            "returns": 1,
            "buyers": int(shown["buyers"]),
            "new": int(shown["new"]),
            "returning": returning,
            "repeat": 1,
        }[kind]
    )


@pytest.mark.parametrize("kind", ["sales", "buyers"])
def test_pages_of_rows_follow_each_other_without_gap_or_overlap(world: World, kind: str) -> None:
    people_of_store = [UUID(int=n + 1) for n in range(120)]
    facts.write(
        facts.sale(store=world.stores[3].id, customer=each, day=FIRST + timedelta(days=n % 5))
        for n, each in enumerate(people_of_store)
    )
    client = signed_in()
    seen: list[Any] = []
    address = url(f"/insights/rows/{kind}/", store=world.stores[3].id)
    while address:
        response = client.get(address)
        seen += [each["row"].mark for each in response.context["rows"]]
        address = response.context.get("next_url", "")

    assert len(seen) == len(set(seen)) == (121 if kind == "sales" else 120)
    assert seen == sorted(seen, reverse=True)


def test_a_mark_that_somebody_made_up_begins_at_the_front(world: World) -> None:
    response = signed_in().get(url("/insights/rows/sales/", after="nonsense"))

    assert len(response.context["rows"]) == 5


def test_names_of_other_stores_customers_are_not_told(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[1],))

    listed = text_of(client.get(url("/insights/rows/sales/")))
    part = text_of(client.get(url("/insights/customers/")))
    file = client.get(url("/insights/files/buyers.csv")).getvalue().decode()

    for text in (listed, part, file):
        assert "Carol" not in text
        assert "Customer of another store" in text


def test_customers_are_portrayed_with_curve_top_and_shared(world: World) -> None:
    response = signed_in().get(url("/insights/customers/"), headers={"HX-Request": "true"})
    text = text_of(response)
    portrait = response.context["portrait"]

    assert "<html" not in response.content.decode()
    assert portrait.buyers == 3
    assert portrait.total_minor == 18_200
    assert portrait.most_of_sales == 1
    assert [each["customer"].text for each in response.context["top"]] == [
        "Carol", "=cmd|calc", "Dora",
    ]  # fmt: skip
    assert portrait.curve[-1] == (1.0, 1.0)
    assert portrait.shared == 1
    assert "1 buyer bought in more than one of these stores (33.3%)" in text
    assert "Store s0 Store s1 1" in text


def test_a_big_period_is_portrayed_in_the_background(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portraits, "AT_ONCE", 1)

    text = text_of(signed_in().get(url("/insights/customers/")))

    assert "This part appears by itself" in text


def test_stores_as_csv_hold_the_figures_and_nothing_a_spreadsheet_would_run(world: World) -> None:
    world.stores[0].name = "=1+1"
    world.stores[0].save()
    client = signed_in()

    stores = client.get(url("/insights/files/stores.csv")).getvalue().decode("utf-8-sig")
    sales = client.get(url("/insights/files/sales.csv")).getvalue().decode("utf-8-sig")

    line = next(row for row in csv.reader(io.StringIO(stores)) if row[0] == "s0")
    assert line == [
        "s0", "'=1+1", "East", "125.00", "2", "0", "62.50", "2", "2", "0", "0.0", "0",
    ]  # fmt: skip
    assert "'=cmd|calc" in sales
    assert Entry.objects.filter(action="insights.exported").count() == 2


@pytest.mark.parametrize("what", ["stores", "series", "sales", "returns", "buyers", "repeat"])
def test_every_table_comes_as_a_workbook_of_texts_and_numbers(world: World, what: str) -> None:
    response = signed_in().get(url(f"/insights/files/{what}.xlsx"))

    sheet = load_workbook(io.BytesIO(response.getvalue())).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    if what == "buyers":
        assert "=cmd|calc" in {cell.value for cell in cells}


def test_a_file_nobody_knows_is_not_there(world: World) -> None:
    assert signed_in().get(url("/insights/files/secrets.csv")).status_code == 404


def test_the_address_holds_place_period_and_order(world: World) -> None:
    client = signed_in()

    response = client.get(url(region=world.regions[0].id, sort="sales"))

    assert [row.name for row in response.context["stores"].rows] == ["Store s2", "Store s0"]
    html = response.content.decode()
    assert f'name="region" value="{world.regions[0].id}"' in html
    assert f"start=2026-10-01&amp;end=2026-10-31&amp;store={world.stores[0].id}" in html


def test_every_chart_has_its_table_and_every_figure_says_how_it_is_counted(world: World) -> None:
    html = signed_in().get(url(compare="previous")).content.decode()

    assert html.count("As a table") == 2
    assert html.count('class="define"') == 8
    payload = json.loads(re.findall(r"<script[^>]*application/json[^>]*>(.*?)</script>", html)[0])
    assert len(payload["series"][0]["values"]) == 31
    assert payload["series"][1]["muted"]


def test_a_store_that_fell_or_sold_nothing_needs_attention(world: World) -> None:
    before = FIRST - timedelta(days=10)
    world.sell(1, 0, before, 90_000)
    world.sell(2, 0, before, 600)
    quiet = people.store(code="quiet", region=world.regions[0])
    facts.write([facts.sale(store=quiet.id, customer=None, day=before, paid=400)])

    response = signed_in().get(url(compare="previous"))

    assert [(each["kind"], each["name"]) for each in response.context["alerts"]] == [
        ("sales-fell", "Store s1"),
        ("no-sales", "Store quiet"),
    ]


def test_days_that_make_no_period_are_told_and_the_page_still_stands(world: World) -> None:
    response = signed_in().get(url(start="2026-10-31", end="2026-10-01"))

    assert "The last day lies before the first." in text_of(response)
