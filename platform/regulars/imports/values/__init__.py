"""From a cell to a typed value, or the reason why not.

Every parser takes a `Cell` and returns its value, None for a blank cell, or raises `Unfit`.
Parsers with options are made by a function, so that a column's parser is made once.
"""

from regulars.imports.values.base import Parser, Unfit

__all__ = ["Parser", "Unfit"]
