"""Streaming a Parquet file, batch by batch, as plain values."""

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

from regulars.imports.cells import Cell, CellError
from regulars.imports.limits import Limits
from regulars.imports.sandbox.wire import (
    Alive,
    AnyFrame,
    Column,
    Columns,
    End,
    Head,
    Refused,
    Request,
)

BATCH = 8_192
"""Rows; more than 65,536 different cells of a column could not be told apart on the wire."""
FRAME = 4 * 1024 * 1024
"""Bytes of values sent at once; a batch of long texts is sent in pieces."""
_RUN = 4
"""Rows that a run has in the middle where a column is worth sending as runs."""
_OFTEN = 2
"""How often a cell comes in the middle where it is worth sending once."""


def frames(file: BinaryIO, request: Request) -> Iterator[AnyFrame]:
    """Answer the request about an open Parquet file.

    Timestamps come as ISO 8601 text (with ``Z`` when the column has a zone), decimals as text.

    :raises Refused: encrypted, damaged, too wide, or a column whose type cannot be a cell.
    """
    # half a second that workbooks need not wait
    import pyarrow as pa
    import pyarrow.compute
    from pyarrow import parquet

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        opened = parquet.ParquetFile(file, pre_buffer=False, buffer_size=64 * 1024)
        yield from _answer(opened, request, pa)
    except pa.ArrowMemoryError as error:
        raise Refused("file.too-much-memory") from error
    except (pa.ArrowException, OSError) as error:
        is_locked = "ncrypt" in str(error)
        raise Refused("file.encrypted" if is_locked else "file.damaged", part="Parquet") from error


def _answer(opened: Any, request: Request, pa: Any) -> Iterator[AnyFrame]:
    limits = request.limits
    schema = opened.schema_arrow
    if len(schema) > limits.columns:
        raise Refused("file.too-many-columns", line=1, limit=limits.columns)
    if opened.metadata.num_rows > limits.rows:
        raise Refused("file.too-many-rows", limit=limits.rows)
    casts = [_cast_for(field, pa) for field in schema]
    yield Head(columns=tuple(schema.names))
    first, wanted = 1, limits.rows if request.action == "rows" else limits.sample_rows
    for batch in opened.iter_batches(batch_size=BATCH, use_threads=False):
        kept = batch.slice(0, max(0, wanted - first + 1))
        step = max(1, len(kept) * FRAME // max(1, kept.nbytes))
        for at in range(0, len(kept), step):
            yield _packed(kept.slice(at, step), casts, first + at, limits, pa)
        yield Alive()
        first += len(batch)
        if first > wanted:  # its footer counts the rest, which is unpacked when it is checked
            break
    yield End(opened.metadata.num_rows)


def _cast_for(field: Any, pa: Any) -> Any:
    """Return the type a column is brought to before its values are taken, None for as it is.

    :raises Refused: lists, structures, maps and other types no cell can hold, by name.
    """
    kind = field.type
    types = pa.types
    if types.is_dictionary(kind):
        return _cast_for(pa.field(field.name, kind.value_type), pa) or kind.value_type
    if types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if types.is_date(kind) or types.is_time(kind) or types.is_decimal(kind):
        return pa.string()
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_string_view(kind):
        return pa.string()
    if types.is_float16(kind):
        return pa.float32()
    plain = (types.is_integer, types.is_floating, types.is_boolean, types.is_string)
    if any(test(kind) for test in (*plain, types.is_large_string, types.is_null)):
        return None
    raise Refused("file.column-type", column=str(field.name)[:60], type=str(kind)[:60])


def _packed(batch: Any, casts: list[Any], first: int, limits: Limits, pa: Any) -> Columns:
    columns = [
        _column(_cast(column, cast, first, limits, pa), pa)
        for column, cast in zip(batch, casts, strict=True)
    ]
    return Columns(first, len(batch), columns)


def _cast(column: Any, target: Any, first: int, limits: Limits, pa: Any) -> Any:
    compute = pa.compute
    if target is not None and pa.types.is_timestamp(target):
        column = _stamps(column, target.tz, pa)
    elif target is not None:
        column = column.cast(target)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        lengths = compute.utf8_length(column)
        if (compute.max(lengths).as_py() or 0) > limits.cell_chars:
            long = compute.index(compute.greater(lengths, limits.cell_chars), True).as_py()
            raise Refused("file.cell-too-long", line=first + long, limit=limits.cell_chars)
    return column


def _column(column: Any, pa: Any) -> Column:
    """Send what comes again once: making and reading a cell costs more than finding it here."""
    runs = pa.compute.run_end_encode(column)
    if len(runs.values) * _RUN <= len(column):
        return Column(_cells(runs.values, pa), runs.run_ends.to_pylist())
    coded = column.dictionary_encode(null_encoding="encode")
    if len(coded.dictionary) * _OFTEN <= len(column):
        places = memoryview(coded.indices.cast(pa.uint16()).buffers()[1])[: 2 * len(column)]
        return Column(_cells(coded.dictionary, pa), places=bytes(places))
    return Column(_cells(column, pa))


def _cells(column: Any, pa: Any) -> list[Cell]:
    values: list[Cell] = column.to_pylist()
    compute = pa.compute
    if pa.types.is_floating(column.type) and not compute.all(compute.is_finite(column)).as_py():
        return [CellError("#NUM!") if _is_odd(value) else value for value in values]
    return values


def _stamps(column: Any, zone: str | None, pa: Any) -> Any:
    """Write time stamps as text, with fractions of a second only where there are any."""
    try:
        column = column.cast(pa.timestamp("s", zone))
    except pa.ArrowInvalid:
        column = column.cast(pa.timestamp("us", zone), safe=False)
    return column.cast("string")


def _is_odd(value: Cell) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
