"""How often a test strikes: enough to notice in `make test`, long in `make proof`.

A test that has a long version says how it tries its claim, with ``@pytest.mark.proof("…")``, asks
for its counts here, and notes them with pytest's ``record_property``; `make proof` writes every
such test as a row of docs/proof.md. What it found is noted as `found`.
"""

import os
from collections.abc import Callable
from typing import Final

type Note = Callable[[str, object], None]  # what pytest's record_property is
IS_LONG: Final = os.environ.get("REGULARS_PROOF") == "1"


def of(small: int, *, proof: int) -> int:
    """Return how often to strike in this run."""
    return proof if IS_LONG else small
