"""Workbooks: what a person sees in the sheet is what is read."""

import io
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from regulars.imports import faults, reading
from regulars.imports.cells import CellError
from regulars.imports.limits import Limits
from regulars.imports.sandbox import formats
from regulars.imports.sandbox.sheet import column_of
from tests.imports import files
from tests.imports.files import row_xml, sheet_xml


def test_text_numbers_dates_and_times_are_read(tmp_path: Path) -> None:
    content = files.written(
        [
            ("文本", "整数", "小数", "日期", "时刻", "真假"),
            ("0012", 13800138000, 0.1, datetime(2024, 3, 5, 11, 53, tzinfo=None), 1.5, True),  # noqa: DTZ001
        ]
    )

    rows = files.rows_of(content, tmp_path)

    assert rows == [("0012", 13800138000, 0.1, "2024-03-05 11:53:00", 1.5, "TRUE")]


def _formatted(value: float, code: str, *, starts_1904: bool = False) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "date_1904": starts_1904})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["姓名", "值"])
    sheet.write(1, 0, "张伟")
    sheet.write_number(1, 1, value, book.add_format({"num_format": code}))
    book.close()
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (45356, "yyyy-mm-dd", "2024-03-05"),
        (45356, "yyyy年m月d日", "2024-03-05"),
        (45356, '[$-804]yyyy"年"m"月"d"日";@', "2024-03-05"),
        (45356.5, "m/d/yy h:mm", "2024-03-05 12:00:00"),
        (45356.123, "yyyy-mm-dd", "2024-03-05 02:57:07"),
        (0.5, "h:mm", "12:00:00"),
        (0.5, "上午/下午h:mm", "12:00:00"),
        (1.25, "[h]:mm", "30:00:00"),
        (1234, "00000000", "00001234"),
        (1234, "0", 1234),
        (1234.5, '#,##0.00"元"', 1234.5),
        (1234, '"day "0', 1234),
        (1234, "[Red]0.00", 1234),
        (1234, "@", 1234),
        (1234, "General", 1234),
        (1234.0, "0.00E+00", 1234),
        (-5, "yyyy-mm-dd", CellError("#DATE")),
        (1e15, "0", 1e15),
    ],
)
def test_the_number_format_decides_what_a_number_is(
    value: float, code: str, shown: object, tmp_path: Path
) -> None:
    [row] = files.rows_of(_formatted(value, code), tmp_path)

    assert row[1] == shown
    assert type(row[1]) is type(shown)


def test_workbooks_that_count_days_from_1904(tmp_path: Path) -> None:
    content = _formatted(43894, "yyyy-mm-dd", starts_1904=True)

    [row] = files.rows_of(content, tmp_path)

    assert row[1] == "2024-03-05"


def test_days_around_the_leap_day_that_never_was() -> None:
    read = [formats.value(str(day), formats.DATE, starts_1904=False) for day in (1, 59, 61)]

    assert read == ["1900-01-01", "1900-02-28", "1900-03-01"]


def test_everything_is_read_as_openpyxl_reads_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    moment = datetime(2023, 1, 1, 8, 30, tzinfo=UTC).replace(tzinfo=None)
    sheet.append(["文本", "数", "浮点", "日期", "时间", "时刻", "空", "多行"])
    for at in range(300):
        day = moment + timedelta(days=at * 7, minutes=at)
        values = [f"第{at}行 <&>", at, at / 7, day.date(), day.time(), day, None, f"a\n{at}"]
        sheet.append(values if at % 9 else values[:3])
    path = tmp_path / "book.xlsx"
    book.save(path)
    reopened = openpyxl.load_workbook(path, read_only=True).active
    assert reopened is not None
    expected = [_as_text(row) for row in reopened.iter_rows(min_row=2, values_only=True)]

    rows = [row.cells for row in reading.rows(path, reading.inspect(path))]

    assert rows == expected


def _as_text(row: tuple[object, ...]) -> tuple[object, ...]:
    """Write what openpyxl returns as we do: dates as text, nothing behind the last value."""
    cells = [
        value.date().isoformat()
        if isinstance(value, datetime) and value.time() == time(0)
        else value.isoformat(" ")
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date | time)
        else value
        for value in row
    ]
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)


