"""What the tests of the laptop's stack share: a server of their own, and a way to be its parent."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulars.local import postgres, processes

PARENT = """
import sys, time
from pathlib import Path
from regulars.local import postgres
server = postgres.Server(Path(sys.argv[1]), settings=postgres.FAST)
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that was started once, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("initialised") / "postgres"
    with postgres.Server(folder, settings=postgres.FAST):
        return folder


@pytest.fixture
def server(tmp_path: Path, initialised: Path) -> Iterator[postgres.Server]:
    """A server of this test alone, running."""
    shutil.copytree(initialised, tmp_path / "postgres", symlinks=True)
    with postgres.Server(tmp_path / "postgres", settings=postgres.FAST) as running:
        yield running


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that started a server in ``tmp_path / "postgres"``; its output is the pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "postgres")], stdout=subprocess.PIPE
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def is_gone(pid: int, *, within: float = 10.0) -> bool:
    """Say whether the process ended within so many seconds."""
    return processes.wait_until(lambda: not processes.is_alive(pid), timeout=within)
