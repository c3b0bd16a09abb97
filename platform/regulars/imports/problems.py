"""What can be wrong with one row: found, kept as plain data, and said in the reader's language."""

from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from regulars.errors import Text
from regulars.imports.cells import Cell, excerpt
from regulars.imports.values import Unfit


class Problem(msgspec.Struct, frozen=True):
    """A reason why the row at `line` is not imported.

    `column` is the heading in the file, empty when the row as a whole is meant. `excerpt` shows
    the beginning of the cell.
    """

    line: int
    column: str
    code: str
    excerpt: str = ""
    params: dict[str, Any] = {}

    def sentence(self) -> str:
        """Say it in the language in use."""
        return sentence(self.code, self.params)


SENTENCES: dict[str, Text] = {
    "cell.formula": _("This formula was never computed. Open the file, save it, upload it again."),
    "cell.error": _("The spreadsheet shows the fault %(error)s here instead of a value."),
    "row.too-many-cells": _(
        "This row has more cells than there are headings. "
        "Perhaps a delimiter stands inside a text without quotation marks."
    ),
    "row.no-identity": _(
        "Nothing here says which customer this is: no phone, member code, card or number."
    ),
    "required": _("This must not be empty."),
    # Text
    "text.control": _("There are control characters in this text. Type it again."),
    "text.too-long": _("This is longer than %(limit)s characters."),
    "code.damaged": _(
        "The spreadsheet rounded this number. Format the column as text, enter it again in full."
    ),
    "id.format": _("This is not one of our ids. Leave it empty for a new customer."),
    "email.format": _("This is not an e-mail address."),
    "tags.too-many": _("These are more than %(limit)s tags."),
    "boolean.format": _("Please write yes or no."),
    "gender.format": _("Please write female, male or other, or leave it empty."),
    "kind.format": _("Please write sale or return."),
    "calendar.format": _("Please write solar or lunar."),
    # Numbers
    "number.format": _("This is not a number we can read."),
    "number.not-whole": _("This must be a whole number."),
    "number.too-large": _("This number is too large."),
    "number.out-of-range": _("This must lie between %(least)s and %(most)s."),
    "money.too-fine": _("An amount has at most %(decimals)s decimals here."),
    "money.too-large": _("This amount is too large."),
    "money.other-currency": _("This is not an amount in %(currency)s, the chain's currency."),
    "quantity.too-fine": _("A quantity has at most %(decimals)s decimals."),
    # Days
    "date.format": _("This is not a date we can read. Write it as 2024-03-05."),
    "date.no-such-day": _("There is no such day."),
    "date.ambiguous": _(
        "This can be read as two different days. Choose whether the day or the month comes first."
    ),
    "date.two-digit-year": _("Please write the year with four digits."),
    "date.implausible": _("This year cannot be right."),
    "date.future": _("This lies in the future."),
    "time.format": _("This is not a time of day we can read. Write it as 15:20."),
    # Phones
    "phone.format": _("This is not a phone number."),
    "phone.damaged": _(
        "The spreadsheet turned this phone number into an approximate one. "
        "Format the column as text and enter it again."
    ),
    "phone.masked": _("Digits of this phone number are hidden. Export it in full."),
    "phone.several": _("There are several phone numbers here. Leave one."),
    "phone.too-short": _("This phone number is too short."),
    "phone.too-long": _("This phone number is too long."),
    "phone.no-area-code": _("This phone number lacks its area code."),
    "phone.not-in-use": _(
        "No such phone number is in use. Check its digits; a landline needs its area code."
    ),
    # Fields of the vertical: the kit's own sentence comes with it
    "field": "%(sentence)s",
    # Looked up in the chain
    "store.unknown": _("There is no store “%(name)s” here."),
    "store.several": _("Several stores are called “%(name)s”. Write the store's number instead."),
    "customer.unknown-id": _("There is no customer with this id. Leave it empty for a new one."),
    "customer.erased": _("This customer was erased on request."),
    "customer.conflict": _(
        "The numbers in this row belong to two different customers, %(one)s and %(other)s."
    ),
    "customer.several": _(
        "Two customers have this phone and this name, %(one)s and %(other)s. "
        "Add a member code to say which one it is, or merge them."
    ),
    "customer.twice": _("This is the same customer as in line %(line)s."),
    "customer.key-taken": _("This belongs to another customer who was added in the meantime."),
    "customer.gone": _("This customer was merged or erased in the meantime."),
    "customer.consent-needed": _(
        "This may be kept only with the customer's consent. Note the consent, or leave it out."
    ),
    # Purchases
    "amount.missing": _("There is no amount: neither what was paid, nor price and quantity."),
    "amount.too-large": _("Price times quantity is too large."),
    "return.sign": _(
        "Amount and quantity disagree whether this is a return. "
        "Add a column that says sale or return."
    ),
    "receipt.other-line": _(
        "Another line of this receipt cannot be taken, see line %(line)s. "
        "A receipt comes in as a whole or not at all."
    ),
    "receipt.differs.store": _("The lines of this receipt name different stores."),
    "receipt.differs.occurred_at": _("The lines of this receipt name different times."),
    "receipt.differs.customer": _("The lines of this receipt name different customers."),
    "receipt.differs.original_number": _("The lines of this receipt are returns of several."),
    "receipt.differs.rounding": _("The lines of this receipt name different roundings."),
    "receipt.differs.kind": _(
        "This receipt both sells and takes goods back. "
        "Give what came back a receipt number of its own."
    ),
    "receipt.too-many-lines": _("A receipt has at most %(most)s lines."),
    "receipt.number-taken": _(
        "The receipt number %(number)s of %(source)s stands for another purchase already, "
        "of %(day)s over %(amount)s."
    ),
    "receipt.amount": _("The rounding is more than the amount, or a sale pays out money."),
    "receipt.buyer": _("Nobody knows this customer."),
    "receipt.no-original": _(
        "We know no purchase with the receipt number %(number)s, neither here nor in this file. "
        "Leave the number empty to take the goods back without it."
    ),
    "receipt.no-such-line": _("The purchase %(number)s has no such line."),
    "receipt.too-much-back": _("Of the purchase %(number)s only %(left)s of this is left."),
    "receipt.too-much-money-back": _("More money came back than the purchase %(number)s paid."),
}


def sentence(code: str, params: dict[str, Any]) -> str:
    """Say a problem kept as its code and params, in the language in use."""
    text = str(SENTENCES[code])
    return text % params if params else text


def of(unfit: Unfit, *, line: int, column: str, cell: Cell) -> Problem:
    """Put a refused cell into its place."""
    return Problem(line, column, unfit.code, excerpt(cell), unfit.params)
