"""Whatever a vertical's function does, the sale is recorded, and its points follow."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.utils import timezone

from regulars import registry
from regulars.kit import Bonus, Function, Vertical, Where
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.points import selectors as balances
from regulars.points import verification
from regulars.registry import running
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.counts import Note
from tests.factories import customers, people
from tests.factories.purchases import label, vertical
from tests.factories.visitors import signed_in

MODULE = "vertical_of_faults"
FUNCTIONS = """
import ctypes, decimal, os, socket, subprocess, sys, time
kept = []
def good(line): return 1
def raises(line): raise ValueError("boom")
def raises_on_exit(line): raise SystemExit(1)
def recurses(line): return recurses(line)
def loops(line):
    while True: pass
def sleeps(line): time.sleep(60)
def eats_memory(line): kept.append(bytearray(2**31)); return 1
def leaks_connections(line):
    while True: kept.append(socket.socketpair())
def connects(line):
    from django.db import connection
    with connection.cursor() as cursor: cursor.execute("SELECT 1")
    return 1
def changes_the_search_path(line):
    from django.db import connection
    with connection.cursor() as cursor: cursor.execute("SET search_path TO public")
    return 1
def returns_an_object(line): return object()
def returns_a_text(line): return "many"
def returns_no_number(line): return decimal.Decimal("NaN")
def returns_too_much(line): return 10**30
def ends_its_process(line): os._exit(3)
def crashes(line): ctypes.string_at(0)
def closes_its_pipes(line): os.closerange(0, 64); return 1
def forges_its_answer(line):
    for pipe in range(3, 20):
        try: os.write(pipe, b"\\x00\\x00\\x00\\x03abc")
        except OSError: pass
    return 1
def answers_by_itself(line): os.write(1, b"nonsense" * 10_000); return 1
def leaves_a_child(line): subprocess.Popen(["sleep", "2"]); return 1
def mutates_its_input(line): object.__setattr__(line, "net_minor", 10**9); return 1
def prints(line): print("x" * 100_000); return 1
"""
# What the till is told, and what head office reads of it.
FAULTS = {
    "raises": "raised ValueError('boom')",
    "raises_on_exit": "ended its process",
    "recurses": "raised RecursionError",
    "loops": "took too long",
    "sleeps": "took too long",
    "eats_memory": "raised MemoryError",
    "leaks_connections": "raised OSError(24, 'Too many open files')",
    "connects": "raised ",
    "changes_the_search_path": "raised ",
    "returns_an_object": "returned <object object",
    "returns_a_text": "returned 'many', not a number",
    "returns_no_number": "returned Decimal('NaN'), not a number",
    "returns_too_much": "not a number",
    "ends_its_process": "ended its process",
    "crashes": "ended its process",
    "closes_its_pipes": "ended its process",
    "forges_its_answer": "answered nonsense",
}
HARMLESS = ["good", "answers_by_itself", "leaves_a_child", "mutates_its_input", "prints"]
pytestmark = pytest.mark.proof(
    "a sale over REST while the vertical's function misbehaves in its own process; then the"
    " function is mended and the outbox works"
)


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module of functions that this process and the sandbox can import."""
    (tmp_path / f"{MODULE}.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(str(tmp_path))
    original = subprocess.Popen

    def with_path(command: Any, **kwargs: Any) -> Any:
        kwargs["env"] = {"PYTHONPATH": str(tmp_path)}
        return original([part for part in command if part != "-I"], **kwargs)

    pool = running.Pool()
    monkeypatch.setattr(subprocess, "Popen", with_path)
    monkeypatch.setattr(running, "pool", lambda: pool)
    yield __import__(MODULE)
    pool.close()
    sys.modules.pop(MODULE, None)


def with_function(functions: ModuleType, name: str) -> Vertical:
    """Return a vertical whose bonus of 7 points asks this function."""
    asked = Function(key="shine", on="line", gives="number", call=getattr(functions, name))
    where = (Where(fact="line.shine", op="at-least", value=1),)
    return vertical(
        functions=(asked,), bonuses=(Bonus(key="shiny", says=label("x"), flat=7, where=where),)
    )


@pytest.fixture
def carol(aurum: ChainInfo) -> str:
    with context.inside(aurum):
        return str(customers.customer(name="Carol", store=people.first_store()).id)


type Build = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("name", FAULTS)
def test_the_sale_is_recorded_and_its_points_follow(
    name: str,
    functions: ModuleType,
    aurum: ChainInfo,
    till: Till,
    sale: Build,
    carol: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
) -> None:
    monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, name))

    answer = till.post("purchases", sale(customer={"id": carol}))

    assert (answer.status_code, answer.json()["points_status"]) == (201, "pending")
    with context.inside(aurum):
        outbox.work_off()
        assert FAULTS[name] in Job.objects.get(handler="points.award").fault
        monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, "good"))
        Job.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        outbox.work_off()
        held = balances.balance(customer_id=carol, now=timezone.now()).balance  # type: ignore[arg-type]
        assert held == 1_280 + 7
        assert verification.findings() == []
    record_property("faults", 1)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_it_does_beside_answering_changes_nothing(
    name: str,
    functions: ModuleType,
    till: Till,
    sale: Build,
    carol: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, name))

    told = till.post("purchases", sale(customer={"id": carol})).json()

    assert (told["points_status"], told["points"]) == ("posted", 1_280 + 7)
    assert told["paid_minor"] == 128_000


def test_one_that_ran_out_of_files_does_not_spoil_the_next_ones(
    functions: ModuleType, till: Till, sale: Build, carol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, "leaks_connections"))
    for _ in range(3):
        till.post("purchases", sale(customer={"id": carol}))
    monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, "good"))

    told = till.post("purchases", sale(customer={"id": carol})).json()

    assert told["points_status"] == "posted"


def test_head_office_reads_which_rule_failed_and_that_nothing_is_lost(
    functions: ModuleType,
    aurum: ChainInfo,
    till: Till,
    sale: Build,
    carol: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    office = signed_in()
    assert "wait for" not in office.get("/insights/").text
    monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, "raises"))
    till.post("purchases", sale(customer={"id": carol}))
    with context.inside(aurum):
        outbox.work_off()

    page = office.get("/insights/").text

    assert "waits for its points" in page
    assert "“shine” raised ValueError(&#x27;boom" in page
    assert "The sales are recorded" in page


@pytest.mark.proof("the function runs in the server's own process, without a sandbox")
def test_positive_control_without_the_sandbox_a_function_harms_the_sale(
    functions: ModuleType,
    till: Till,
    sale: Build,
    carol: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Note,
) -> None:
    class Pool:
        def run(self, calls: Any) -> Any:
            return {(call.function.key, call.subject): call.run() for call in calls}

    monkeypatch.setattr(running, "pool", Pool)
    monkeypatch.setattr(registry, "vertical", lambda: with_function(functions, "raises_on_exit"))

    with pytest.raises(SystemExit):
        till.post("purchases", sale(customer={"id": carol}))

    record_property("found", "the server's process would have ended")
