"""What an operator starts from agrees with the code."""

import os
import re
import subprocess
from pathlib import Path

import psycopg
import pytest

from regulars.local import postgres

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "platform" / "regulars" / "settings.py"
DEPLOY = ROOT / "deploy"


def test_every_setting_is_in_the_example() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS.read_text("utf-8")))
    shown = set(re.findall(r"^(?:# )?([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.M))

    assert len(read) > 15
    assert read - shown == set()
    assert shown - read == {"POSTGRES_PASSWORD"}


def test_the_example_and_the_composition_name_the_same_settings() -> None:
    shown = set(re.findall(r"^(?:# )?([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.M))
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))

    assert asked - shown == set()


def test_only_preparation_and_the_worker_get_the_address_of_the_owner() -> None:
    services = (DEPLOY / "compose.yaml").read_text().partition("\nservices:\n")[2]
    owners = re.findall(r"^  (\w+):\n(?:    .*\n)*?    environment: \*owner", services, re.M)

    assert owners == ["prepare", "worker"]


def test_the_script_of_the_database_makes_two_roles_that_can_do_no_more_than_they_must(
    server: postgres.Server,
) -> None:
    addresses = {
        "OWNER_URL": "postgresql://shop_owner:Owner1@db:5432/shop",
        "APP_URL": "postgresql://shop_app:App1@db:5432/shop",
    }
    subprocess.run(
        ["sh", str(DEPLOY / "postgres" / "roles.sh")],
        check=True,
        env={
            **addresses,
            "PATH": f"{postgres.binaries()}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGPASSWORD": server.password("postgres"),
        },
        capture_output=True,
    )

    def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
        here = url.replace("db:5432", f"127.0.0.1:{server.port}")
        return psycopg.connect(here, autocommit=True)

    with connect(addresses["OWNER_URL"]) as owner:
        owner.execute("CREATE SCHEMA made")
        owner.execute("CREATE TABLE public.shared (n integer)")
    for statement in ("CREATE SCHEMA s", "CREATE TABLE public.t ()", "CREATE TEMP TABLE t ()"):
        with (
            connect(addresses["APP_URL"]) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute(statement.encode())
