"""From rows to drafts: a batch at a time, column by column, every refusal named.

A row with any problem makes no draft. What must hold over several rows (the lines of one
receipt, the same customer twice) is not decided here.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from regulars.imports import problems
from regulars.imports.cells import Batch, Cell, is_blank
from regulars.imports.columns import mapping as columns
from regulars.imports.columns.attributes import Subject
from regulars.imports.columns.mapping import Mapping
from regulars.imports.drafts import CustomerDraft, PurchaseLineDraft
from regulars.imports.problems import Problem
from regulars.imports.readers import Reader, parsers
from regulars.imports.shaping import customers, purchases
from regulars.imports.shaping.table import Table
from regulars.imports.values import Unfit
from regulars.kit.schema import Field

type Draft = CustomerDraft | PurchaseLineDraft


class Shaped(NamedTuple):
    """What a batch became. `blank` counts rows that hold nothing in the assigned columns."""

    drafts: list[Any]
    problems: list[Problem]
    blank: int
