"""From rows to drafts: a batch at a time, column by column, every refusal named.

A row with any problem makes no draft. What must hold over several rows (the lines of one
receipt, the same customer twice) is not decided here.
"""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dictionary
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from regulars.imports import faults, problems
from regulars.imports.cells import Batch
from regulars.imports.columns import mapping as columns
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Mapping, Trouble
from regulars.imports.columns.own import NOTHING, Own
from regulars.imports.drafts import CustomerDraft, PurchaseLineDraft
from regulars.imports.problems import Problem
from regulars.imports.readers import Reader, parsers
from regulars.imports.shaping import customers, purchases
from regulars.imports.shaping.table import Table
from regulars.imports.values import Parser, Unfit, birthdays

NONE_REFUSED: Final[Dictionary[tuple[str, str], int]] = MappingProxyType({})
_BIRTHDAY, _CALENDAR = "birthday", "birthday_calendar"


class Shaped[T](NamedTuple):
    """What a batch became. `blank` counts rows that hold nothing in the assigned columns.

    `refused` names the receipts, by source and number, that have a line with a problem, and the
    first such line: none of their lines may be taken.
    """

    drafts: Sequence[T]
    problems: list[Problem]
    blank: int
    refused: Dictionary[tuple[str, str], int] = NONE_REFUSED


class _Shaper:
    """What both kinds of file share: readers that remember, and constants read once."""

    subject: Subject

    def __init__(
        self,
        mapping: Mapping,
        *,
        now: datetime,
        own: Own = NOTHING,
        consented: Collection[str] = (),
    ) -> None:
        """Prepare to read a file by its mapping.

        `own` is what the chain adds; `consented` are the keys of its sensitive fields that the
        customers agreed to. Days after tomorrow, seen from `now`, are refused.

        :raises faults.MappingFault: the mapping is wrong; every trouble is named.
        """
        columns.check(mapping, own=own)
        if mapping.subject is not self.subject:
            raise ValueError(f"{type(self).__name__} cannot read {mapping.subject}")
        self._mapping = mapping
        made = parsers(mapping.subject, mapping.options, now=now, own=own, consented=consented)
        self._constants = _constants(mapping, made, own)
        self._readers = {name: Reader(made[name]) for name in mapping.positions()}

    def _table(self, batch: Batch) -> Table:
        table = Table(batch, self._mapping, self._constants)
        for attribute, reader in self._readers.items():
            table.read(attribute, reader)
        return table


class CustomerShaper(_Shaper):
    """Makes `CustomerDraft`s of the rows of a file of customers."""

    subject = Subject.CUSTOMERS

    def __init__(self, mapping: Mapping, **context: Any) -> None:
        """Prepare to read a file by its mapping; see `PurchaseShaper`."""
        super().__init__(mapping, **context)
        self._by_moon: Reader | None = None
        if _BIRTHDAY in self._readers and _CALENDAR in self._readers:
            order = mapping.options.date_order
            self._by_sun = self._readers.pop(_BIRTHDAY)
            self._by_moon = Reader(birthdays.birthday(lunar=True, order=order))

    def shape(self, batch: Batch) -> Shaped[CustomerDraft]:
        """Turn a batch into drafts and problems."""
        table = self._table(batch)
        if self._by_moon is not None:
            table.read_by(_BIRTHDAY, _CALENDAR, self._by_moon, self._by_sun)
        return _shaped(table, list(customers.build(table)))


class PurchaseShaper(_Shaper):
    """Makes `PurchaseLineDraft`s of the rows of a file of purchases."""

    subject = Subject.PURCHASES

    def shape(self, batch: Batch) -> Shaped[PurchaseLineDraft]:
        """Turn a batch into drafts and problems."""
        table = self._table(batch)
        shaped = _shaped(table, purchases.build(table, self._mapping))
        return shaped._replace(refused=purchases.refused(table, self._mapping))


def _shaped[T](table: Table, drafts: Sequence[T]) -> Shaped[T]:
    found = sorted(table.problems, key=lambda problem: problem.line)
    return Shaped(drafts, found, len(table) - len(drafts) - len(table.refused))


def _constants(mapping: Mapping, made: dict[str, Parser[Any]], own: Own) -> dict[str, Any]:
    values, found = {}, []
    for attribute, text in mapping.constants.items():
        try:
            values[attribute] = made[attribute](text)
        except Unfit as unfit:
            label = columns.label_of(mapping.subject, own)[attribute]
            said = problems.sentence(unfit.code, unfit.params)
            found.append(Trouble("constant-unfit", {"label": label, "sentence": said}))
    if found:
        raise faults.MappingFault(found)
    return values
