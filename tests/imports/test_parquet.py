"""Parquet: typed columns become cells without losing anything."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from regulars.imports import reading
from regulars.imports.cells import CellError
from tests.imports import files


def rows_of(folder: Path, table: pa.Table, **options: object) -> list[tuple[object, ...]]:
    return list(files.rows_of(files.columnar(table, **options), folder))


def test_typed_columns_become_cells(tmp_path: Path) -> None:
    table = pa.table(
        {
            "整数": pa.array([9007199254740993, None], "int64"),
            "浮点": [0.5, float("nan")],
            "文本": ["张伟", None],
            "真假": [True, False],
            "金额": pa.array([Decimal("12.30"), None], pa.decimal128(9, 2)),
            "日期": [date(2024, 3, 5), None],
            "字典": pa.array(["金", "银"]).dictionary_encode(),
            "字节": pa.array([b"a", "é".encode()]),
            "空": pa.nulls(2),
        }
    )

    rows = rows_of(tmp_path, table)

    assert rows == [
        (9007199254740993, 0.5, "张伟", True, "12.30", "2024-03-05", "金", "a", None),
        (None, CellError("#NUM!"), None, False, None, None, "银", "é", None),
    ]


def test_columns_that_repeat_themselves_come_as_they_were(tmp_path: Path) -> None:
    several: dict[str, list[Any]] = {
        "runs": [n // 50 for n in range(3_000)],
        "often": [f"p{n % 7}" for n in range(3_000)],
        "gaps": [None if n % 3 else n // 400 for n in range(3_000)],
        "floats": [float("nan") if n % 5 == 1 else 0.25 * (n % 4) for n in range(3_000)],
        "days": [date(2024, 1, 1 + n // 200) for n in range(3_000)],
        "truth": [n % 2 == 0 for n in range(3_000)],
        "one": ["x"] * 3_000,
    }
    table = pa.table(several).append_column("null", pa.nulls(3_000))
    wide = table.append_column("large", pa.array(several["often"], pa.large_string()))

    rows = rows_of(tmp_path, wide, row_group_size=900)

    said = dict(several, days=[str(day) for day in several["days"]])
    said["floats"] = [
        CellError("#NUM!") if value != value else value for value in several["floats"]
    ]
    columns = [*said.values(), [None] * 3_000, several["often"]]
    assert rows == list(zip(*columns, strict=True))


def test_time_stamps_keep_their_zone_and_their_fractions(tmp_path: Path) -> None:
    moment = datetime(2024, 3, 5, 11, 53, 26, tzinfo=UTC)
    table = pa.table(
        {
            "ns": pa.array([moment.replace(tzinfo=None)], pa.timestamp("ns")),
            "zoned": pa.array([moment], pa.timestamp("us", "UTC")),
            "fraction": pa.array([moment.replace(tzinfo=None, microsecond=120_000)]),
        }
    )

    [row] = rows_of(tmp_path, table)

    assert row == ("2024-03-05 11:53:26", "2024-03-05 11:53:26Z", "2024-03-05 11:53:26.120000")


def test_rows_are_counted_from_one_over_row_groups(tmp_path: Path) -> None:
    table = pa.table({"编号": list(range(20_000)), "姓名": ["张"] * 20_000})
    path = files.kept(tmp_path, files.columnar(table, row_group_size=700))

    report = reading.inspect(path)
    rows = list(reading.rows(path, report))

    assert (report.header_row, report.rows, report.is_exact) == (0, 20_000, True)
    assert [row.line for row in rows] == list(range(1, 20_001))
    assert [row.cells[0] for row in rows] == list(range(20_000))


def test_long_texts_are_sent_in_pieces(tmp_path: Path) -> None:
    texts = [f"{at}" * 2_000 for at in range(3_000)]

    rows = rows_of(tmp_path, pa.table({"备注": texts}))

    assert [row[0] for row in rows] == texts


def test_headings_that_come_twice_are_numbered(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    report = reading.inspect(files.kept(tmp_path, files.columnar(table)))

    assert report.headings == ("a", "a (2)")
