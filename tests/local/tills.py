"""Tills as shops have them: they sell over HTTP, and send again until they are answered.

A till gives each receipt a number and an Idempotency-Key and repeats exactly that, whatever
happened to the server. Now and then one hangs up before it has read the answer.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

PATIENCE = 20.0  # seconds for one answer
PAUSE = 0.1  # before a till sends again
LEFT_ALONE = 90.0  # seconds after which a till says that nobody answers any more
HANGS_UP = 0.05  # of all calls


@dataclass(kw_only=True)
class Sent:
    """One receipt: what a till was told, how often it asked, and how long it took."""

    path: str
    number: str
    body: dict[str, Any]
    began: float
    answer: dict[str, Any] | None = None
    tries: int = 0
    seconds: float = 0.0


class NobodyAnswers(RuntimeError):
    """A till sent its receipt again and again for a minute and a half."""


@dataclass(kw_only=True)
class Till:
    """Sells and takes back, one receipt after the other, until it is told to stop."""

    port: int
    host: str
    name: str
    key: str
    store: str
    customers: Sequence[str]
    seed: int
    hangs_up: float = HANGS_UP
    is_faithful: bool = True
    """False: a repeated receipt gets another number and key, as no real till's does."""
    sent: list[Sent] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._numbers = count(1)
        self._link: http.client.HTTPConnection | None = None

    def work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.sell_or_take_back()
            time.sleep(0.02)
        self._hang_up()

    def sell_or_take_back(self) -> None:
        sold = [each for each in self.sent if each.path == "purchases" and each.answer]
        if sold and self.chance.random() < 0.15:
            first = self.chance.choice(sold).answer or {}
            body = {
                "original": {"id": first["id"]},
                "lines": [{"position": 1, "quantity": "1"}],
            }
            if not any(each.body.get("original") == body["original"] for each in self.sent):
                self.send("returns", body)
                return
        price = self.chance.randint(100, 900) * 100
        goods = {"category": "gold", "quantity": "2", "gross_minor": price}
        self.send(
            "purchases",
            {"customer": {"id": self.chance.choice(self.customers)}, "lines": [goods]},
        )

    def send(self, path: str, body: dict[str, Any]) -> Sent:
        number = f"{self.name}-{next(self._numbers)}"
        told = {"store": self.store, "source": self.name, "number": number, **body}
        told["occurred_at"] = datetime.now(UTC).isoformat()
        receipt = Sent(path=path, number=number, body=told, began=time.monotonic())
        self.sent.append(receipt)
        while receipt.answer is None:
            receipt.tries += 1
            is_same = self.is_faithful or receipt.tries == 1
            name = number if is_same else f"{number}.{receipt.tries}"
            receipt.answer = self._ask(path, {**told, "number": name}, key=f"key {name}")
            receipt.seconds = time.monotonic() - receipt.began
            if receipt.answer is None:
                if receipt.seconds > LEFT_ALONE:
                    raise NobodyAnswers(f"{number}, {receipt.tries} times")
                time.sleep(PAUSE)
        return receipt

    def _ask(self, path: str, body: Mapping[str, Any], *, key: str) -> dict[str, Any] | None:
        """Return the answer, or None when the same receipt has to be sent again."""
        try:
            if self._link is None:
                self._link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            self._link.request(
                "POST",
                f"/api/v1/{path}",
                json.dumps(body),
                {
                    "Host": self.host,
                    "Authorization": f"Bearer {self.key}",
                    "Content-Type": "application/json",
                    "Idempotency-Key": key,
                },
            )
            if self.chance.random() < self.hangs_up:
                time.sleep(0.05)
                self._hang_up()
                return None
            answer = self._link.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return None
        if answer.status == 201:
            told: dict[str, Any] = json.loads(content)
            return told
        if answer.status not in {409, 429, 503}:  # these ask the till to come back
            self.odd.append(f"{answer.status} {content[:300]!r}")
        return None

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


@contextmanager
def at_work(tills: Sequence[Till]) -> Iterator[None]:
    """Let the tills work for the block; what one of them raises is raised here."""
    stop = threading.Event()
    faults: list[BaseException] = []

    def work(till: Till) -> None:
        try:
            till.work(stop)
        except BaseException as fault:  # noqa: BLE001  (raised below, in the test's own thread)
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(till,)) for till in tills]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if faults:
        raise faults[0]
