"""The Stripe simulator for tests: run it, talk to it with the official client, move its clocks."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import stripe

from regulars.local.stripe import server
from regulars.local.stripe.engine import periods

QUICK_RETRIES = (0.01, 0.02, 0.04)


@contextmanager
def running(
    file: Path | None = None, *, delays: tuple[float, ...] = QUICK_RETRIES
) -> Iterator[server.Server]:
    """Run a simulator of one's own; ``file`` keeps what it knows."""
    with server.Server(file, delays=delays) as simulator:
        yield simulator


def client(simulator: server.Server, *, key: str = server.KEY) -> Any:
    """Give the official client, pointed at a simulator; it retries nothing by itself."""
    made = stripe.StripeClient(
        key, base_addresses={"api": simulator.address}, max_network_retries=0
    )
    return made.v1


def second(*parts: int) -> int:
    """Give the second of a moment in UTC: ``second(2026, 1, 31, 10)``."""
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


@dataclass
class Clock:
    """A test clock and the client that moves it."""

    client: Any
    id: str
    now: int

    @classmethod
    def at(cls, client: Any, moment: int) -> "Clock":
        """Make a clock that stands at a moment."""
        made = client.test_helpers.test_clocks.create({"frozen_time": moment})
        return cls(client, made.id, moment)

    def to(self, moment: int) -> None:
        """Move it to a moment; all that falls due on the way is done when this returns."""
        self.client.test_helpers.test_clocks.advance(self.id, {"frozen_time": moment})
        found = self.client.test_helpers.test_clocks.retrieve(self.id)
        assert found.status == "ready"
        self.now = found.frozen_time

    def by(self, interval: str, count: int = 1) -> None:
        """Move it by days, weeks, months or years."""
        self.to(periods.after(self.now, interval, count))


@dataclass
class Shop:
    """What most tests need: a product, prices, customers with cards on a clock."""

    client: Any
    clock: Clock

    def price(self, amount: int, interval: str = "month", **more: Any) -> Any:
        """Make a price of a product of its own."""
        product = self.client.products.create({"name": more.pop("name", "Chain")})
        recurring = {"interval": interval, **more.pop("recurring", {})}
        wished = {"product": product.id, "currency": "usd", "recurring": recurring, **more}
        return self.client.prices.create({"unit_amount": amount, **wished})

    def customer(self, card: str | None = "pm_card_visa", **more: Any) -> Any:
        """Make a customer on the clock whose card pays by default."""
        made = self.client.customers.create(
            {"email": "owner@aurum.example", "name": "Aurum", "test_clock": self.clock.id, **more}
        )
        if card is None:
            return made
        method = self.client.payment_methods.attach(card, {"customer": made.id})
        return self.client.customers.update(
            made.id, {"invoice_settings": {"default_payment_method": method.id}}
        )

    def use_card(self, customer: str, card: str) -> Any:
        """Let another card pay from now on."""
        method = self.client.payment_methods.attach(card, {"customer": customer})
        return self.client.customers.update(
            customer, {"invoice_settings": {"default_payment_method": method.id}}
        )

    def subscribe(self, customer: Any, price: Any, quantity: int = 1, **more: Any) -> Any:
        """Start a subscription."""
        items = [{"price": price.id, "quantity": quantity}]
        return self.client.subscriptions.create({"customer": customer.id, "items": items, **more})

    def invoices(self, customer: Any) -> list[tuple[str, str, int]]:
        """Give reason, state and total of a customer's invoices, the oldest first."""
        found = self.client.invoices.list({"customer": customer.id, "limit": 100}).data
        return [(each.billing_reason, each.status, each.total) for each in reversed(found)]

    def events(self) -> list[str]:
        """Give what happened, the oldest first."""
        found = self.client.events.list({"limit": 100}).auto_paging_iter()
        return [each.type for each in found][::-1]


@dataclass
class Listener:
    """An endpoint that keeps what it is told; ``statuses`` says how it answers, then 200."""

    address: str = ""
    statuses: list[int] = field(default_factory=list)
    told: list[tuple[bytes, str]] = field(default_factory=list)

    def kinds(self) -> list[str]:
        """Give the kinds of the events it was told, in order."""
        return [json.loads(body)["type"] for body, _ in self.told]


@contextmanager
def listening() -> Iterator[Listener]:
    """Run an endpoint."""
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.told.append((body, self.headers["Stripe-Signature"]))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{made.server_port}/"
    yield found
    made.shutdown()
    made.server_close()
    thread.join()
