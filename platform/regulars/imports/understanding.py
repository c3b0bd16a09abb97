"""The first rows of a file as they would be understood, to be looked at before anything is done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from regulars.imports import readers, selectors, surroundings
from regulars.imports.cells import Batch
from regulars.imports.columns import mapping as columns
from regulars.imports.columns import vocabulary
from regulars.imports.columns.mapping import Mapping
from regulars.imports.models import Import
from regulars.imports.shaping.table import Table

SHOWN: Final = 5


class Meaning(NamedTuple):
    """A cell as it would be understood, or why it would not."""

    value: Any
    reads: str
    problem: str


class Understood(NamedTuple):
    """The labels of the assigned attributes, and the rows: line and a meaning for each."""

    labels: Sequence[str]
    rows: Sequence[tuple[int, Sequence[Meaning]]]


def first_rows(row: Import, *, now: datetime) -> Understood:
    """Read the first rows by the mapping as it stands, whether it is complete or not."""
    mapping = selectors.mapping_of(row)
    own = surroundings.own()
    made = readers.parsers(
        mapping.subject,
        mapping.options,
        now=now,
        own=own,
        consented=surroundings.sensitive(own),
    )
    labels = columns.label_of(mapping.subject, own)
    reads = {item.key: item.reads for item in vocabulary.attributes(mapping.subject)}
    many = {item.key for item in vocabulary.attributes(mapping.subject) if item.many}
    names = [
        name
        for name, positions in mapping.positions().items()
        if name in labels and (len(positions) == 1 or name in many)
    ]
    sample = sorted(selectors.report_of(row).sample, key=lambda each: each.line)[:SHOWN]
    batch = Batch([each.line for each in sample], rows=[each.cells for each in sample])
    table = Table(batch, mapping, {})
    for name in names:
        table.read(name, readers.Reader(made[name]))
    wrong = {(each.line, each.column): each.sentence() for each in table.problems}
    headings = {name: _heading(mapping, name) for name in names}
    return Understood(
        [labels[name] for name in names],
        [
            (
                line,
                [
                    Meaning(
                        table.values(name)[at],
                        reads.get(name, "text"),
                        wrong.get((line, headings[name]), ""),
                    )
                    for name in names
                ],
            )
            for at, line in enumerate(table.lines)
        ],
    )


def _heading(mapping: Mapping, attribute: str) -> str:
    return mapping.columns[mapping.positions()[attribute][0]].heading
