"""Delimited text: encodings, delimiters, lines, headings."""

import random
from pathlib import Path

import pytest

from regulars.imports import faults, reading
from regulars.imports.limits import Limits
from regulars.imports.reading import encodings
from tests.imports import files

HEADINGS = files.CUSTOMERS[0]
TRADITIONAL = (
    ("姓名", "手機號碼", "會員編號", "生日", "備註"),
    ("陳美玲", "0912345678", "M001", "1980-03-05", "喜歡玫瑰金"),
)


def inspected(folder: Path, content: bytes, **choices: object) -> reading.FileReport:
    return reading.inspect(files.kept(folder, content), choices=reading.Choices(**choices))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_the_encoding_is_recognised(encoding: str, expected: str, tmp_path: Path) -> None:
    report = inspected(tmp_path, files.delimited().encode(encoding))

    assert report.encoding == expected
    assert report.confidence >= 0.8
    assert report.headings == HEADINGS
    assert report.sample[0].cells == files.CUSTOMERS[1]


@pytest.mark.parametrize("encoding", ["big5", "cp950", "big5hkscs"])
def test_big5_is_not_taken_for_gb18030(encoding: str, tmp_path: Path) -> None:
    report = inspected(tmp_path, files.delimited(TRADITIONAL).encode(encoding))

    assert report.encoding == "big5hkscs"
    assert report.sample[0].cells == TRADITIONAL[1]


def test_signs_that_only_windows_has_in_big5_are_read(tmp_path: Path) -> None:
    rows = (*TRADITIONAL, ("王小明", "0922333444", "M002", "", "€100‧恒粧"))

    report = inspected(tmp_path, files.delimited(rows).encode("cp950"))

    assert report.encoding == "cp950"
    assert report.sample[1].cells == rows[2]


def test_western_accents_are_read_as_windows_1252(tmp_path: Path) -> None:
    rows = [("Name", "Phone"), ("François Müller", "0612345678"), ("Zoë O’Brien", "0612345679")]

    report = inspected(tmp_path, files.delimited(rows, ";").encode("cp1252"))

    assert (report.encoding, report.delimiter) == ("cp1252", ";")
    assert report.sample[1].cells[0] == "Zoë O’Brien"


@pytest.mark.parametrize("encoding", ["gbk", "big5"])
def test_small_files_of_names_are_recognised_by_their_headings(
    encoding: str, tmp_path: Path
) -> None:
    chance = random.Random(3)
    names = (
        "王李林陳許何高金石文方白田江余杜"
        if encoding == "big5"
        else "王李林陈许何高金石文方白田江余杜"
    )
    for _ in range(40):
        name = "".join(chance.sample(names, 3))
        headings = TRADITIONAL[0] if encoding == "big5" else HEADINGS
        content = files.delimited([headings, (name, "1", "2", "3", "4")]).encode(encoding)

        report = inspected(tmp_path, content)

        assert report.sample[0].cells[0] == name
        assert report.confidence > 0.9


def test_the_encoding_is_found_in_lines_far_behind_plain_ones(tmp_path: Path) -> None:
    plain = "name,phone\n" + "Smith,13800138000\n" * 60_000

    report = inspected(tmp_path, (plain + "张伟,13800138000\n" * 5).encode("gbk"))

    assert report.encoding == "gb18030"
    assert report.rows == 60_005


def test_a_broken_byte_is_named_by_line_and_place_before_any_row(tmp_path: Path) -> None:
    before = ("姓名,手机\n" + "张伟,13800138000\n" * 70_000).encode()

    with pytest.raises(faults.FileFault) as caught:
        inspected(tmp_path, before + b"\xff\xfe,1\n")

    assert caught.value.code == "file.encoding"
    assert caught.value.params == {"encoding": "UTF-8", "line": 70_002, "offset": len(before)}


