"""`regulars up`, whole: one run on a port and a state folder of its own, hurt in several ways."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from regulars.local import processes
from tests.local.running import Run, running

PARTS = ["PostgreSQL", "Valkey", "stripe", "web", "worker", "scheduler"]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with running(tmp_path_factory.mktemp("up")) as run:
        yield run


def test_it_is_usable_when_it_says_so(up: Run) -> None:
    assert up.is_ready()
    facts = json.loads(up.ask("status", "-o", "json").stdout)
    assert facts["ready"] is True
    assert [part["name"] for part in facts["parts"]] == PARTS
    assert (up.state.stat().st_mode & 0o777) == 0o700


def test_the_website_never_sees_the_owner_of_the_tables(up: Run) -> None:
    def environment(part: str) -> bytes:
        return Path(f"/proc/{up.pid_of(part)}/environ").read_bytes()

    assert b"DATABASE_OWNER_URL" not in environment("web")
    assert b"DATABASE_OWNER_URL" in environment("worker")


def test_the_doctor_finds_it_well_and_changes_nothing(up: Run) -> None:
    processes.wait_until(lambda: "ready." in (up.state / "logs/worker.log").read_text(), timeout=30)

    findings = json.loads(up.ask("doctor", "-o", "json").stdout)

    ill = {name: found for name, found in findings.items() if found["state"] == "failed"}
    assert ill == {}
    assert findings["Worker"]["state"] == "ok"


def test_another_terminal_joins_the_running_product(up: Run) -> None:
    told = up.ask("manage", "showmigrations", "tenancy", "--plan")

    assert told.returncode == 0, told.stderr
    assert "[X]  tenancy.0001_initial" in told.stdout


def test_the_plans_are_on_offer_so_that_a_trial_can_be_paid(up: Run) -> None:
    told = up.ask("billing", "sync", "--dry-run")

    assert told.stdout.strip() == "Stripe has the plans as they are written.", told.stderr


def test_a_second_one_on_the_same_folder_is_a_sentence(up: Run) -> None:
    told = up.ask("up", REGULARS_PORT=str(processes.free_port()))

    assert told.returncode == 3
    assert f"Regulars already runs from {up.state}" in told.stderr
    assert up.is_ready()


def test_a_port_in_use_is_a_sentence_and_starts_nothing(up: Run, tmp_path: Path) -> None:
    told = up.ask("up", REGULARS_STATE=str(tmp_path / "other"))

    assert told.returncode == 4
    assert f"Port {up.port} is in use by another program" in told.stderr
    assert not (tmp_path / "other" / "postgres").exists()


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_was_killed_comes_back_by_itself(up: Run, part: str) -> None:
    url = up.status().environment["DATABASE_OWNER_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.kept (part text)")
        connection.execute("INSERT INTO public.kept VALUES (%s)", [part])
    before = up.pid_of(part)
    assert before is not None

    os.kill(before, signal.SIGKILL)

    assert processes.wait_until(
        lambda: up.pid_of(part) not in {before, None} and up.is_ready(), timeout=30, pause=0.3
    )
    with psycopg.connect(url) as connection:
        kept = connection.execute("SELECT count(*) FROM public.kept WHERE part = %s", [part])
        assert kept.fetchone() == (1,)


def test_ctrl_c_leaves_no_process_and_a_second_start_finds_everything(up: Run) -> None:
    members = up.members()
    assert len(members) > len(PARTS)

    assert up.end() == 0

    assert [pid for pid in members if processes.is_alive(pid)] == []
    assert up.members() == []
    assert not processes.is_port_taken(up.port)
    assert up.ask("status").returncode == 3

    up.start()

    assert up.is_ready()
    with psycopg.connect(up.status().environment["DATABASE_URL"]) as connection:
        connection.execute("SELECT 1 FROM public.tenancy_release LIMIT 1")


def test_a_killed_supervisor_leaves_no_process_either(up: Run) -> None:
    members = up.members()

    up.end(signal.SIGKILL)

    assert processes.wait_until(
        lambda: not any(processes.is_alive(pid) for pid in members), timeout=30
    )
