"""What runs needs nothing but the packages locked for running."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Imports every module of the product, and what Celery loads by name, while the packages that only
# tests and checks need cannot be found.
SERVER = """
import sys
from importlib import abc, import_module, metadata, util
from pkgutil import walk_packages

locked = set(sys.argv[1].split())


class Missing(abc.MetaPathFinder):
    modules = {
        module for module, owners in metadata.packages_distributions().items()
        if not locked & {owner.lower().replace("_", "-").replace(".", "-") for owner in owners}
    }

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.modules:
            raise ModuleNotFoundError(f"{name} is not locked for running", name=name)


sys.meta_path.insert(0, Missing())
import django

django.setup()
import regulars
from regulars.celery import app

app.connection_for_write("redis://127.0.0.1:1/0").transport
for each in walk_packages(regulars.__path__, "regulars."):
    is_local = each.name.startswith(("regulars.local", "regulars.cli"))
    if not each.name.endswith("__main__") and is_local == bool(sys.argv[2]):
        import_module(each.name)
"""


def names(use: str) -> set[str]:
    """Return the packages locked for a use, and our own."""
    locked = (ROOT / "requirements" / f"{use}.txt").read_text()
    found = set(re.findall(r"^([a-z0-9._-]+)==", locked, re.MULTILINE))
    ours = {"regulars"} | {f"regulars-{each.name}" for each in (ROOT / "verticals").iterdir()}
    return {each.replace(".", "-") for each in found} | ours


def start(locked: set[str], *, local: bool) -> subprocess.CompletedProcess[str]:
    """Load the product where only these packages are to be found."""
    return subprocess.run(
        [sys.executable, "-c", SERVER, " ".join(locked), "local" if local else ""],
        env={
            "DJANGO_SETTINGS_MODULE": "regulars.settings",
            "REGULARS_LOCAL": "1",
            "DATABASE_URL": "postgresql://regulars_app@127.0.0.1:1/none",
        },
        cwd=ROOT / "platform", capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_server_needs_only_what_is_locked_for_running() -> None:
    done = start(names("run"), local=False)
    assert done.returncode == 0, done.stderr


def test_make_up_needs_only_what_is_locked_for_a_laptop() -> None:
    done = start(names("local"), local=True)
    assert done.returncode == 0, done.stderr


def test_positive_control_a_package_that_is_not_locked_is_noticed() -> None:
    done = start(names("run") - {"packaging"}, local=False)
    assert done.returncode != 0
    assert "packaging is not locked for running" in done.stderr
