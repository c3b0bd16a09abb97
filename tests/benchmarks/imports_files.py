"""The files of B6: a real retailer's year by date, and customers made by the database."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import pyarrow as pa
from django.db import connection
from pyarrow import compute, parquet

from regulars.imports import contract
from regulars.imports.columns.attributes import Subject
from regulars.local.demo import journey_files
from regulars.local.demo.journey_import import Plan

STORES: Final = 20
YEAR: Final = 1_469_307
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董"
_GIVEN: Final = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰萍红鹏宇轩浩然子涵梓欣怡诗雨晨阳嘉琪"
    "俊熙思远天佑可馨语桐若曦沐辰佳慧文博志强建国海燕春梅冬雪晓东小龙立新永康德胜美玲淑珍"
)

# What an old system hands out of its members. Everything follows from the number of the row.
_MEMBERS: Final = """
COPY (
  SELECT 'M' || lpad(n::text, 8, '0') AS "会员编号",
    substr({surnames}, 1 + n % length({surnames}), 1)
      || substr({given}, 1 + (n / 7) % length({given}), 1)
      || CASE WHEN n % 10 < 8 THEN substr({given}, 1 + (n / 601) % length({given}), 1)
         ELSE '' END AS "姓名",
    (13000000000 + (n::bigint * 7919) % 1000000007)::text AS "手机号",
    CASE n % 3 WHEN 0 THEN '男' ELSE '女' END AS "性别",
    (date '1950-01-01' + (n * 17) % 20000)::text AS "生日",
    (date '2015-01-01' + (n * 13) % 4000)::text AS "入会日期",
    'S' || lpad((1 + n % {stores})::text, 2, '0') AS "所属门店"
  FROM generate_series({first}, {last}) AS n
) TO STDOUT (FORMAT csv, HEADER)"""


@dataclass(frozen=True, slots=True)
class Part:
    """A file and what a person says of it; `rows` are those below its headings."""

    plan: Plan
    rows: int


def members(folder: Path, *, count: int, parts: int) -> list[Part]:
    """Write the customers of an old system as so many files of the same size."""
    made = []
    for index in range(parts):
        first, last = 1 + index * count // parts, (index + 1) * count // parts
        path = folder / f"members-{index}.csv"
        text = _MEMBERS.format(
            surnames=f"'{_SURNAMES}'", given=f"'{_GIVEN}'", stores=STORES, first=first, last=last
        )
        download(text, path)
        plan = Plan(
            kind=Subject.CUSTOMERS,
            path=path,
            name=path.stem,
            values={"source": "old"},
            options=contract.Options(create_stores=True),
        )
        made.append(Part(plan, last - first + 1))
    return made


def year(folder: Path, *, lines: int, parts: int) -> list[Part]:
    """Write the first lines of the year with their products, by date: no receipt lies in two."""
    source = journey_files.data()
    whole = parquet.ParquetFile(source / journey_files.TRANSACTIONS)
    batches, read = [], 0
    for batch in whole.iter_batches(min(lines, 65_536)):
        batches.append(batch)
        read += len(batch)
        if read >= lines:
            break
    table = pa.Table.from_batches(batches).slice(0, lines)
    products = parquet.read_table(source / "products.parquet")
    where = compute.index_in(table["product_id"], value_set=products["product_id"].combine_chunks())
    for name in ("product_type", "department"):
        table = table.append_column(name, products[name].take(where))
    numbers = table["basket_id"].combine_chunks()
    changes = compute.not_equal(numbers.slice(1), numbers.slice(0, len(numbers) - 1))
    starts = [0, *(at + 1 for at in compute.indices_nonzero(changes).to_pylist()), len(table)]
    made = []
    for index in range(parts):
        first, last = (starts[(len(starts) - 1) * at // parts] for at in (index, index + 1))
        path = folder / f"lines-{index}.parquet"
        parquet.write_table(table.slice(first, last - first), path)
        plan = Plan(
            kind=Subject.PURCHASES,
            path=path,
            name=path.stem,
            columns={"product_type": "product_name", "department": "category"},
            values={"source": "completejourney", "zone": "UTC", "rounds_money": True},
            options=contract.Options(create_stores=True),
        )
        made.append(Part(plan, last - first))
    return made


def everything(folder: Path, parts: list[Part]) -> Part:
    """Join the parts to the one file they are of."""
    first = parts[0].plan
    path = folder / f"all{first.path.suffix}"
    if first.kind is Subject.PURCHASES:
        tables = [parquet.read_table(part.plan.path) for part in parts]
        parquet.write_table(pa.concat_tables(tables), path, row_group_size=131_072)
    else:
        with path.open("wb") as file:
            for index, part in enumerate(parts):
                content = part.plan.path.read_bytes()
                file.write(content if not index else content.partition(b"\n")[2])
    plan = replace(first, path=path, name=path.stem)
    return Part(plan, sum(part.rows for part in parts))


def download(statement: str, path: Path) -> int:
    """Write what a COPY gives into a file; returns the number of rows."""
    with connection.cursor() as cursor, path.open("wb") as file:
        with cast(Any, cursor).copy(statement) as copy:
            for block in copy:
                file.write(block)
        return int(cursor.rowcount)