def test_formulas_give_their_kept_result_and_are_never_computed(tmp_path: Path) -> None:
    rows = row_xml(1, "姓名", "算", "空", "没算过", "错") + (
        '<row r="2"><c r="A2" t="str"><f>B1</f><v>张伟</v></c><c r="B2"><f>1+1</f><v>7</v></c>'
        '<c r="C2" t="str"><f>""</f><v></v></c><c r="D2"><f>1+1</f></c>'
        '<c r="E2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )

    [row] = files.rows_of(files.book(rows), tmp_path)

    assert row == ("张伟", 7, None, CellError("formula"), CellError("#DIV/0!"))


def test_cells_merged_downwards_repeat_their_value(tmp_path: Path) -> None:
    rows = row_xml(1, "单号", "商品") + row_xml(2, "S1", "戒指")
    rows += '<row r="3"><c r="B3" t="inlineStr"><is><t>项链</t></is></c></row>' + row_xml(
        4, "S2", "耳钉"
    )
    merged = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    content = files.packed(files.parts(sheet_xml(rows, behind=merged)))
    path = files.kept(tmp_path, content)

    report = reading.inspect(path)
    read = [row.cells for row in reading.rows(path, report)]

    assert read == [("S1", "戒指"), ("S1", "项链"), ("S2", "耳钉")]
    assert [row.cells for row in report.sample] == read


def test_shared_texts_are_joined_from_their_runs_without_pronunciation(tmp_path: Path) -> None:
    shared = (
        "<sst><si><t>姓名</t></si><si><r><t>张</t></r><r><t xml:space='preserve'> 伟</t></r>"
        "<rPh sb='0' eb='1'><t>zhang</t></rPh></si><si><t>a_x000D_b</t></si></sst>"
    )
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>' + "".join(
        f'<row r="{at + 1}"><c r="A{at + 1}" t="s"><v>{at}</v></c></row>' for at in (1, 2)
    )

    read = files.rows_of(files.book(rows, shared=shared), tmp_path)

    assert read == [("张 伟",), ("a\rb",)]


