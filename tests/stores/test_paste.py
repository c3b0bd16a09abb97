"""Stores pasted from a spreadsheet: headings in two languages, faults named row by row."""

from uuid import uuid4

import pytest
from django.utils import translation

from regulars.web.stores import paste


def read(text: str, *, taken: frozenset[str] = frozenset()) -> list[paste.Row]:
    """Read in English, in China."""
    with translation.override("en"):
        return paste.read(text, taken=taken, country="CN")


@pytest.mark.parametrize(
    "text",
    [
        "编号\t名称\t区域\t城市\nS1\t外滩店\t华东\t上海",
        "Store code\tStore name\tRegion\tCity\r\nS1\t外滩店\t华东\t上海\r\n",
        "城市,名称,编号,区域\n上海,外滩店,S1,华东",
        "編號;名稱;區域;城市\nS1;外滩店;华东;上海",
        "S1\t外滩店\t华东\t上海",
    ],
)
def test_columns_are_found_by_their_headings_or_their_order(text: str) -> None:
    [row] = read(text)

    assert row.faults == []
    assert row.facts == {"code": "S1", "name": "外滩店", "region": "华东", "city": "上海"}


def test_a_cell_with_a_line_break_in_quotes_is_one_cell() -> None:
    [row] = read('code\tname\taddress\nS1\tBund\t"12 Bund\nShanghai"')

    assert row.facts["address"] == "12 Bund Shanghai"


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("\tBund\t\t", "A code has"),
        ("S1\t\t\t", "A name has"),
        ("OLD\tBund\t\t", "exists already"),
        ("S1\tBund\t12\t", "not a telephone number"),
        ("S1\tBund\t\tMoon/Base", "not a time zone"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(cells: str, fault: str) -> None:
    [row] = read(f"code\tname\tphone\ttimezone\n{cells}", taken=frozenset({"OLD"}))

    assert fault in row.faults[0]


def test_a_code_twice_in_the_list_is_refused_the_second_time() -> None:
    first, second = read("code\tname\nS1\tA\nS1\tB")

    assert first.faults == []
    assert second.faults


def test_empty_lines_and_nothing_at_all_make_no_rows() -> None:
    assert read("code\tname\n\n\t\n") == []
    assert read("   \n") == []


def test_phones_become_international_and_regions_keys() -> None:
    rows = read("code\tname\tregion\tphone\nS1\tBund\t华东\t021-6321 0000")
    east = uuid4()

    [facts] = paste.facts_of(rows, regions={"华东": east}, time_zone="Asia/Shanghai")

    assert (facts.phone, facts.region_id, facts.time_zone) == (
        "+862163210000",
        east,
        "Asia/Shanghai",
    )
