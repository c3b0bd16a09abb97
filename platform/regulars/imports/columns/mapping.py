"""The assignment of columns to attributes: plain data that a person corrects, then checked."""

from collections import Counter
from collections.abc import Mapping as Dictionary
from typing import Any, Literal

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.errors import Text
from regulars.imports import faults
from regulars.imports.columns import customers, vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.own import NOTHING, Own


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How values are to be read. The chain gives the defaults, a person may change them."""

    currency: str = "CNY"
    exponent: int = 2
    """Decimals of the currency."""
    decimal_mark: Literal[".", ","] = "."
    rounds_money: bool = False
    """Round amounts with too many decimals instead of refusing them."""
    date_order: Literal["ymd", "dmy", "mdy"] = "ymd"
    """How ``03/04/2024`` is meant; ``ymd`` refuses it."""
    zone: str = "Asia/Shanghai"
    """The zone of times that name none."""
    region: str = "CN"
    """The country of phone numbers without a code."""
    source: str = "import"
    """The till or system the numbers of receipts come from, where no column says it."""
    language: str = "zh-Hans"
    """For the words of choices in fields of the vertical."""


class Assignment(msgspec.Struct, frozen=True):
    """What one column means; an empty attribute leaves it out."""

    heading: str
    attribute: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """What every column of a file means, in the order of the columns.

    `constants` give an attribute one value for all rows, where no column has it.
    """

    subject: Subject
    columns: tuple[Assignment, ...]
    constants: dict[str, str] = {}
    options: Options = Options()

    def positions(self) -> dict[str, list[int]]:
        """Map each assigned attribute to the columns that have it, from 0."""
        found: dict[str, list[int]] = {}
        for position, column in enumerate(self.columns):
            if column.attribute:
                found.setdefault(column.attribute, []).append(position)
        return found

    def has(self, attribute: str) -> bool:
        """Tell whether a column or a constant gives the attribute."""
        return attribute in self.constants or any(
            column.attribute == attribute for column in self.columns
        )


class Trouble(msgspec.Struct, frozen=True):
    """Something wrong with a mapping."""

    code: str
    params: dict[str, Any] = {}

    def __str__(self) -> str:
        text = str(SENTENCES[self.code])
        return text % self.params if self.params else text


SENTENCES: dict[str, Text] = {
    "twice": _("%(count)s columns are assigned to “%(label)s”: %(headings)s. Keep one."),
    "constant": _("“%(label)s” has a column and a fixed value. Keep one of them."),
    "unknown": _("Column “%(heading)s” is assigned to something we do not know."),
    "nobody": _(
        "No column identifies the customer. Assign at least one of: phone, member code, "
        "card number, number in another system."
    ),
    "number": _("No column holds the number of the receipt, which tells purchases apart."),
    "when": _("No column says when the purchase was made."),
    "when-twice": _("Assign either “Date and time”, or “Date” with or without “Time”."),
    "time-alone": _("“Time” needs a column for “Date”."),
    "store": _("No column says in which store it was bought. Assign one, or choose a store."),
    "amount": _(
        "No column says what was paid. Assign “Amount paid”, or “Unit price” and “Quantity”."
    ),
    "constant-unfit": _("The fixed value for “%(label)s” cannot be used: %(sentence)s"),
    "original": _("“Line of the original” needs “Receipt number of the original”."),
    "name-twice": _("Assign either “Name”, or “Family name” and “Given name”."),
}


def troubles(mapping: Mapping, *, own: Own = NOTHING) -> list[Trouble]:
    """Name everything that keeps the mapping from being imported; empty when it is right."""
    labels = label_of(mapping.subject, own)
    found = [
        Trouble("unknown", {"heading": column.heading})
        for column in mapping.columns
        if column.attribute and column.attribute not in labels
    ]
    found += [
        Trouble("unknown", {"heading": attribute})
        for attribute in mapping.constants
        if attribute not in labels
    ]
    many = {item.key for item in vocabulary.attributes(mapping.subject) if item.many}
    assigned = Counter(column.attribute for column in mapping.columns if column.attribute)
    for attribute, count in assigned.items():
        if attribute not in labels:
            continue
        label = labels[attribute]
        if count > 1 and attribute not in many:
            theirs = [item.heading for item in mapping.columns if item.attribute == attribute]
            found.append(
                Trouble("twice", {"count": count, "label": label, "headings": "、".join(theirs)})
            )
        if attribute in mapping.constants:
            found.append(Trouble("constant", {"label": label}))
    is_customers = mapping.subject is Subject.CUSTOMERS
    return found + (_of_customers(mapping) if is_customers else _of_purchases(mapping))


def _of_customers(mapping: Mapping) -> list[Trouble]:
    found = []
    if not any(mapping.has(attribute) for attribute in customers.IDENTIFYING):
        found.append(Trouble("nobody"))
    if mapping.has("name") and (mapping.has("family_name") or mapping.has("given_name")):
        found.append(Trouble("name-twice"))
    return found


def _of_purchases(mapping: Mapping) -> list[Trouble]:
    has = mapping.has
    is_dated = has("date")
    checks = (
        ("number", not has("number")),
        ("when", not has("occurred_at") and not is_dated),
        ("when-twice", has("occurred_at") and is_dated),
        ("time-alone", has("time") and not is_dated),
        ("store", not has("store")),
        ("amount", not (has("paid") or has("gross") or (has("unit_price") and has("quantity")))),
        ("original", has("original_position") and not has("original_number")),
    )
    return [Trouble(code) for code, is_wrong in checks if is_wrong]


def check(mapping: Mapping, *, own: Own = NOTHING) -> None:
    """Raise if anything is wrong with the mapping.

    :raises faults.MappingFault: naming every problem.
    """
    if found := troubles(mapping, own=own):
        raise faults.MappingFault(found)


def label_of(subject: Subject, own: Own = NOTHING) -> dict[str, str]:
    """Map every attribute that may be assigned to its label in the language in use."""
    language = get_language() or "en"
    labels = {item.key: str(item.label) for item in vocabulary.attributes(subject)}
    labels |= {key: field.label.text(language) for key, field in own.attributes(subject)}
    return {key: label for key, label in labels.items() if own.allows(key)}


def to_builtins(mapping: Mapping) -> dict[str, Any]:
    """Turn the mapping into what JSON can hold."""
    built: dict[str, Any] = msgspec.to_builtins(mapping)
    return built


def from_builtins(data: Dictionary[str, Any]) -> Mapping:
    """Turn what `to_builtins` made, or a page sent, back into a mapping.

    :raises msgspec.ValidationError: it is not one.
    """
    return msgspec.convert(data, Mapping)
