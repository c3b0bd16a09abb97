"""Text that a spreadsheet would run as a formula: disarmed on the way out, restored on the way in.

A spreadsheet that opens a CSV file takes a cell that begins with ``=`` and some other signs for
a formula, which can start programs and send data away (CWE-1236). An apostrophe before it makes
it text. To be able to tell our apostrophe from one that was there, such a text that already has
apostrophes in front gets one more: `restore` takes exactly one away, whatever the text.
"""

import re

_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_ARMED = re.compile(rf"'*[\s{_INVISIBLE}]*[=+\-@＝＋－＠\t\r\n]")


def is_armed(text: str) -> bool:
    """Tell whether a spreadsheet may take the text, or what its apostrophes hide, for a formula."""
    return _ARMED.match(text) is not None


def neutralise(text: str) -> str:
    """Make a text harmless in a CSV or XLSX file; numbers should be written as numbers instead."""
    return f"'{text}" if is_armed(text) else text


def restore(text: str) -> str:
    """Take back what `neutralise` did; any other text comes back as it is."""
    return text[1:] if text[:1] == "'" and is_armed(text) else text
