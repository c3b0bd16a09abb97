"""Rules of the house that a linter does not know."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from regulars.celery import app as celery
from regulars.outbox import handlers

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "platform" / "regulars"
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
CODE = [
    path
    for folder in (PACKAGE, ROOT / "verticals", ROOT / "tests")
    for path in sorted(folder.rglob("*.py"))
    if "migrations" not in path.parts and "node_modules" not in path.parts
]
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager2"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_and_functions_are_short() -> None:
    # One test for all: as one for each file they would be a fifth of the suite's.
    long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for path in CODE
        if (lines := path.read_text().count("\n")) > MOST_LINES
    ]
    long += [
        f"{path.relative_to(ROOT)}: {each.name} has {lines} lines"
        for path in CODE
        for each in functions(path)
        if each.end_lineno and (lines := each.end_lineno - each.lineno + 1) > MOST_FUNCTION_LINES
    ]

    assert long == []


def test_no_file_is_named_by_what_it_is_not() -> None:
    assert [path for path in CODE if path.stem in FORBIDDEN_NAMES] == []


def test_the_kit_is_plain_python() -> None:
    script = (
        "import sys, regulars.kit; "
        "heavy = {'django', 'rest_framework', 'celery', 'stripe', 'psycopg', 'redis'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )

    assert done.stdout.strip() == "[]"


def test_the_core_never_imports_a_vertical() -> None:
    guilty = [
        path
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(from|import) regulars_\w+", path.read_text(), re.MULTILINE)
        and "skeleton" not in path.name
    ]

    assert guilty == []


def test_verticals_import_the_kit_and_nothing_else_of_ours() -> None:
    guilty = [
        f"{path}: {found}"
        for path in (ROOT / "verticals").glob("*/regulars_*/**/*.py")
        for found in re.findall(r"(?:from|import) (regulars[\w.]*)", path.read_text())
        if not re.match(r"regulars\.kit(\.|$)", found) and not found.startswith("regulars_")
    ]

    assert guilty == []


def test_only_the_registry_reads_entry_points() -> None:
    guilty = [
        path.relative_to(PACKAGE)
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\bentry_points\(", path.read_text())
        and path.relative_to(PACKAGE).parts[0] != "registry"
    ]

    assert guilty == []


def test_nothing_listens_to_signals() -> None:
    guilty = [
        path.relative_to(PACKAGE)
        for path in PACKAGE.rglob("*.py")
        if re.search(r"@receiver\(|(pre|post)_(save|delete|migrate)\.connect", path.read_text())
    ]

    assert guilty == []


def test_every_scheduled_task_exists() -> None:
    celery.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert scheduled <= set(celery.tasks)


def test_every_piece_of_work_that_is_enqueued_has_a_handler() -> None:
    celery.loader.import_default_modules()
    enqueued = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"enqueue\(\s*handler=\"([\w.-]+)\"", path.read_text())
    }

    assert enqueued <= set(handlers.known())


def test_no_registry_host_and_no_path_of_a_machine_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT)
    hosts = re.compile(r"https?://[a-z0-9.-]*(?:py" r"pi|python" r"hosted|npm" r"js)\.")
    guilty = [
        name
        for name in listed.stdout.splitlines()
        if (ROOT / name).is_file()
        and (ROOT / name).stat().st_size < 2_000_000
        and hosts.search((ROOT / name).read_text(errors="ignore"))
    ]

    assert guilty == []


def test_platform_is_not_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "platform" / "conftest.py").exists()
