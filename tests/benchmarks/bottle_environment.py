"""BottleCRM in an environment of its own, made once and kept; a line of JSON asks, one answers."""

import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from regulars.local import valkey
from tests import servers

PACKAGE: Final = "django-crm==1.35.0"
_ALSO: Final = "packaging"  # its broker's client needs it and does not say so
_PEER: Final = Path(__file__).with_name("bottle_peer.py")
_ROLE: Final = "bottle"


class NotToBeHadError(Exception):
    """BottleCRM is not installed and cannot be fetched."""


class Peer:
    """The running other side."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, job: str, **parts: Any) -> dict[str, Any]:
        """Let it do a job; `times` says how often."""
        sender, answers = self._process.stdin, self._process.stdout
        assert sender is not None
        assert answers is not None
        sender.write(json.dumps({"do": job, **parts}) + "\n")
        sender.flush()
        line = answers.readline()
        if not line:
            raise RuntimeError(f"BottleCRM ended at {job!r}; what it said stands above.")
        told: dict[str, Any] = json.loads(line)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()  # its pool keeps it alive after its last line
        self._process.communicate(timeout=30)


@contextmanager
def running() -> Iterator[Peer]:
    """Run BottleCRM on this run's PostgreSQL, in a database and with a role of its own.

    Its settings are its own, with DEBUG off, its connection pool on, and Valkey for its cache and
    its broker. Its role is no superuser, so that its row-level security works as it is meant to.
    Raises NotToBeHadError.
    """
    python = environment()
    with (
        tempfile.TemporaryDirectory() as folder,
        _database() as variables,
        valkey.Server(Path(folder) / "valkey") as cache,
    ):
        process = subprocess.Popen(
            [python, _PEER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it is talkative
            text=True,
            cwd=folder,
            env={**os.environ, **variables, "CACHE_URL": cache.url(),
                 "CELERY_BROKER_URL": cache.url(), "CELERY_RESULT_BACKEND": cache.url()},
        )  # fmt: skip
        with Peer(process) as peer:
            peer.ask("ready")
            yield peer


def environment() -> Path:
    """Return the Python of BottleCRM's environment, making it when it is not there."""
    folder = settings.STATE_DIR / "bench" / PACKAGE
    python = folder / "venv" / "bin" / "python"
    if not (folder / "whole").exists():
        uv = subprocess.check_output([servers.ROOT / ".ci" / "uv"], text=True).strip()
        folder.mkdir(parents=True, exist_ok=True)
        steps = (
            [uv, "venv", "-q", "--clear", "--python", "3.13", str(folder / "venv")],
            [uv, "pip", "install", "-q", "--python", str(python), PACKAGE, _ALSO],
        )
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NotToBeHadError(f"{PACKAGE} cannot be installed: {done.stderr.strip()}")
        (folder / "whole").touch()
    return python


@contextmanager
def _database() -> Iterator[dict[str, str]]:
    """Make a role and a database for the block; give what BottleCRM reads of its environment."""
    password = secrets.token_hex(12)
    host = urlsplit(servers.addresses()["super"])
    with psycopg.connect(servers.addresses()["super"], autocommit=True) as link:
        link.execute(f"CREATE ROLE {_ROLE} LOGIN PASSWORD '{password}'".encode())
        link.execute(f"CREATE DATABASE {_ROLE} OWNER {_ROLE}".encode())
        try:
            yield {
                "DJANGO_SETTINGS_MODULE": "crm.settings",
                "SECRET_KEY": secrets.token_hex(32),
                "DEBUG": "False",
                "DBNAME": _ROLE,
                "DBUSER": _ROLE,
                "DBPASSWORD": password,
                "DBHOST": str(host.hostname),
                "DBPORT": str(host.port),
                "DB_POOL_ENABLED": "true",
            }
        finally:
            link.execute(f"DROP DATABASE {_ROLE} WITH (FORCE)".encode())
            link.execute(f"DROP ROLE {_ROLE}".encode())
