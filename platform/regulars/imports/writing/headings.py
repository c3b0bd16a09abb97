"""Headings under which the import recognises every column by itself."""

from collections.abc import Sequence
from typing import NamedTuple

from regulars.imports.columns import guess, mapping, vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.own import Own


class Column(NamedTuple):
    """A column of an export: what it means to the import, and its heading."""

    attribute: str
    heading: str


def of(attributes: Sequence[str], *, subject: Subject, own: Own) -> tuple[Column, ...]:
    """Head each attribute with its label in the language in use, if that is told from all others.

    Otherwise with a word the import knows it by, at last with its key. Attributes that the chain
    does not have are left out.
    """
    labels = mapping.label_of(subject, own)
    words = {item.key: item.words for item in vocabulary.attributes(subject)}
    keys = {attribute: field.key for attribute, field in own.attributes(subject)}
    columns: list[Column] = []
    for attribute in attributes:
        if attribute not in labels:
            continue
        last = keys.get(attribute, attribute)
        wishes = (labels[attribute], *words.get(attribute, ()), last)
        heading = next((wish for wish in wishes if _means(wish, attribute, subject, own)), last)
        columns.append(Column(attribute, heading))
    return _all_told_apart(columns, subject=subject, own=own, keys=keys)


def _means(heading: str, attribute: str, subject: Subject, own: Own) -> bool:
    return _understood([heading], subject, own) == [attribute]


def _understood(headings: Sequence[str], subject: Subject, own: Own) -> list[str]:
    found = guess.guess(headings, (), subject=subject, own=own)
    return [column.attribute for column in found.columns]


def _all_told_apart(
    columns: list[Column], *, subject: Subject, own: Own, keys: dict[str, str]
) -> tuple[Column, ...]:
    """Give a column that another one of the file is mistaken for its key as heading."""
    understood = _understood([column.heading for column in columns], subject, own)
    return tuple(
        column
        if attribute == column.attribute
        else column._replace(heading=keys.get(column.attribute, column.attribute))
        for column, attribute in zip(columns, understood, strict=True)
    )
