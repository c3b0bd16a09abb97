"""What runs is told to people as a card and to programs as JSON or lines for a shell."""

import io
import json
import os
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from regulars.local import card
from regulars.local.state import State, Status

DEMO = {
    "chains": [
        {
            "name": "金玉满堂",
            "vertical": "jewelry",
            "subdomain": "jewelry",
            "api_key": "rk_secret",
            "sign_ins": [
                {"role": "owner", "email": "lin@example.com", "password": "p w'd", "pin": "2468"}
            ],
        }
    ]
}


@pytest.fixture
def status(tmp_path: Path) -> Status:
    demo = tmp_path / "demo.json"
    demo.write_text(json.dumps(DEMO), encoding="utf-8")
    return Status(
        pid=os.getpid(),
        is_ready=True,
        address="http://localhost:8123",
        state=str(tmp_path),
        environment={"DATABASE_URL": "postgresql://a:b'c@127.0.0.1/x"},
        demo_file=str(demo),
    )


def test_the_card_shows_where_to_go_and_how_to_get_in(status: Status) -> None:
    shown = Console(file=io.StringIO(), width=120)
    shown.print(card.as_text(status))

    assert isinstance(shown.file, io.StringIO)
    text = shown.file.getvalue()
    for words in (
        "http://localhost:8123",
        "http://jewelry.localhost:8123",
        "金玉满堂",
        "lin@example.com",
        "2468",
        "rk_secret",
        "/mailbox/",
    ):
        assert words in text


def test_programs_read_the_same_as_json(status: Status) -> None:
    facts = json.loads(card.as_json(status))

    assert facts["ready"] is True
    assert facts["chains"][0]["address"] == "http://jewelry.localhost:8123"
    assert facts["environment"] == status.environment


def test_a_shell_reads_it_whatever_the_values_contain(status: Status) -> None:
    script = (
        f"set -a; {card.as_environment(status)}\nprintenv DATABASE_URL REGULARS_API_KEY_JEWELRY"
    )
    result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert result.stdout.splitlines() == ["postgresql://a:b'c@127.0.0.1/x", "rk_secret"]


def test_a_status_left_by_a_product_that_was_killed_counts_for_nothing(
    status: Status, tmp_path: Path
) -> None:
    state = State(tmp_path)
    state.lock.touch()
    status.write(state)

    assert Status.read(state) is None
