"""The folder in which a laptop keeps everything: data, secrets, logs, and what runs right now."""

import dataclasses
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from regulars.local import locks, processes
from regulars.local.postgres import write_private


class State:
    """One state folder: ``REGULARS_STATE``, else ``.regulars`` here. `prepare` creates it."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is touched."""
        self.folder = folder.expanduser().absolute()
        self.logs = self.folder / "logs"
        self.lock = self.folder / "lock"

    @classmethod
    def from_environment(cls) -> Self:
        """Take the folder the environment names."""
        return cls(Path(os.environ.get("REGULARS_STATE") or ".regulars"))

    def prepare(self) -> None:
        """Make the folder, for us alone and out of version control."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        (self.folder / "scheduler").mkdir(exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")

    def log(self, part: str) -> Path:
        """Give the log file of a part."""
        return self.logs / f"{part}.log"

    def secret_key(self) -> str:
        """Give the key that signs sessions here: random, made once, kept private."""
        return self._secret("secret-key")

    def stripe_key(self) -> str:
        """Give the key that the Stripe simulator lets in."""
        return f"sk_test_{self._secret('stripe-key')}"

    def stripe_webhook_secret(self) -> str:
        """Give the secret with which the Stripe simulator signs what it tells the website."""
        return f"whsec_{self._secret('stripe-webhook-secret')}"

    def port(self, part: str) -> int:
        """Give a port for an embedded server: the one it had last time if that is free."""
        stored = self.folder / "ports.json"
        ports: dict[str, int] = json.loads(stored.read_text("utf-8")) if stored.exists() else {}
        if part not in ports or processes.is_port_taken(ports[part]):
            ports[part] = processes.free_port()
            stored.write_text(json.dumps(ports), encoding="utf-8")
        return ports[part]

    def demo(self, database_url: str | None) -> Path:
        """Give the file in which the demo chains of a database are noted (None: the embedded)."""
        if database_url is None:
            return self.folder / "demo.json"
        digest = hashlib.sha256(database_url.encode()).hexdigest()[:12]
        return self.folder / f"demo-{digest}.json"

    def holder(self) -> int | None:
        """Give the process id of the supervisor that runs from this folder, if one does."""
        return locks.holder(self.lock) if self.lock.exists() else None

    def _secret(self, name: str) -> str:
        stored = self.folder / name
        if not stored.exists():
            write_private(stored, secrets.token_urlsafe(48))
        return stored.read_text("utf-8")


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """One part as `regulars status` shows it."""

    name: str
    pid: int | None
    restarts: int
    log: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """What runs from a state folder; `environment` is what a program needs to join in."""

    pid: int
    is_ready: bool
    address: str
    state: str
    environment: Mapping[str, str]
    demo_file: str
    parts: tuple[PartStatus, ...] = field(default=())

    def write(self, state: State) -> None:
        """Publish it; the file is private because it holds passwords."""
        write_private(state.folder / "status.json", json.dumps(dataclasses.asdict(self)))

    @classmethod
    def read(cls, state: State) -> Self | None:
        """Give the status of the running supervisor, or None if none runs."""
        holder = state.holder()
        stored = state.folder / "status.json"
        if holder is None or not stored.exists():
            return None
        values: dict[str, Any] = json.loads(stored.read_text("utf-8"))
        parts = tuple(PartStatus(**part) for part in values.pop("parts"))
        status = cls(**values, parts=parts)
        return status if status.pid == holder else None
