"""A whole `regulars up` with one chain in it, its tills, and somebody at its head office."""

import http.client
import http.cookies
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from tests.local.running import Run
from tests.local.tills import Till

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Shop:
    """A product that runs, a chain in it, and what its tills need."""

    run: Run
    facts: dict[str, Any]

    @property
    def host(self) -> str:
        return f"{self.facts['subdomain']}.localhost:{self.run.port}"

    def tills(self, name: str, **how: Any) -> list[Till]:
        return [
            Till(
                port=self.run.port,
                host=self.host,
                name=f"{name}{number}",
                key=each["key"],
                store=self.facts["store"],
                customers=each["customers"],
                seed=number,
                **how,
            )
            for number, each in enumerate(self.facts["tills"])
        ]

    def every(self, sql: str, *given: object) -> list[tuple[Any, ...]]:
        """Ask the database itself, inside the chain."""
        with psycopg.connect(self.run.status().environment["DATABASE_URL"]) as link:
            link.execute("SELECT set_config('search_path', %s, false)", [self.facts["schema"]])
            return link.execute(sql.encode(), given).fetchall()

    def last_trace(self) -> str:
        """Return what the website wrote to its log with the last error nobody foresaw."""
        log = (self.run.state / "logs" / "web.log").read_text(errors="replace")
        _before, error, trace = log.rpartition("Internal Server Error")
        return error + trace[:10_000]


def opened(run: Run, name: str) -> Shop:
    """Open a chain in a product that runs."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.local.shop", name],
        env={**os.environ, **run.status().environment, "PYTHONPATH": "platform"},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    return Shop(run, json.loads(told.stdout))


class Office:
    """Somebody at head office: a browser that has signed in, and a program with a key."""

    def __init__(self, shop: Shop, number: int) -> None:
        self.shop = shop
        self.key = shop.facts["offices"][number]
        self.cookies: dict[str, str] = {}
        self.link = http.client.HTTPConnection("127.0.0.1", shop.run.port, timeout=60)
        self.ask("GET", "/account/login/")
        form = {**shop.facts["sign_in"], "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        sent = urlencode(form).encode()
        self.ask("POST", "/account/login/", sent, "application/x-www-form-urlencoded", fine=302)
        assert "session" in self.cookies

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        kind: str = "",
        *,
        fine: int = 200,
        **headers: str,
    ) -> bytes:
        """Ask as a browser does, and read the whole answer."""
        sent = {
            "Host": self.shop.host,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": kind} if kind else {}),
            **headers,
        }
        self.link.request(method, path, body, sent)
        answer = self.link.getresponse()
        content = answer.read()
        assert answer.status == fine, f"{path}: {answer.status} {content[:500]!r}"
        for each in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in http.cookies.SimpleCookie(each).items():
                self.cookies[name] = morsel.value
        return content

    def call(self, path: str) -> bytes:
        """Ask as a program does."""
        return self.ask("GET", f"/api/v1/{path}", Authorization=f"Bearer {self.key}")

    def upload(self, name: str, lines: list[str]) -> None:
        """Send a file of customers; its columns are guessed."""
        mark = "----a-line-that-is-in-no-file"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}.csv"'
        body = "\r\n".join([head, "Content-Type: text/csv", "", *lines, f"--{mark}--", ""])
        self.ask(
            "POST",
            "/api/v1/imports",
            body.encode(),
            f"multipart/form-data; boundary={mark}",
            fine=201,
            **{"Authorization": f"Bearer {self.key}", "Idempotency-Key": name},
        )
