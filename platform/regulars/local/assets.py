"""Collecting what browsers load into the state folder, only when something changed."""

import hashlib
import sys
from importlib import metadata
from pathlib import Path

import regulars
from regulars.local.state import State

PACKAGE = Path(regulars.__file__).parent


class Collected:
    """The folder ``static`` of a state folder, and a note of what it was made from."""

    def __init__(self, folder: Path) -> None:
        """Name the state folder."""
        self._folder = folder / "static"
        self._note = self._folder / ".made-from"

    def is_current(self) -> bool:
        """Say whether nothing has changed since it was collected."""
        return self._note.exists() and self._note.read_text("utf-8") == fingerprint()

    def note(self) -> None:
        """Note that it was collected from the files as they are."""
        self._note.write_text(fingerprint(), encoding="utf-8")


def fingerprint() -> str:
    """Sum up the static files of Regulars, by size and time, and the packages by their versions."""
    digest = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.glob("*/static/**/*") if path.is_file()):
        about = path.stat()
        digest.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    for each in sorted(f"{one.name} {one.version}" for one in metadata.distributions()):
        digest.update(f"{each}\n".encode())
    return digest.hexdigest()


def main(folder: str) -> None:
    """Run Django's collectstatic into the state folder unless it is current."""
    collected = Collected(State(Path(folder)).folder)
    if collected.is_current():
        return
    import django
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=1, clear=True)
    collected.note()


if __name__ == "__main__":
    main(sys.argv[1])
