"""The rows an import left behind, and their bare COPY into the same tables of a twin database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from django.apps import apps
from psycopg import sql

from tests import servers
from tests.benchmarks import imports_files

BLOCK: Final = 1 << 18

_PURCHASES: Final = "SELECT id FROM purchases_purchase WHERE import_id = %(import)s"
_CUSTOMERS: Final = "SELECT id FROM customers_customer WHERE import_id = %(import)s"
ROWS: Final = {
    "stores.Store": "NOT id = ANY(%(stores)s)",
    "customers.Customer": "import_id = %(import)s",
    "customers.Identity": f"customer_id IN ({_CUSTOMERS})",
    "customers.LifeEvent": f"customer_id IN ({_CUSTOMERS})",
    "purchases.Purchase": "import_id = %(import)s",
    "purchases.Line": f"purchase_id IN ({_PURCHASES})",
    "purchases.Number": f"purchase_id IN ({_PURCHASES})",
    "purchases.Standing": f"customer_id IN ({_CUSTOMERS})",
}
"""The tables an import fills, parents first, and which of their rows it made.

Left out, in favour of COPY: the import's own row, its entries in the audit, and the standings of
customers who were there before, which the import brings up to date.
"""


class Filled(NamedTuple):
    """The rows of one table, as COPY writes them: how many, and where they are kept."""

    table: str
    columns: list[str]
    rows: int
    path: Path


def filled(folder: Path, *, import_id: UUID, stores: list[UUID]) -> list[Filled]:
    """Write down the rows that an import made, table by table, in the order they lie in."""
    known = "'{" + ",".join(map(str, stores)) + "}'::uuid[]"
    found = []
    for label, where in ROWS.items():
        model = apps.get_model(label)
        table = model._meta.db_table
        # the number of the writing transaction is the database's to give, on both sides
        columns = [f.column for f in model._meta.local_concrete_fields if f.column != "tx"]
        path = folder / f"{table}.rows"
        names = ", ".join(f'"{column}"' for column in columns)
        given = where.replace("%(import)s", f"'{import_id}'::uuid").replace("%(stores)s", known)
        rows = imports_files.download(
            f"COPY (SELECT {names} FROM {table} WHERE {given} ORDER BY ctid) TO STDOUT", path
        )
        if rows:
            found.append(Filled(table, columns, rows, path))
    return found


@contextmanager
def twin(name: str, *, schema: str) -> Iterator[psycopg.Connection[Any]]:
    """Give a link to another clone of the prepared database, as the product's own role."""
    with servers.cloned(name):
        url = servers.addresses()["default"].rsplit("/", 1)[0] + f"/{name}"
        with psycopg.connect(url) as link:
            link.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
            link.commit()
            yield link


def copy(link: psycopg.Connection[Any], tables: list[Filled]) -> None:
    """Copy the rows in, in one transaction."""
    with link.transaction(), link.cursor() as cursor:
        for each in tables:
            names = sql.SQL(", ").join(map(sql.Identifier, each.columns))
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(each.table), names)
            with cursor.copy(into) as stream, each.path.open("rb") as file:
                while block := file.read(BLOCK):
                    stream.write(block)


def digest(tables: list[Filled], run: Callable[[str], Any]) -> list[tuple[str, int, int]]:
    """Return how many rows each of the tables holds, and the sum of the digests of the rows."""
    found = []
    for each in tables:
        names = ", ".join(f'"{column}"' for column in each.columns)
        rows, total = run(
            f"SELECT count(*), sum(hashtextextended(ROW({names})::text, 0)::numeric)"
            f" FROM {each.table}"
        )
        found.append((each.table, int(rows), int(total)))
    return found
