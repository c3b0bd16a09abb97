"""One parser for each column, made from the mapping and remembering what it has read."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from regulars.imports import safe
from regulars.imports.cells import Cell, CellError, is_blank
from regulars.imports.columns import vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Options
from regulars.imports.columns.own import NOTHING, Own
from regulars.imports.repeating import each
from regulars.imports.values import Parser, Unfit, birthdays, dates, numbers, phones, words
from regulars.imports.values.base import refuse_errors
from regulars.kit import fields as kit_fields
from regulars.kit.schema import Field

REMEMBERED = 100_000
"""How many different cells of a column are kept with their values."""

WALK_IN = frozenset(
    [
        "散客",
        "匿名",
        "非会员",
        "零散客户",
        "普通顾客",
        "0",
        "guest",
        "walk-in",
        "walkin",
        "anonymous",
    ]
)
"""What tills write where the buyer is nobody they know."""


class Reader(dict[Cell, Any]):
    """The values of the cells of one column; `Unfit` stands for those that cannot be read.

    Columns repeat themselves: days, stores, prices. Looking up a cell seen before costs a
    thirtieth of reading it again.
    """

    def __init__(self, parser: Parser[Any]) -> None:
        """Begin with nothing read."""
        super().__init__()
        self._parser = parser
        self.is_all_fit = True

    def __missing__(self, cell: Cell) -> Any:
        value: Any
        try:
            value = self._parser(cell)
        except Unfit as unfit:
            value = unfit
            self.is_all_fit = False
        if len(self) >= REMEMBERED:
            self.clear()
        self[cell] = value
        return value

    def read(self, column: Sequence[Cell]) -> Sequence[Any]:
        """Read a whole column; its values repeat themselves in the way its cells do."""
        return each(column, self.__getitem__)


def parsers(
    subject: Subject,
    options: Options,
    *,
    now: datetime,
    own: Own = NOTHING,
    consented: Collection[str] = (),
) -> dict[str, Parser[Any]]:
    """Make a parser for everything a column of such a file can mean.

    Days after tomorrow, seen from `now`, are refused. `consented` are the keys of sensitive
    fields that customers agreed to.
    """
    made = {
        item.key: _parser(item.reads, item.limit, options, now)
        for item in vocabulary.attributes(subject)
    }
    if subject is Subject.PURCHASES:
        for key in [key for key in made if key.startswith("customer_")]:
            made[key] = _known_buyer(made[key])
    for key, field in own.attributes(subject):
        made[key] = _field_parser(field, options.language, consented)
    return made


def _parser(reads: str, limit: int, options: Options, now: datetime) -> Parser[Any]:
    zone = ZoneInfo(options.zone)
    latest = now + timedelta(days=1)
    order, mark = options.date_order, options.decimal_mark
    last_day = latest.astimezone(zone).date()
    makers: dict[str, Callable[[], Parser[Any]]] = {
        "uuid": lambda: words.uuid,
        "identifier": lambda: words.identifier(limit=limit),
        "reference": lambda: words.identifier(limit=limit),
        "text": lambda: words.text(limit=limit),
        "name": lambda: words.text(limit=limit),
        "line_text": lambda: words.text(limit=limit),
        "note": lambda: words.note(limit=limit),
        "tags": lambda: words.tags,
        "phone": lambda: phones.phone(region=options.region),
        "email": lambda: words.email,
        "gender": lambda: words.gender,
        "calendar": lambda: words.calendar,
        "boolean": lambda: words.boolean,
        "payment": lambda: words.payment(limit=limit),
        "sale_or_return": lambda: words.sale_or_return,
        "birthday": lambda: birthdays.birthday(order=order, latest=last_day),
        "lunar_birthday": lambda: birthdays.birthday(lunar=True, order=order, latest=last_day),
        "date": lambda: dates.day(order=order, latest=last_day),
        "time": lambda: dates.clock,
        "moment": lambda: dates.moment(zone=zone, order=order, latest=latest),
        "money": lambda: numbers.money(
            currency=options.currency,
            exponent=options.exponent,
            mark=mark,
            rounds=options.rounds_money,
        ),
        "quantity": lambda: numbers.quantity(mark=mark),
        "points": lambda: numbers.points,
        "position": lambda: numbers.whole(least=0, most=32_767),
    }
    return makers[reads]()


def _known_buyer(parser: Parser[Any]) -> Parser[Any]:
    """Read nobody where the till says that the buyer is nobody it knows."""

    def read(cell: Cell) -> Any:
        if isinstance(cell, str) and cell.strip().casefold() in WALK_IN:
            return None
        return None if cell == 0 else parser(cell)

    return read


def _field_parser(field: Field, language: str, consented: Collection[str]) -> Parser[Any]:
    """Let the kit clean the value of a field of the vertical."""

    def read(cell: Cell) -> Any:
        refuse_errors(cell)
        if is_blank(cell) or isinstance(cell, CellError):
            return None
        raw = safe.restore(cell) if isinstance(cell, str) else cell
        cleaned, found = kit_fields.clean(
            [field],
            {field.key: raw},
            language=language,
            consented=consented,
            partial=True,
            excel_dates=True,
        )
        if found:
            raise Unfit("field", sentence=found[0].sentence)
        return cleaned.get(field.key)

    return read