def test_programs_that_write_prefixes_backslashes_or_no_references(tmp_path: Path) -> None:
    xml = (
        f'<x:worksheet xmlns:x="{files.MAIN}"><x:sheetData>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>姓名</x:t></x:is></x:c>'
        '<x:c t="inlineStr"><x:is><x:t>手机</x:t></x:is></x:c></x:row>'
        '<x:row><x:c t="str"><x:v>张伟</x:v></x:c><x:c><x:v>13800138000</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    made = files.parts(xml)
    slashed = {name.replace("/", "\\"): part for name, part in made.items()}

    assert files.rows_of(files.packed(made), tmp_path) == [("张伟", 13800138000)]
    assert files.rows_of(files.packed(slashed), tmp_path) == [("张伟", 13800138000)]


def test_a_broken_stylesheet_of_another_program_does_not_matter(tmp_path: Path) -> None:
    styles = (
        "<styleSheet><fills><fill/></fills><cellXfs><xf/><xf numFmtId='14'/></cellXfs></styleSheet>"
    )
    rows = row_xml(1, "姓名", "生日")
    rows += '<row r="2"><c r="A2" t="str"><v>张</v></c><c r="B2" s="1"><v>45356</v></c></row>'

    assert files.rows_of(files.book(rows, styles=styles), tmp_path) == [("张", "2024-03-05")]


def _two_sheets() -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.add_worksheet("说明").write(0, 0, "请从第二页开始看")
    hidden = book.add_worksheet("隐藏")
    hidden.write_row(0, 0, ["a", "b"])
    hidden.hide()
    table = book.add_worksheet("会员")
    table.write_row(0, 0, ["姓名", "手机"])
    table.write_row(1, 0, ["张伟", "13800138000"])
    book.close()
    return buffer.getvalue()


def test_the_first_visible_sheet_with_a_table_is_taken(tmp_path: Path) -> None:
    report = reading.inspect(files.kept(tmp_path, _two_sheets()))

    assert report.sheet == "会员"
    assert report.sheets == (
        reading.Sheet("说明"),
        reading.Sheet("隐藏", is_hidden=True),
        reading.Sheet("会员"),
    )
    assert [note.sentence() for note in report.notes] == ["Hidden sheets are left out: 隐藏."]


def test_a_person_can_choose_the_sheet_even_a_hidden_one(tmp_path: Path) -> None:
    path = files.kept(tmp_path, _two_sheets())

    with pytest.raises(faults.FileFault) as nothing_below:
        reading.inspect(path, choices=reading.Choices(sheet="隐藏"))
    with pytest.raises(faults.FileFault, match="no sheet named “别的”"):
        reading.inspect(path, choices=reading.Choices(sheet="别的"))

    assert nothing_below.value.code == "file.no-rows"


def test_links_and_macros_are_named_and_left_alone(tmp_path: Path) -> None:
    made = files.parts(sheet_xml(row_xml(1, "姓名", "手机") + row_xml(2, "张伟", "1")))
    made |= {"xl/externalLinks/externalLink1.xml": b"<x/>", "xl/vbaProject.bin": b"x"}

    report = reading.inspect(files.kept(tmp_path, files.packed(made)))

    assert [note.code for note in report.notes] == ["workbook.links", "workbook.macros"]


def test_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    rows = row_xml(3, "姓名", "手机") + row_xml(4, "张伟", "1") + row_xml(9, "李娜", "2")
    path = files.kept(tmp_path, files.book(rows))

    report = reading.inspect(path)

    assert report.header_row == 3
    assert [row.line for row in reading.rows(path, report)] == [4, 9]


def test_a_far_reference_without_a_value_costs_nothing(tmp_path: Path) -> None:
    rows = row_xml(1, "姓名", "手机") + row_xml(2, "张伟", "1")
    rows += '<row r="1048576"><c r="XFD1048576" s="0"/></row>'

    assert files.rows_of(files.book(rows), tmp_path) == [("张伟", "1")]


def test_rows_of_a_large_sheet_come_whole_and_in_order(tmp_path: Path) -> None:
    rows = [
        ("编号", "姓名", "备注"),
        *((f"N{at}", f"名{at}", "x" * (at % 50)) for at in range(5_000)),
    ]
    path = files.kept(tmp_path, files.written(rows))

    report = reading.inspect(path)
    read = [row.cells for row in reading.rows(path, report)]

    assert read == [row if row[2] else row[:2] for row in rows[1:]]
    assert not report.is_exact
    assert report.rows == 5_000


def test_a_reader_that_stops_answering_is_ended(tmp_path: Path) -> None:
    rows = "".join(row_xml(line, "姓名", "手机") for line in range(1, 30_000))
    path = files.kept(tmp_path, files.book(rows))

    with pytest.raises(faults.FileFault) as by_computing:
        reading.inspect(path, limits=Limits(stall_seconds=0.001))
    with pytest.raises(faults.FileFault) as by_waiting:
        reading.inspect(path, limits=Limits(wall_seconds=0.001))

    assert by_computing.value.code == by_waiting.value.code == "file.too-slow"


def test_a_reader_that_needs_too_much_memory_is_ended(tmp_path: Path) -> None:
    rows = [("姓名", "备注"), *((f"名{at}", f"{at}" * 100) for at in range(20_000))]
    path = files.kept(tmp_path, files.written(rows))

    with pytest.raises(faults.FileFault) as caught:
        reading.inspect(path, limits=Limits(memory_bytes=16 * 1024 * 1024))

    assert caught.value.code == "file.too-much-memory"


def test_stopping_early_ends_the_child(tmp_path: Path) -> None:
    rows = [("姓名", "备注"), *((f"名{at}", "x" * 99) for at in range(20_000))]
    path = files.kept(tmp_path, files.written(rows))
    report = reading.inspect(path)
    before = set(_children())

    stream = reading.rows(path, report)
    next(stream)
    during = set(_children()) - before
    stream.close()  # type: ignore[attr-defined]  # a generator

    assert len(during) == 1
    assert not set(_children()) & during


def _children() -> list[str]:
    return (
        Path(f"/proc/self/task/{Path('/proc/thread-self').resolve().name}/children")
        .read_text()
        .split()
    )


@pytest.mark.parametrize(("letters", "number"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16383)])
def test_columns_are_counted_by_their_letters(letters: str, number: int) -> None:
    assert column_of(letters) == number
