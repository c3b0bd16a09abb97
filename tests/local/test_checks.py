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
NEXT = """
from django.db import migrations, models


def move(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    dependencies = [("risky", "BEFORE")]
    operations = [migrations.OPERATION]
"""
BEARABLE = {"0002_nullable": "AddField('Thing', 'size', models.IntegerField(null=True))"}
UNBEARABLE = {
    "0003_required": "AddField('Thing', 'weight', models.IntegerField(default=1))",
    "0004_python": "RunPython(move, move)",
    "0005_indexed": "AddIndex('Thing', models.Index(fields=['name'], name='thing_name'))",
    "0006_renamed": "RenameField('Thing', 'name', 'title')",
    "0007_dropped": "RemoveField('Thing', 'title')",
}


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What the linter says to an application with one good and several bad migrations."""
    folder = tmp_path_factory.mktemp("lint")
    migrations = folder / "risky" / "migrations"
    migrations.mkdir(parents=True)
    for file in (folder / "risky" / "__init__.py", migrations / "__init__.py"):
        file.touch()
    (folder / "risky" / "models.py").write_text(MODEL)
    (migrations / "0001_initial.py").write_text(FIRST)
    before = "0001_initial"
    for name, operation in {**BEARABLE, **UNBEARABLE}.items():
        text = NEXT.replace("BEFORE", before).replace("OPERATION", operation)
        (migrations / f"{name}.py").write_text(text)
        before = name
    return subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "migrations.py"), "risky"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'platform'}:{folder}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", UNBEARABLE)
def test_a_migration_that_old_code_or_a_busy_table_cannot_bear_is_refused(
    linted: subprocess.CompletedProcess[str], name: str
) -> None:
    assert linted.returncode == 1
    assert f"(risky, {name})... " in linted.stdout, linted.stdout + linted.stderr


def test_a_migration_that_only_expands_may_land(
    linted: subprocess.CompletedProcess[str],
) -> None:
    assert "0002_nullable" not in linted.stdout