def test_a_person_can_choose_the_encoding(tmp_path: Path) -> None:
    content = files.delimited(TRADITIONAL).encode("big5")

    assert inspected(tmp_path, content, encoding="Big5").sample[0].cells == TRADITIONAL[1]
    with pytest.raises(faults.FileFault, match="not UTF-8"):
        inspected(tmp_path, content, encoding="utf-8")
    with pytest.raises(faults.FileFault, match="not an encoding"):
        inspected(tmp_path, content, encoding="klingon")


@pytest.mark.parametrize("name", ["GBK", "gb2312", "Big5", "UTF-16", "latin-1", "utf-8-sig"])
def test_usual_names_of_encodings_are_understood(name: str) -> None:
    assert encodings.canonical(name) in encodings.ENCODINGS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_the_delimiter_is_recognised(delimiter: str, tmp_path: Path) -> None:
    report = inspected(tmp_path, files.delimited(delimiter=delimiter).encode())

    assert report.delimiter == delimiter
    assert report.headings == HEADINGS


def test_commas_in_addresses_do_not_hide_the_tab(tmp_path: Path) -> None:
    text = "姓名\t地址\n张伟\t上海市,静安区,南京西路1号,2楼\n李娜\t北京市,朝阳区,1号,3楼\n"

    report = inspected(tmp_path, text.encode())

    assert report.delimiter == "\t"
    assert report.headings == ("姓名", "地址")


def test_the_separator_line_of_excel_is_obeyed_and_not_counted(tmp_path: Path) -> None:
    report = inspected(tmp_path, b"sep=;\r\nname;phone\r\nSmith, John;13800138000\r\n")

    assert (report.delimiter, report.header_row) == (";", 1)
    assert report.sample == (reading.RawRow(2, ("Smith, John", "13800138000")),)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_kind_of_line_end_is_read(end: str, last: bool, tmp_path: Path) -> None:
    text = end.join(["姓名,手机", "张伟,1", "李娜,2"]) + end * last

    assert [row[0] for row in files.rows_of(text.encode(), tmp_path)] == ["张伟", "李娜"]


def test_line_ends_across_the_blocks_in_which_a_file_is_read(tmp_path: Path) -> None:
    rows = [("name", "note"), *((f"n{at}", "x" * (at % 91)) for at in range(20_000))]

    found = files.rows_of(files.delimited(rows).encode(), tmp_path)

    assert found == rows[1:]


def test_quotes_hold_delimiters_line_breaks_and_quotes(tmp_path: Path) -> None:
    text = '姓名,备注\n"张,伟","第一行\r\n第二行"\n"李""娜""",x\n'

    rows = files.rows_of(text.encode(), tmp_path)

    assert rows == [("张,伟", "第一行\r\n第二行"), ('李"娜"', "x")]


def test_a_row_is_counted_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = files.kept(tmp_path, '姓名,备注\n"张","a\nb\nc"\n\n,\n李,x\n'.encode())

    lines = [row.line for row in reading.rows(path, reading.inspect(path))]

    assert lines == [2, 5]


def test_an_open_quotation_mark_can_be_declared_a_plain_character(tmp_path: Path) -> None:
    content = '姓名,备注\n张伟,5" 戒指\n李娜,"没写完\n王五,x\n'.encode()

    with pytest.raises(faults.FileFault) as caught:
        inspected(tmp_path, content)
    rows = files.rows_of(content, tmp_path, has_quotes=False)

    assert (caught.value.code, caught.value.params) == ("file.quote-open", {"line": 3})
    assert rows[1] == ("李娜", '"没写完')


def test_an_open_quotation_mark_is_noticed_wherever_batches_end(tmp_path: Path) -> None:
    for count in (1_998, 1_999, 2_000, 2_001, 4_000):
        content = "姓名,手机\n" + "张,1\n" * count + '"李,2\n'

        with pytest.raises(faults.FileFault) as caught:
            inspected(tmp_path, content.encode())

        assert caught.value.params == {"line": count + 2}


def test_a_whole_number_of_batches_is_read_to_the_end(tmp_path: Path) -> None:
    for count in (1_999, 2_000, 3_999, 4_095, 4_096, 8_191):
        content = "姓名,手机\n" + "张,1\n" * count

        assert len(files.rows_of(content.encode(), tmp_path)) == count


