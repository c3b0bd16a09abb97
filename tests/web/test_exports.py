"""The pages on which people take customers and purchases out, and the files they get."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from regulars.audit.models import Entry
from regulars.staff.models import Role
from regulars.web.exports import files
from tests.factories import customers, people, purchases
from tests.factories.visitors import Visitor, signed_in

pytestmark = pytest.mark.usefixtures("inside_aurum")
CUSTOMERS, PURCHASES = "/customers/export/", "/purchases/export/"


def rows_of(response: Any) -> list[dict[str, str]]:
    """Return the rows of a CSV file by their headings."""
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def guide() -> Visitor:
    """Return the browser of a guide."""
    people.staff(email="bob@aurum.example", stores=(people.store(),))
    return signed_in(email="bob@aurum.example")


def test_the_list_leads_to_its_file_with_its_filters() -> None:
    customers.customer(name="Ann", gender="female")
    customers.customer(name="Ben", gender="male")
    client = signed_in()

    listed = client.get("/customers/?gender=female").content.decode()
    offered = client.get(f"{CUSTOMERS}?gender=female").content.decode()
    file = client.get(f"{CUSTOMERS}customers.csv?gender=female")

    assert f'href="{CUSTOMERS}?gender=female"' in listed
    assert "1 customer<" in offered
    assert '<input type="hidden" name="gender" value="female">' in offered
    assert file["Content-Disposition"].startswith('attachment; filename="customers-')
    assert [row["Name"] for row in rows_of(file)] == ["Ann"]


def test_taking_customers_out_is_written_down() -> None:
    customers.customer(phone="13800138000")

    file = signed_in().get(f"{CUSTOMERS}customers.csv?gender=&phones=on&sort=name")

    assert rows_of(file)[0]["Phone"] == "13800138000"
    entry = Entry.objects.get(action="customers.exported")
    assert entry.data == {
        "file": "csv",
        "rows": 1,
        "filters": {"sort": "name"},
        "answers": False,
        "phones": True,
        "sensitive": False,
    }


def test_phones_are_hidden_unless_they_were_asked_for() -> None:
    customers.customer(phone="13800138000")

    (row,) = rows_of(signed_in().get(f"{CUSTOMERS}customers.csv"))

    assert (row["Phone"], row["Hidden phone"]) == ("", "138****8000")


def test_a_workbook_holds_texts_and_days_and_no_formula() -> None:
    customers.customer(name="=1+1", member_code="0007")

    answer = signed_in().get(f"{CUSTOMERS}customers.xlsx?answers=on")

    sheet = load_workbook(io.BytesIO(answer.getvalue())).active
    assert sheet is not None
    headings, cells = list(sheet.iter_rows())
    found = {head.value: cell for head, cell in zip(headings, cells, strict=False)}
    assert found["Name"].value == "'=1+1"
    assert found["Member code"].value == "0007"
    assert found["Joined on"].data_type == "d"
    assert {cell.data_type for cell in cells if cell.value} <= {"s", "d"}


def test_purchases_come_with_a_row_for_each_line() -> None:
    purchases.sale(purchases.line(10_000), purchases.line(5_000, product_name="ring"))
    client = signed_in()

    page = client.get(PURCHASES).content.decode()
    csv_file = client.get(f"{PURCHASES}purchases.csv?start=2026-11-01&end=2026-11-30")
    workbook = client.get(f"{PURCHASES}purchases.xlsx?start=2026-11-01&end=2026-11-30")

    assert "Export purchases" in page
    assert [row["Amount paid"] for row in rows_of(csv_file)] == ["100.00", "50.00"]
    sheet = load_workbook(io.BytesIO(workbook.getvalue())).active
    assert sheet is not None
    assert sheet.max_row == 3
    entry = Entry.objects.filter(action="purchases.exported").latest("id")
    assert (entry.data["rows"], entry.data["phones"]) == (2, False)


def test_the_rows_of_head_office_lead_to_their_lines() -> None:
    purchases.sale()

    days = "period=custom&start=2026-11-21&end=2026-11-21"
    rows = signed_in().get(f"/insights/rows/purchases/?{days}").content.decode()

    assert f'href="{PURCHASES}?start=2026-11-21&amp;end=2026-11-21"' in rows


def test_purchases_of_other_days_stay_out() -> None:
    purchases.sale()

    file = signed_in().get(f"{PURCHASES}purchases.csv?start=2026-10-01&end=2026-10-31")

    assert rows_of(file) == []


@pytest.mark.parametrize(
    "path",
    [
        CUSTOMERS,
        f"{CUSTOMERS}customers.csv",
        f"{CUSTOMERS}customers.xlsx",
        PURCHASES,
        f"{PURCHASES}purchases.csv",
        f"{PURCHASES}purchases.xlsx",
    ],
)
def test_a_guide_takes_nothing_out(path: str) -> None:
    assert guide().get(path).status_code == 403
    assert not Entry.objects.filter(action__endswith=".exported").exists()


def test_a_guides_list_does_not_offer_a_file() -> None:
    assert CUSTOMERS not in guide().get("/customers/").content.decode()


def test_a_regions_manager_takes_out_the_region() -> None:
    east = people.region()
    inside, outside = people.store(region=east), people.store(code="102")
    people.staff(role=Role.REGION_MANAGER, regions=(east,), email="ruth@aurum.example")
    customers.customer(name="Ann", store=inside)
    customers.customer(name="Ben", store=outside)
    client = signed_in(email="ruth@aurum.example")

    assert [row["Name"] for row in rows_of(client.get(f"{CUSTOMERS}customers.csv"))] == ["Ann"]


def test_a_workbook_too_large_to_open_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "MOST_IN_WORKBOOK", 0)
    customers.customer()
    client = signed_in()

    page = client.get(CUSTOMERS).content.decode()
    refused = client.get(f"{CUSTOMERS}customers.xlsx")

    assert "Take the CSV file" in page
    assert "customers.xlsx" not in page.split("formaction", 1)[1]
    assert refused.status_code == 413
    assert client.get(f"{CUSTOMERS}customers.csv").status_code == 200


def test_an_address_somebody_made_up_narrows_nothing() -> None:
    customers.customer(name="Ann")
    client = signed_in()

    assert len(rows_of(client.get(f"{CUSTOMERS}customers.csv?store=x&owner=y"))) == 1
    assert client.get(f"{PURCHASES}purchases.csv?start=x&store=y&customer=z").status_code == 200


def test_a_long_file_takes_no_more_statements_than_a_short_one() -> None:
    client = signed_in()
    store, owner = people.store(), people.staff()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{CUSTOMERS}customers.csv?answers=on").getvalue()
        return len(queries)

    customers.crowd([("Ann", None)], store=store.pk, owner=owner.pk)
    cost()  # what a process remembers is read once
    few = cost()
    customers.crowd([(f"Ben {each}", None) for each in range(300)], store=store.pk, owner=owner.pk)
    assert cost() == few
