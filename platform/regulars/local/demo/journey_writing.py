"""Writes the real year's two files out of the package's Parquet tables, and ends.

A program of its own: what Arrow takes for it is given back with the process, and is none of the
import's. `python journey_writing.py SOURCE TRANSACTIONS HOUSEHOLDS` prints the number of lines
written so far, and of all, after each group of them.
"""

import sys
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import compute, parquet

_AT_ONCE: Final = 25_000
_BUFFER: Final = 1 << 20
_OF_PRODUCTS: Final = ("product_type", "department")


def main() -> None:
    """Write both files; those that bought have a row each, whatever they said of themselves."""
    source, transactions, households = map(Path, sys.argv[1:])
    pa.set_memory_pool(pa.system_memory_pool())  # the default one keeps what it once had
    _write_households(source, households, _write_transactions(source, transactions))


def _write_transactions(source: Path, path: Path) -> pa.Array:
    """Write the lines of all receipts; returns the households that bought, in order."""
    products = parquet.read_table(
        source / "products.parquet", columns=["product_id", *_OF_PRODUCTS]
    ).combine_chunks()
    lines = parquet.ParquetFile(source / path.name, pre_buffer=False, buffer_size=_BUFFER)
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
            print(done, total, flush=True)  # noqa: T201  (who started it reads it)
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


if __name__ == "__main__":
    main()
