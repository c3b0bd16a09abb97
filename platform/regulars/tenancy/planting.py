"""New rows that refer to each other, written by one statement."""

from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model
from django.db.models.expressions import DatabaseDefault


def insert(*rows: Model) -> None:
    """Insert rows that are not saved yet in one statement, and give them their primary keys.

    A field may hold another of these rows: as a relation, or in place of its key. Raises what the
    database raises; then no row was written. What else the database chose is read when asked for.
    """
    names = {id(row): f"r{number}" for number, row in enumerate(rows)}
    parts, values = [], []
    for row in rows:
        columns = {}
        for field in row._meta.concrete_fields:
            found = _value(row, field, names)
            if found is None:
                row.__dict__.pop(field.attname, None)
            else:
                columns[field.column], given = found
                values += given
        listed = ", ".join(f'"{column}"' for column in columns)
        table = connection.ops.quote_name(row._meta.db_table)
        parts.append(
            f"{names[id(row)]} AS (INSERT INTO {table} ({listed}) "
            f"VALUES ({', '.join(columns.values())}) RETURNING {_key(row)})"
        )
    keys = ", ".join(f"(SELECT {_key(row)} FROM {names[id(row)]})" for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} SELECT {keys}", values)
        for row, key in zip(rows, cursor.fetchone(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, connection.alias


def _key(row: Model) -> str:
    return f'"{_primary(row).column}"'


def _primary(row: Model) -> "Field[Any, Any]":
    return row._meta.pk


def _value(
    row: Model, field: "Field[Any, Any]", names: dict[int, str]
) -> tuple[str, list[Any]] | None:
    """Return what stands for a field and its parameters; None where the database chooses."""
    if field.generated:
        return None
    other = row._state.fields_cache.get(field.name) or getattr(row, field.attname)
    if isinstance(other, Model) and id(other) in names:
        return f"(SELECT {_key(other)} FROM {names[id(other)]})", []
    value = field.pre_save(row, add=True)
    if isinstance(value, DatabaseDefault) or (value is None and isinstance(field, AutoField)):
        return None
    mark = "%s"
    if hasattr(field, "get_placeholder"):
        mark = field.get_placeholder(value, None, connection)
    return mark, [field.get_db_prep_save(value, connection)]
