"""The command line is quick to ask, and says what is missing."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from regulars import cli


def test_help_imports_neither_django_nor_any_command() -> None:
    script = (
        "import sys; from regulars import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m == 'django' or m.startswith('regulars.')])\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert result.stdout.splitlines()[-1] == "['regulars.cli']"
    for name in cli.COMMANDS:
        assert f"  {name} " in result.stdout


def test_a_part_that_is_not_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = cli.Lazy(place="regulars.nowhere:command", says="Nothing.")
    monkeypatch.setitem(cli.COMMANDS, "missing", lazy)

    result = CliRunner().invoke(cli.main, ["missing", "--any", "option"])

    assert result.exit_code == 1
    assert "`regulars missing` is not installed here" in result.output
    assert "regulars.nowhere" in result.output


def test_a_fault_inside_a_command_is_not_taken_for_a_missing_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "broken_command.py").write_text("import json\njson.nothing_like_it\n")
    monkeypatch.syspath_prepend(tmp_path)
    lazy = cli.Lazy(place="broken_command:command", says="Nothing.")
    monkeypatch.setitem(cli.COMMANDS, "broken", lazy)

    result = CliRunner().invoke(cli.main, ["broken"])

    assert isinstance(result.exception, AttributeError)


def test_a_command_of_the_product_without_a_database_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("REGULARS_STATE", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "argv", ["regulars", "chain", "list"])

    result = CliRunner().invoke(cli.main, ["chain", "list"])

    assert result.exit_code == 1
    assert "There is no database: start the product with `make up`" in result.output


def test_status_without_a_running_product_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REGULARS_STATE", str(tmp_path / "none"))

    result = CliRunner().invoke(cli.main, ["status", "-o", "json"])

    assert result.exit_code == 3
    assert '"running": false' in result.output
    assert "Start it with `make up`" in result.output
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("port", ["web", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, port: str
) -> None:
    monkeypatch.setenv("REGULARS_STATE", str(tmp_path / "none"))
    monkeypatch.setenv("REGULARS_PORT", port)

    result = CliRunner().invoke(cli.main, ["up"])

    assert result.exit_code == 1
    assert "REGULARS_PORT must be a number from 1 to 65535" in result.output
