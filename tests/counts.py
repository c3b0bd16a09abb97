"""How often a test strikes: enough to notice in `make test`, long in `make proof`.

A test that has a long version says how it tries its claim, with ``@pytest.mark.proof("…")``, asks
for its counts here, and notes them with pytest's ``record_property``; `make proof` writes every
such test as a row of docs/proof.md. What it found is noted as `found`.

``REGULARS_PROOF_TIMES=10 make proof`` strikes ten times as often. What chance decides begins with
a seed that is printed and noted; ``REGULARS_SEED`` repeats it.
"""

import os
import secrets
from collections.abc import Callable
from typing import Final

type Note = Callable[[str, object], None]  # what pytest's record_property is
IS_LONG: Final = os.environ.get("REGULARS_PROOF") == "1"
TIMES: Final = int(os.environ.get("REGULARS_PROOF_TIMES") or 1)


def of(small: int, *, proof: int) -> int:
    """Return how often to strike in this run."""
    return proof * TIMES if IS_LONG else small


def seed() -> int:
    """Return what chance begins with in one test: another each time, unless it is repeated."""
    chosen = int(os.environ.get("REGULARS_SEED") or secrets.randbelow(2**32))
    print(f"REGULARS_SEED={chosen}")  # noqa: T201  (pytest shows it when the test fails)
    return chosen
