"""A part that ends is started again, later each time; chores show how far they are."""

import io
import os
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from regulars.local import chores, faults, narration, parts, processes, stack, state
from tests.local.conftest import is_gone


class FakePart:
    """Lives and dies as told."""

    def __init__(self) -> None:
        self.log = Path("fake.log")
        self.pid: int | None = 7
        self.starts = 0
        self.fault: faults.LocalError | None = None

    def start(self) -> None:
        self.starts += 1
        if self.fault:
            raise self.fault
        self.pid = 7

    def stop(self) -> None:
        self.pid = None


def narrator() -> tuple[narration.Narrator, io.StringIO]:
    written = io.StringIO()
    return narration.Narrator(Console(file=written, width=200)), written


def test_a_living_part_is_left_alone() -> None:
    part, (says, written) = FakePart(), narrator()

    changed = parts.Watched(name="web", part=part).tend(now=0, narrator=says)

    assert not changed
    assert (part.starts, written.getvalue()) == (0, "")


def test_a_part_that_ended_is_started_again_and_both_are_said() -> None:
    part, (says, written) = FakePart(), narrator()
    watched = parts.Watched(name="web", part=part)
    part.pid = None

    watched.tend(now=100, narrator=says)
    watched.tend(now=100.1, narrator=says)
    assert part.starts == 0
    watched.tend(now=100.3, narrator=says)

    assert (part.starts, watched.restarts) == (1, 1)
    assert "web ended unexpectedly; it is started again in 0.25 s" in written.getvalue()
    assert "web runs again" in written.getvalue()


def test_the_delay_doubles_up_to_half_a_minute() -> None:
    part, (says, written) = FakePart(), narrator()
    part.pid, part.fault = None, faults.PartFailedError("no")
    watched = parts.Watched(name="web", part=part)

    for second in range(300):
        watched.tend(now=float(second), narrator=says)

    delays = [line.split(" in ")[1].split(" s.")[0] for line in written.getvalue().splitlines()]
    assert delays[:8] == ["0.25", "0.5", "1", "2", "4", "8", "16", "30"]
    assert set(delays[8:]) == {"30"}


def test_a_part_that_stayed_up_is_forgiven_its_failures() -> None:
    part, (says, _) = FakePart(), narrator()
    watched = parts.Watched(name="web", part=part, failures=5)

    watched.tend(now=time.monotonic() + parts.STEADY_AFTER + 1, narrator=says)

    assert watched.failures == 0


def test_what_a_program_left_in_its_group_ends_before_it_is_started_again(tmp_path: Path) -> None:
    script = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('child', 'w').write(str(child.pid))\n"
        "os._exit(3)\n"
    )
    program = parts.Program(
        command=[sys.executable, "-c", script],
        environment=dict(os.environ),
        log=tmp_path / "log",
        folder=tmp_path,
    )
    program.start()
    assert processes.wait_until(lambda: program.pid is None, timeout=10)
    orphan = int((tmp_path / "child").read_text())
    assert processes.is_alive(orphan)

    program.start()

    assert is_gone(orphan)
    program.stop()


def test_a_program_that_ignores_a_polite_word_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "open('ready', 'w').close()\n"
        "time.sleep(600)\n"
    )
    program = parts.Program(
        command=[sys.executable, "-c", script],
        environment=dict(os.environ),
        log=tmp_path / "log",
        folder=tmp_path,
    )
    program.start()
    pid = program.pid
    assert pid is not None
    assert processes.wait_until((tmp_path / "ready").exists, timeout=10)

    program.stop(patience=0.3)

    assert is_gone(pid, within=1)


def chore(tmp_path: Path, name: str, script: str) -> chores.Chore:
    return chores.Chore(
        title=name.capitalize(),
        command=[sys.executable, "-c", script],
        environment=dict(os.environ),
        log=tmp_path / f"{name}.log",
        folder=tmp_path,
    )


def test_chores_of_a_lane_run_in_order_and_lanes_side_by_side(tmp_path: Path) -> None:
    note = "open('notes', 'a').write({!r})"
    first = chore(tmp_path, "first", "import time; time.sleep(.3);" + note.format("1"))
    second = chore(tmp_path, "second", note.format("2"))
    beside = chore(tmp_path, "beside", note.format("b"))
    says, written = narrator()

    chores.run([first, second], [beside], narrator=says)

    assert (tmp_path / "notes").read_text() == "b12"
    assert written.getvalue().splitlines() == ["First …", "Beside …", "Second …"]


def test_a_chore_that_fails_ends_the_others_and_quotes_its_log(tmp_path: Path) -> None:
    wrong = chore(tmp_path, "wrong", "import sys; print('the reason'); sys.exit(4)")
    endless = chore(tmp_path, "endless", "import time; time.sleep(600)")
    began = time.monotonic()

    with pytest.raises(faults.PartFailedError, match=r"(?s)exit code 4.*the reason"):
        chores.run([wrong], [endless], narrator=narrator()[0])

    assert time.monotonic() - began < 10


def test_progress_lines_move_the_bar(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    work = chore(tmp_path, "work", "import time; print('[3/4] Pouring', flush=True); time.sleep(1)")

    chores.run([work], narrator=narration.Narrator(console))

    assert isinstance(console.file, io.StringIO)
    assert "Pouring" in console.file.getvalue()


def test_half_a_database_is_refused() -> None:
    with pytest.raises(faults.LocalError, match="DATABASE_OWNER_URL is needed"):
        stack.inherit({"DATABASE_URL": "postgresql://somewhere/regulars"})


def test_an_empty_address_is_none() -> None:
    assert stack.inherit({"DATABASE_URL": "", "REDIS_URL": "", "HOME": "/"}) == {"HOME": "/"}


def composed(folder: Path, **inherited: str) -> stack.Stack:
    given = state.State(folder)
    given.prepare()
    servers = stack.Addresses(database="postgresql://d", owner="postgresql://o", broker="redis://b")
    return stack.Stack(given, wishes=stack.Wishes(), inherited=inherited, servers=servers)


def test_payments_are_simulated_unless_a_key_of_stripe_is_given(tmp_path: Path) -> None:
    simulated = composed(tmp_path / "simulated")
    real = composed(tmp_path / "real", STRIPE_API_KEY="sk_live_ours")

    assert "stripe" in simulated.programs()
    assert simulated.environment["STRIPE_API_BASE"].startswith("http://127.0.0.1:")
    assert "stripe" not in real.programs()
    assert "STRIPE_API_BASE" not in real.environment
    assert real.shared_environment()["STRIPE_API_KEY"] == "sk_live_ours"
    assert stack.inherit({"STRIPE_API_KEY": ""}) == {}


def test_the_simulator_keeps_its_secrets_over_restarts(tmp_path: Path) -> None:
    names = ("STRIPE_API_BASE", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET")

    first, second = composed(tmp_path).environment, composed(tmp_path).environment

    assert [first[name] for name in names] == [second[name] for name in names]
    assert (tmp_path / "stripe-key").stat().st_mode & 0o777 == 0o600
