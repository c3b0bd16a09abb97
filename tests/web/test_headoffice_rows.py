"""The rows behind head office's figures, on pages and as files."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from django.core.cache import cache
from openpyxl import load_workbook

from regulars.audit.models import Entry
from regulars.customers.models import Customer
from regulars.insights.selectors import rows
from regulars.points import ledger
from regulars.staff.models import Role
from regulars.web.headoffice import sheets
from tests.factories import insights as facts
from tests.factories import purchases as made
from tests.factories.headoffice import FIRST, figures_of, manager, october, text_of, url
from tests.factories.visitors import signed_in
from tests.insights.conftest import World


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Four stores in two regions, and sales of October."""
    cache.clear()  # who signs in often from one address is slowed down
    return october()


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
            "shared": 1,
            "top": int(shown["buyers"]),
        }[kind]
    )


@pytest.mark.parametrize("kind", ["sales", "buyers", "new", "top"])
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
    assert "Customer of another store" in listed
    assert "Customer of another store" in part


def test_the_page_of_rows_says_what_they_come_to(world: World) -> None:
    client = signed_in()

    said = {
        kind: text_of(client.get(url(f"/insights/rows/{kind}/")))
        for kind in ("sales", "purchases", "new", "top")
    }

    assert "Purchases and returns · ¥185" in said["sales"]
    assert "Purchases · 5" in said["purchases"]
    assert "New buyers · 3" in said["new"]
    assert "Top customers · 3" in said["top"]


@pytest.mark.parametrize("kind", [*rows.FACTS, *rows.BUYERS, "held"])
def test_a_page_of_rows_asks_the_same_number_of_questions_however_many_there_are(
    world: World, kind: str, django_assert_max_num_queries: Any
) -> None:
    client = signed_in()
    address = url(f"/insights/rows/{kind}/")
    client.get(address)
    with django_assert_max_num_queries(14) as few:
        client.get(address)
    facts.write(
        facts.sale(store=world.stores[n % 4].id, customer=world.customers[n % 3], day=FIRST)
        for n in range(70)
    )

    with django_assert_max_num_queries(len(few) + 1):  # what is fresh is looked at in one more
        client.get(address)


def test_top_customers_are_listed_by_what_they_paid(world: World) -> None:
    world.write(facts.returned(world.written[1], day=FIRST + timedelta(days=20)))

    found = signed_in().get(url("/insights/rows/top/")).context["rows"]

    assert [(each["customer"].text, each["row"].paid_minor) for each in found] == [
        ("Carol", 10_000), ("=cmd|calc", 2_500), ("Dora", 700),
    ]  # fmt: skip


def test_customers_of_two_stores_are_listed_for_exactly_these(world: World) -> None:
    world.sell(2, 1, FIRST, 100)
    client = signed_in()
    one, other, third = (each.id for each in world.stores[:3])

    def names(**places: Any) -> set[str]:
        found = client.get(url("/insights/rows/shared/", **places)).context["rows"]
        return {each["customer"].text for each in found}

    assert names() == {"Carol", "=cmd|calc"}
    assert names(store=one, **{"with": other}) == {"Carol"}
    assert names(store=one, **{"with": third}) == {"=cmd|calc"}
    assert names(store=other, **{"with": third}) == set()


def test_a_pair_with_somebody_elses_store_is_not_there(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[0], world.stores[2]))
    mine, others = world.stores[0].id, world.stores[1].id

    response = client.get(url("/insights/rows/shared/", store=mine, **{"with": others}))

    assert response.status_code == 404


def test_who_holds_points_adds_up_to_the_figure(world: World) -> None:
    buyers = [Customer.objects.get(pk=key) for key in world.customers]
    east, west = world.stores[0].id, world.stores[1].id
    for n, (who, store, amount) in enumerate(
        [(0, east, 500), (1, east, 30), (1, west, 200), (2, None, 70)]
    ):
        event = made.event(buyers[who], f"a{n}", store_id=store)
        ledger.award(event, amount=amount, expires_at=None)
    ledger.spend(made.event(buyers[1], "s", store_id=east), amount=100)
    client = signed_in()
    until: dict[str, Any] = {"end": made.NOW.date()}

    def held(**places: Any) -> tuple[str, dict[str, int]]:
        found = client.get(url("/insights/rows/held/", **until, **places)).context["rows"]
        by_name = {each["customer"].text: each["row"].points for each in found}
        return figures_of(client.get(url(**until, **places)))["held"], by_name

    assert held() == ("700", {"Carol": 500, "=cmd|calc": 130, "Dora": 70})
    figure, of_east = held(store=east)
    assert figure == str(sum(of_east.values()))
    assert held(store=world.stores[3].id) == ("0", {})
    assert client.get(url("/insights/rows/held/")).context["rows"] == []  # before they were given


def test_phones_in_rows_are_masked_but_for_ones_own_customers(world: World) -> None:
    Customer.objects.filter(pk=world.customers[0]).update(phone="+8613800138000")

    said = text_of(signed_in().get(url("/insights/rows/buyers/")))

    assert "138 **** 8000" in said
    assert "138 0013 8000" not in said


def test_a_store_manager_gets_codes_but_no_list_of_names(world: World) -> None:
    client = manager(Role.STORE_MANAGER, stores=(world.stores[0],))

    buyers = client.get(url("/insights/files/buyers.csv")).getvalue().decode("utf-8-sig")
    sales = client.get(url("/insights/files/sales.csv")).getvalue().decode("utf-8-sig")

    assert "Customer" not in buyers.splitlines()[0]
    assert "Carol" not in buyers + sales
    assert str(world.customers[0]) in buyers


def test_a_file_is_named_and_written_in_the_persons_language(world: World) -> None:
    client = signed_in()
    client.cookies["language"] = "zh-hans"

    response = client.get(url("/insights/files/stores.csv", store=world.stores[0].id))
    name = unquote(response["Content-Disposition"])

    assert "门店 Store s0 2026-10-01 2026-10-31.csv" in name
    assert response.getvalue().decode("utf-8-sig").split(",")[1] == "门店"


def test_a_worksheet_that_cannot_hold_the_rows_is_refused_before_it_begins(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    client = signed_in()

    refused = client.get(url("/insights/files/sales.xlsx"))

    assert refused.status_code == 413
    assert "Take the CSV file, or fewer days." in refused.content.decode()
    assert client.get(url("/insights/files/buyers.xlsx")).status_code == 200
    assert client.get(url("/insights/files/sales.csv")).status_code == 200


@pytest.mark.parametrize(
    "after",
    [
        "1~x",
        "2026-10-01",
        f"x~{UUID(int=0)}",
        f"{2**63}~{UUID(int=0)}",
        f"{-(10**30)}~{UUID(int=0)}",
    ],
)
@pytest.mark.parametrize("kind", ["sales", "top", "held"])
def test_marks_that_fit_no_list_begin_at_the_front(world: World, kind: str, after: str) -> None:
    found = signed_in().get(url(f"/insights/rows/{kind}/", after=after)).context["rows"]

    assert len(found) == {"sales": 5, "top": 3, "held": 0}[kind]


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
        assert "'=cmd|calc" in {cell.value for cell in cells}


def test_a_file_nobody_knows_is_not_there(world: World) -> None:
    assert signed_in().get(url("/insights/files/secrets.csv")).status_code == 404
