"""Every file that leaves the product: no cell in it is taken for a formula."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse
from django.utils import timezone
from openpyxl import load_workbook

from regulars import audit
from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.complaints import services as complaints
from regulars.complaints.models import Case
from regulars.customers.models import Customer
from regulars.followups.models import Gift
from regulars.imports import safe
from regulars.insights.selectors import rows as figures
from regulars.insights.services import folding
from regulars.messages import services as messages
from regulars.messages.services import batches
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import care, people, purchases, surveys
from tests.factories.visitors import Visitor, signed_in
from tests.imports import steps

folder = steps.folder
FORMULA: Final = "=cmd|'/C calc'!A0"
CARE: Final = ("care", "care-rows", "scorecard", "scorecard-stores")
COMPLAINTS: Final = (
    "complaint-figures", "complaint-times", "complaint-topics", "complaint-repeats",
    "complaint-rows",
)  # fmt: skip
SURVEYS: Final = ("surveys", "survey-answers")
SHEETS: Final = (
    "stores", "series", "guides", "held", *CARE, *COMPLAINTS, *SURVEYS, *figures.FACTS,
    *figures.BUYERS,
)  # fmt: skip
SENDS_FILES: Final = re.compile(
    r"(as_|\b)attachment\b|FileResponse|content_disposition_header|text/csv"
)
"""What a module that sends a file says."""
SENDERS: Final = {
    "api/imports.py",  # rejected rows, to programs
    "imports/writing/delimited.py",  # writes what the two below send
    "web/complaints/rights.py",  # what somebody unknown wrote as JSON: no table
    "web/customers/rights.py",  # one person's data as JSON: no table
    "web/exports/files.py",  # customers, purchases
    "web/headoffice/exports.py",  # figures and the rows behind them
    "web/imports/files.py",  # rejected rows, samples
}


def addresses(import_id: Any, batch_id: Any) -> Iterator[str]:
    """Return every address that gives a table."""
    for ending in ("csv", "xlsx"):
        yield reverse(f"batch_passed_{ending}", args=[batch_id], urlconf=settings.CHAIN_URLCONF)
        yield reverse(f"customers_{ending}", urlconf=settings.CHAIN_URLCONF) + "?phones=on"
        yield reverse(f"purchases_{ending}", urlconf=settings.CHAIN_URLCONF)
        yield reverse(f"gifts_{ending}", urlconf=settings.CHAIN_URLCONF)
        yield reverse(f"complaints_{ending}", urlconf=settings.CHAIN_URLCONF)
        for what in SHEETS:
            yield reverse(f"insights_{ending}", args=[what], urlconf=settings.CHAIN_URLCONF)
        address = reverse(f"insights_{ending}", args=["care-rows"], urlconf=settings.CHAIN_URLCONF)
        yield f"{address}?ask=question"
    for kind in ("customers", "purchases"):
        yield reverse("import_sample", args=[kind], urlconf=settings.CHAIN_URLCONF)
    yield reverse("import_rejected", args=[import_id], urlconf=settings.CHAIN_URLCONF)
    yield reverse("api-import-rows", args=[import_id], urlconf=settings.CHAIN_URLCONF)


def cells(answer: Any, address: str) -> list[Any]:
    """Return every cell of a file, as the program that opens it reads it."""
    content = answer.getvalue()
    if ".xlsx" in address:
        sheet: Any = load_workbook(io.BytesIO(content)).active
        return [cell for row in sheet for cell in row]
    text = content.decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text)) for cell in row]


def is_run(cell: Any) -> bool:
    """Tell whether a spreadsheet would run a cell; a negative number is a number."""
    if isinstance(cell, str):
        return safe.is_armed(cell) and not re.fullmatch(r"'.*|-\d[\d.]*", cell, re.DOTALL)
    return cell.data_type == "f" or (
        isinstance(cell.value, str) and safe.is_armed(cell.value) and cell.value[0] != "'"
    )


def armed() -> None:
    """Give everybody and everything a name that is a formula."""
    sold = purchases.customer(name=FORMULA, email="a@example.com", address={"city": FORMULA})
    line = purchases.line(10_000, product_name=FORMULA, product_code="=1+1")
    purchases.returned(
        purchases.sale(line, customer=sold, number="@SUM(A1)", source="+1"), (1, 1), number="-1+1"
    )
    purchases.sale(line, customer=sold)
    Gift(
        customer=sold, kind="customer.birthday", source=sold.pk, occasion_on=date(2026, 11, 22),
        gift="g", title=FORMULA, cost_minor=1_000, store_id=people.first_store().pk,
        given_at=timezone.now(),
    ).save(force_insert=True)  # fmt: skip
    care.write([care.done(customer_id=sold.pk, at=timezone.now(), answers={"question": FORMULA})])
    draft = complaints.Draft(
        store_id=people.first_store().pk, raised="counter", text=FORMULA, title=FORMULA,
        customer_id=sold.pk, product_name=FORMULA, product_code="=1+1",
    )  # fmt: skip
    case = complaints.open_case(actor=audit.SYSTEM, draft=draft, now=timezone.now(), key="armed")
    Case.objects.filter(pk=case.pk).update(number="=C1")
    surveys.answered(customer=sold, at=timezone.now(), answers={"recommend": 3, "words": FORMULA})
    region = people.region(name=FORMULA, code="=r")
    Store.objects.update(name=FORMULA, region=region)
    Staff.objects.exclude(name="Alice").update(name=FORMULA)
    Customer.objects.update(member_code="=M1")


@pytest.fixture
def office(folder: Path, now: datetime) -> Visitor:
    """Head office of a chain in which every name is a formula."""
    armed()
    folding.fold(now=now)
    return signed_in()


def passing_over(now: datetime) -> Any:
    """Return a batch that reached nobody."""
    batch = batches.open_batch(
        actor=audit.SYSTEM, title="May", purpose="selling", channel="sms", now=now
    )
    drafts = [
        messages.Draft(customer_id=pk, purpose="selling", channel="sms")
        for pk in Customer.objects.filter(state="active").values_list("pk", flat=True)
    ]
    batches.fill(actor=audit.SYSTEM, batch_id=batch.pk, drafts=drafts, now=now)
    return batch.pk


def asked(office: Visitor, chain: ChainInfo, now: datetime) -> dict[str, list[Any]]:
    """Take every file out."""
    made = keys.create(actor=audit.SYSTEM, name="Till", scopes=list(SCOPES), store_id=None, now=now)
    till = Till(f"{chain.subdomain}.localhost", made.secret)
    row = steps.checked(now)
    found = {}
    for address in addresses(row.pk, passing_over(now)):
        client: Any = till.client if address.startswith("/api/") else office
        answer = client.get(address)
        assert answer.status_code == 200, address
        found[address] = cells(answer, address)
    return found


def test_no_cell_of_any_file_is_run(
    office: Visitor, inside_aurum: ChainInfo, now: datetime
) -> None:
    found = asked(office, inside_aurum, now)

    assert {each: [c for c in inner if is_run(c)] for each, inner in found.items()} == {
        each: [] for each in found
    }
    told = [str(getattr(c, "value", c)) for inner in found.values() for c in inner]
    assert sum(FORMULA in each for each in told) > 20


def test_positive_control_without_the_apostrophe_cells_are_run(
    office: Visitor, inside_aurum: ChainInfo, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe, "neutralise", lambda text: text)

    found = asked(office, inside_aurum, now)

    run = {each for each, inner in found.items() if any(is_run(cell) for cell in inner)}
    assert {each for each in found if each.endswith(("customers.csv?phones=on", "rejected"))} <= run


def test_every_module_that_sends_a_file_is_among_those_tried() -> None:
    package = Path(settings.PACKAGE)
    senders = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if SENDS_FILES.search(path.read_text("utf-8"))
    }

    assert senders == SENDERS


def test_every_address_that_is_named_like_a_file_is_tried() -> None:
    names = {
        str(name)
        for name in get_resolver(settings.CHAIN_URLCONF).reverse_dict
        if isinstance(name, str) and re.search(r"csv|xlsx|rejected|import_sample|import-rows", name)
    }

    assert names == {
        "api-import-rows", "batch_passed_csv", "batch_passed_xlsx",
        "complaints_csv", "complaints_xlsx",
        "customers_csv", "customers_xlsx", "gifts_csv", "gifts_xlsx",
        "import_rejected", "import_sample",
        "insights_csv", "insights_xlsx", "purchases_csv", "purchases_xlsx",
    }  # fmt: skip
