"""The checks of `make check` refuse what they are there to refuse."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODEL = """
from django.db import models


class Thing(models.Model):
    name = models.TextField()
"""
FIRST = """
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Thing", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]
        )
    ]
"""
SECOND = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("risky", "0001_initial")]
    operations = [OPERATION]
"""
ADDED_NULLABLE = "migrations.AddField('Thing', 'size', models.IntegerField(null=True))"
ADDED_REQUIRED = "migrations.AddField('Thing', 'size', models.IntegerField(default=1))"
DROPPED = "migrations.RemoveField('Thing', 'name')"
RENAMED = "migrations.RenameField('Thing', 'name', 'title')"
PYTHON = "migrations.RunPython(print, print)"
INDEXED = "migrations.AddIndex('Thing', models.Index(fields=['name'], name='thing_name'))"


def linted(folder: Path, operation: str) -> subprocess.CompletedProcess[str]:
    package = folder / "risky"
    (package / "migrations").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "models.py": MODEL,
        "migrations/__init__.py": "",
        "migrations/0001_initial.py": FIRST,
        "migrations/0002_change.py": SECOND.replace("OPERATION", operation),
    }.items():
        (package / name).write_text(text)
    return subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "migrations.py"), "risky"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'platform'}:{folder}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_migration_that_only_expands_may_land(tmp_path: Path) -> None:
    result = linted(tmp_path, ADDED_NULLABLE)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("operation", [ADDED_REQUIRED, DROPPED, RENAMED, PYTHON, INDEXED])
def test_a_migration_that_old_code_or_a_busy_table_cannot_bear_is_refused(
    tmp_path: Path, operation: str
) -> None:
    result = linted(tmp_path, operation)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "(risky, 0002_change)... " in result.stdout
