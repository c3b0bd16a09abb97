"""The servers of tests lie in memory where there is room, and a killed run keeps none of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(servers, "_MEMORY", tmp_path)
    monkeypatch.setattr(servers, "_ROOM", 1)
    return tmp_path


def test_what_a_killed_run_left_goes_and_what_a_living_one_uses_stays(memory: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left, used = (memory / f"regulars-test-{pid}-x" for pid in (ended.pid, os.getpid()))
    left.mkdir()
    used.mkdir()

    assert servers._memory() == memory
    assert list(memory.iterdir()) == [used]


def test_without_room_they_lie_on_the_disk(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_ROOM", 2**60)

    assert servers._memory() is None


def test_a_system_without_such_a_folder_does_without(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "_MEMORY", memory / "none")

    assert servers._memory() is None
