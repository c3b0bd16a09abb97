"""The embedded PostgreSQL starts, survives what a laptop does to it, and leaves nothing behind."""

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from regulars.local import faults, identity, postgres, processes
from tests.local.conftest import is_gone


def answer(server: postgres.Server, query: str, *, user: str = "postgres") -> object:
    with psycopg.connect(server.url(user=user)) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def pid_of(parent: subprocess.Popen[bytes]) -> int:
    assert parent.stdout is not None
    return int(parent.stdout.readline())


def test_a_server_speaks_utf8_with_a_built_in_locale_and_checksums(server: postgres.Server) -> None:
    provider = answer(server, "SELECT concat(datlocprovider, datlocale) FROM pg_database LIMIT 1")

    assert provider == "bC.UTF-8"
    assert answer(server, "SHOW server_encoding") == "UTF8"
    assert answer(server, "SHOW data_checksums") == "on"
    assert answer(server, "SELECT upper('é熟客')") == "É熟客"
    assert answer(server, "SELECT uuid_extract_version(uuidv7())") == 7


def test_only_this_machine_and_only_a_password_gets_in(server: postgres.Server) -> None:
    wrong = server.url().replace(server.password("postgres"), "guess")

    assert answer(server, "SHOW listen_addresses") == "127.0.0.1"
    assert answer(server, "SHOW unix_socket_directories") == ""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_passwords_differ_per_server_and_are_private(tmp_path: Path) -> None:
    servers = [postgres.Server(tmp_path / name, settings=postgres.FAST) for name in "ab"]
    for each in servers:
        with each:
            pass

    files = [tmp_path / name / "passwords.json" for name in "ab"]
    secrets = [secret for file in files for secret in json.loads(file.read_text()).values()]
    assert len(set(secrets)) == 6
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert not (tmp_path / "a" / "superuser.password").exists()


def test_what_was_written_is_there_after_a_restart(server: postgres.Server) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

    server.stop()
    server.start()

    assert answer(server, "SELECT answer FROM kept") == 42


def test_a_second_start_is_quick(server: postgres.Server) -> None:
    server.stop()
    began = time.monotonic()

    server.start()

    assert time.monotonic() - began < 2


def test_starting_a_running_server_again_changes_nothing(server: postgres.Server) -> None:
    before = server.pid

    server.start()

    assert server.pid == before


def test_a_second_server_in_the_same_folder_is_refused_at_once(server: postgres.Server) -> None:
    began = time.monotonic()

    with pytest.raises(faults.AlreadyRunningError, match="already runs in"):
        postgres.Server(server.data_dir, settings=postgres.FAST).start()

    assert time.monotonic() - began < 2
    assert answer(server, "SELECT 1") == 1


def test_a_server_of_another_process_is_noticed(
    parent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    pid = pid_of(parent)

    with pytest.raises(faults.AlreadyRunningError):
        postgres.Server(tmp_path / "postgres", settings=postgres.FAST).start()

    assert processes.is_alive(pid)


def test_a_killed_server_comes_back_with_all_that_was_committed(tmp_path: Path) -> None:
    durable = {**postgres.FAST, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    with postgres.Server(tmp_path / "postgres", settings=durable) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            assert processes.wait_until(lambda: server.pid is None, timeout=5)
            assert not server.is_ready()

        server.start()

        assert answer(server, "SELECT answer FROM kept") == 42
        assert "not properly shut down" in server.log.read_text()


def test_the_server_ends_when_its_parent_is_killed(
    parent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    pid = pid_of(parent)

    parent.kill()

    assert is_gone(pid)
    assert not (tmp_path / "postgres" / "cluster" / "postmaster.pid").exists()


def test_a_start_right_after_the_parent_was_killed_waits_for_the_old_server(
    parent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    pid = pid_of(parent)
    parent.kill()
    parent.wait()

    with postgres.Server(tmp_path / "postgres", settings=postgres.FAST) as server:
        assert answer(server, "SELECT 1") == 1

    assert is_gone(pid, within=0)


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(
    server: postgres.Server,
) -> None:
    note = server.data_dir / "cluster" / "postmaster.pid"
    lines = note.read_text().splitlines()
    server.stop()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    server.start()

    assert answer(server, "SELECT 1") == 1


def test_a_port_in_use_is_a_sentence(server: postgres.Server, tmp_path: Path) -> None:
    other = postgres.Server(tmp_path / "other", port=server.port, settings=postgres.FAST)

    with pytest.raises(faults.PortTakenError, match=f"Port {server.port}.* is in use"):
        other.start()


def test_a_server_that_cannot_start_quotes_its_log(tmp_path: Path) -> None:
    wrong = {**postgres.FAST, "shared_buffers": "nonsense"}
    server = postgres.Server(tmp_path / "postgres", settings=wrong)

    with pytest.raises(faults.PartFailedError, match="invalid value for parameter"):
        server.start()

    assert server.pid is None


def test_an_interrupted_initialisation_is_begun_again(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "cluster.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    with postgres.Server(tmp_path / "postgres", settings=postgres.FAST) as server:
        assert answer(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_namespaces_drops_to_a_user_with_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = Path("/var/tmp") / f"regulars-test-{os.getpid()}"  # noqa: S108 - must be open to all
    homes.mkdir(mode=0o755)
    monkeypatch.setattr(identity, "HOMES", homes)
    private = tmp_path / "closed"
    private.mkdir(mode=0o700)
    server = postgres.Server(
        private / "postgres", settings=postgres.FAST, identity=identity.dropped()
    )
    try:
        with server:
            assert server.pid is not None
            owner = Path(f"/proc/{server.pid}").stat().st_uid
            assert owner == identity.unprivileged().pw_uid != 0
            assert answer(server, "SELECT 1") == 1
        assert (private / "postgres").is_symlink()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        with server:
            assert answer(server, "SELECT 1") == 1
    finally:
        subprocess.run(["rm", "-r", str(homes)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to pretend")
def test_root_with_namespaces_leaves_owners_and_parents_alone(tmp_path: Path) -> None:
    who = identity.namespaced()
    if who is None:
        pytest.skip("this kernel forbids user namespaces")
    tmp_path.chmod(0o700)

    with postgres.Server(tmp_path / "db", settings=postgres.FAST, identity=who) as server:
        assert answer(server, "SELECT 1") == 1

    assert (tmp_path / "db" / "cluster").stat().st_uid == 0
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