def test_titles_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    text = (
        "会员资料表,,,\n导出时间：2024-03-05,,,\n,,,\n姓名,手机号,门店,积分\n张伟,138,南京路店,12\n"
    )

    report = inspected(tmp_path, text.encode())

    assert report.header_row == 4
    assert report.rows == 1


def test_a_file_without_headings_is_named_by_letters(tmp_path: Path) -> None:
    report = inspected(
        tmp_path, "张伟,13800138000,2024-03-05\n李娜,13900139000,2024-03-06\n".encode()
    )

    assert (report.header_row, report.headings, report.rows) == (0, ("A", "B", "C"), 2)
    assert [note.code for note in report.notes] == ["headings.none"]


def test_a_person_can_choose_the_row_of_headings(tmp_path: Path) -> None:
    content = "a,b\n姓名,手机\n张伟,1\n".encode()

    assert inspected(tmp_path, content, header_row=1).rows == 2
    assert inspected(tmp_path, content, header_row=0).rows == 3
    with pytest.raises(faults.FileFault, match="first 10 rows"):
        inspected(tmp_path, content, header_row=99)


def test_headings_are_made_unique_and_empty_columns_dropped(tmp_path: Path) -> None:
    text = "姓名,电话,,电话,备注,,\n张伟,1,x,2,y,,\n李娜,3,x,4,y,,\n"

    report = inspected(tmp_path, text.encode())

    assert report.headings == ("姓名", "电话", "C", "电话 (2)", "备注")
    assert [note.sentence() for note in report.notes] == [
        "These headings come more than once: 电话."
    ]


def test_rows_with_more_cells_than_headings_are_counted(tmp_path: Path) -> None:
    text = "姓名,地址\n张伟,上海\n李娜,北京,朝阳区\n王五,广州,,\n"

    report = inspected(tmp_path, text.encode())

    assert report.headings == ("姓名", "地址")
    assert [(note.code, note.params) for note in report.notes] == [("rows.ragged", {"count": 1})]


def test_the_sample_spans_the_file(tmp_path: Path) -> None:
    content = "name,number\n" + "".join(f"n,{at}\n" for at in range(10_000))

    report = inspected(tmp_path, content.encode())

    numbers = [int(str(row.cells[1])) for row in report.sample]
    assert numbers[:50] == list(range(50))
    assert numbers == sorted(set(numbers))
    assert numbers[-1] > 8_000
    assert len(numbers) <= 200


def test_the_same_content_has_the_same_digest_whatever_its_name(tmp_path: Path) -> None:
    one = files.kept(tmp_path, b"name,phone\na,1\n", "a.csv")
    other = files.kept(tmp_path, b"name,phone\na,1\n", "b.xlsx")
    different = files.kept(tmp_path, b"name,phone\na,2\n", "c.csv")

    assert reading.inspect(one).digest == reading.inspect(other).digest
    assert reading.inspect(one).digest != reading.inspect(different).digest


def test_a_file_that_changed_after_the_look_is_refused(tmp_path: Path) -> None:
    path = files.kept(tmp_path, b"name,phone\na,1\n")
    report = reading.inspect(path)
    path.write_bytes(b"name,phone\na,1\nb,2\n")

    with pytest.raises(faults.FileFault) as caught:
        next(reading.rows(path, report))

    assert caught.value.code == "file.changed"


def test_a_report_survives_being_kept_as_json(tmp_path: Path) -> None:
    from regulars.imports.reading import report as reports

    report = inspected(tmp_path, files.delimited().encode("gbk"))

    assert reports.from_builtins(reports.to_builtins(report)) == report


def test_limits_are_those_given(tmp_path: Path) -> None:
    path = files.kept(tmp_path, b"a,b,c\n1,2,3\n")

    with pytest.raises(faults.FileFault, match="more than 2 columns"):
        reading.inspect(path, limits=Limits(columns=2))
