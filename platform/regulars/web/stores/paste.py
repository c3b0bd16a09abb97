"""Stores pasted from a spreadsheet: find the columns by their headings, name what is wrong."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from regulars.stores.services import StoreFacts
from regulars.web import phones

MOST_ROWS: Final = 2000
_HEADINGS: Final[Mapping[str, str]] = {
    "code": "code storecode storeno storenumber 编号 编码 门店编号 门店编码 店号 編號 編碼"
    " 門店編號 門店編碼 店號",
    "name": "name store storename 名称 门店 门店名称 店名 店铺 名稱 門店 門店名稱 店鋪",
    "region": "region area district 区域 大区 片区 區域 大區 片區",
    "province": "province state 省 省份",
    "city": "city town 城市 市",
    "address": "address street 地址 门店地址 門店地址 详细地址 詳細地址",
    "phone": "phone telephone tel 电话 门店电话 联系电话 電話 門店電話 聯絡電話",
    "time_zone": "timezone tz 时区 時區",
}
_ORDER: Final = ("code", "name", "region", "city", "address", "phone")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One pasted store: what it says, and what is wrong with it."""

    line: int
    facts: dict[str, str]
    faults: list[str]


def read(text: str, *, taken: frozenset[str], country: str) -> list[Row]:
    """Return the rows of a pasted table, with faults; headings are found by their words.

    Without headings the columns are code, name, region, city, address and phone. `taken` are the
    codes of existing stores. At most MOST_ROWS rows are looked at.
    """
    table = [[_clean(cell) for cell in cells] for cells in _split(text)]
    table_lines = [(number, cells) for number, cells in enumerate(table, 1) if any(cells)]
    if not table_lines:
        return []
    columns = _columns(table_lines[0][1])
    if columns:
        table_lines = table_lines[1:]
    else:
        columns = dict(enumerate(_ORDER))
    seen = set(taken)
    return [
        _row(number, cells, columns, seen, country) for number, cells in table_lines[:MOST_ROWS]
    ]


def facts_of(
    rows: Sequence[Row], *, regions: Mapping[str, UUID], time_zone: str
) -> list[StoreFacts]:
    """Return rows without faults as the service takes them; `regions` maps names to keys."""
    return [
        StoreFacts(
            code=row.facts["code"],
            name=row.facts["name"],
            region_id=regions.get(row.facts.get("region", "")),
            province=row.facts.get("province", ""),
            city=row.facts.get("city", ""),
            address=row.facts.get("address", ""),
            phone=row.facts.get("phone", ""),
            time_zone=row.facts.get("time_zone") or time_zone,
        )
        for row in rows
        if not row.faults
    ]


def _split(text: str) -> list[list[str]]:
    """Cut text into cells at tabs (as spreadsheets copy), else at semicolons or commas."""
    first = text.lstrip().partition("\n")[0]
    delimiter = next((each for each in ("\t", ";", ",", "，") if each in first), "\t")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def _clean(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).split())


def _columns(cells: Sequence[str]) -> dict[int, str]:
    """Return which column holds what, if the first row are headings (at least code or name)."""
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        word = "".join(
            char for char in unicodedata.normalize("NFKC", cell).lower() if char.isalnum()
        )
        key = next((key for key, words in _HEADINGS.items() if word in words.split()), None)
        if key is not None and key not in found.values():
            found[index] = key
    return found if {"code", "name"} <= set(found.values()) else {}


def _row(
    number: int, cells: Sequence[str], columns: Mapping[int, str], seen: set[str], country: str
) -> Row:
    facts = {key: cells[index] for index, key in columns.items() if index < len(cells)}
    faults = []
    code, name = facts.get("code", ""), facts.get("name", "")
    if not code or len(code) > 30:
        faults.append(_("A code has 1 to 30 characters."))
    elif code in seen:
        faults.append(_("The code %(code)s exists already.") % {"code": code})
    if not name or len(name) > 60:
        faults.append(_("A name has 1 to 60 characters."))
    for key, longest in (("region", 60), ("province", 40), ("city", 40), ("address", 200)):
        if len(facts.get(key, "")) > longest:
            faults.append(_("%(text)s… is too long.") % {"text": facts[key][:20]})
    if facts.get("phone"):
        try:
            facts["phone"] = phones.parse(facts["phone"], region=country)
        except ValueError:
            faults.append(_("%(text)s is not a telephone number.") % {"text": facts["phone"][:30]})
    if facts.get("time_zone") and facts["time_zone"] not in available_timezones():
        faults.append(_("%(text)s is not a time zone.") % {"text": facts["time_zone"][:40]})
    seen.add(code)
    return Row(line=number, facts=facts, faults=faults)
