"""The embedded Valkey starts, keeps its password to itself and ends with its parent."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from regulars.local import faults, processes, valkey
from tests.local.conftest import is_gone

PARENT = """
import sys, time
from pathlib import Path
from regulars.local import valkey
server = valkey.Server(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[valkey.Server]:
    with valkey.Server(tmp_path / "val key") as server:
        yield server


def test_it_answers_to_its_password_only(broker: valkey.Server) -> None:
    with redis.Redis.from_url(broker.url()) as client:
        assert client.ping()
    with (
        redis.Redis(host="127.0.0.1", port=broker.port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()

    for name in ("password", "valkey.conf"):
        assert stat.S_IMODE((broker.data_dir / name).stat().st_mode) == 0o600


def test_it_keeps_its_memory_and_address_over_a_restart(broker: valkey.Server) -> None:
    address = broker.url()
    with redis.Redis.from_url(address) as client:
        client.set("kept", "yes")

    broker.stop()
    broker.start()

    with redis.Redis.from_url(address) as client:
        assert client.get("kept") == b"yes"


def test_a_killed_server_can_be_started_again(broker: valkey.Server) -> None:
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not broker.is_ready(), timeout=5)

    broker.start()

    assert broker.is_ready()


def test_a_port_in_use_is_a_sentence(broker: valkey.Server, tmp_path: Path) -> None:
    with pytest.raises(faults.PortTakenError, match="is in use"):
        valkey.Server(tmp_path / "other", port=broker.port).start()


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "valkey")], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())

        parent.kill()

        assert is_gone(pid)
