"""A chain that subscribes, changes and pays at the simulator, as a person would."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import stripe

from regulars.billing import events, services
from regulars.billing.models import Event, Subscription
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from tests import simulated_stripe
from tests.simulated_stripe import Clock

SECRET: Final = "whsec_of_a_test"
START: Final = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY: Final = timedelta(days=1)
GOOD: Final = "4242 4242 4242 4242"


def signed(payload: dict[str, Any], *, now: datetime) -> tuple[bytes, str]:
    """Return the body and the signature of an event that Stripe tells now."""
    body = json.dumps(payload, default=str).encode()
    stamp = int(now.timestamp())
    mac = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", SECRET)
    return body, f"t={stamp},v1={mac}"


def pay(url: str, number: str = GOOD) -> None:
    """Pay at Checkout as a person does."""
    form = {
        "action": "pay",
        "number": number,
        "expiry": "12 / 34",
        "cvc": "123",
        "holder": "Alice",
        "email": "owner@aurum.example",
    }
    opener = Request(url, data=urlencode(form).encode(), method="POST")  # noqa: S310
    with suppress(URLError):  # the way back leads to no server
        urlopen(opener, timeout=10)  # noqa: S310


@dataclass
class Payer:
    """A chain and its customer, on a clock."""

    chain: ChainInfo
    client: Any
    clock: Clock
    customer: str
    heard: str = ""  # the last event

    @classmethod
    def of(cls, chain: ChainInfo, client: Any, *, trial_days: int = 0) -> "Payer":
        """Give a chain a customer whose clock stands at START."""
        clock = Clock.at(client, int(START.timestamp()))
        made = client.customers.create({"email": "owner@aurum.example", "test_clock": clock.id})
        Subscription.objects.filter(chain_id=chain.id).update(
            customer=made.id, trial_ends_at=START + trial_days * DAY
        )
        return cls(chain, client, clock, made.id)

    @property
    def now(self) -> datetime:
        """The moment the clock shows."""
        return datetime.fromtimestamp(self.clock.now, UTC)

    @property
    def row(self) -> Subscription:
        """What we know."""
        return Subscription.objects.get(chain_id=self.chain.id)

    @property
    def access(self) -> str:
        """What is open to the chain."""
        return str(Chain.objects.values_list("access", flat=True).get(pk=self.chain.id))

    def link(
        self,
        *,
        plan: str = "start",
        interval: str = "month",
        stores: int = 2,
        currency: str = "CNY",
    ) -> Any:
        """Ask where to pay."""
        return services.subscribe(
            chain=self.chain,
            plan=plan,
            interval=interval,
            currency=currency,
            stores=stores,
            success_url="http://aurum.localhost/paid",
            cancel_url="http://aurum.localhost/not",
            now=self.now,
        )

    def pay(self, url: str, number: str = GOOD) -> None:
        """Pay at Checkout."""
        pay(url, number)

    def subscribed(self, **wish: Any) -> "Payer":
        """Go through Checkout, and let us know."""
        self.pay(self.link(**wish).url)
        self.hear()
        return self

    def use_card(self, card: str) -> None:
        """Let another card pay from now on."""
        simulated_stripe.Shop(self.client, self.clock).use_card(self.customer, card)
        for each in self.client.subscriptions.list({"customer": self.customer}).data:
            self.client.subscriptions.update(each.id, {"default_payment_method": ""})

    def events(self) -> list[dict[str, Any]]:
        """Return everything that happened to the customer, the oldest first."""
        found = [
            each.to_dict() for each in self.client.events.list({"limit": 100}).auto_paging_iter()
        ]
        return found[::-1]

    def hear(self) -> None:
        """Take and work every event that is new."""
        listed = {"limit": 100, "ending_before": self.heard} if self.heard else {"limit": 100}
        found = [each.to_dict() for each in self.client.events.list(listed).auto_paging_iter()]
        for event in found if self.heard else found[::-1]:  # the oldest first
            body, header = signed(event, now=self.now)
            if events.take(body, header, now=self.now) == Event.State.WAITING:
                events.work(event_id=event["id"], now=self.now)
            self.heard = event["id"]

    def to(self, moment: datetime) -> "Payer":
        """Move the clock, and hear what happened."""
        self.clock.to(int(moment.timestamp()))
        self.hear()
        return self

    def totals(self) -> list[int]:
        """Return the totals of the invoices, the oldest first."""
        found = self.client.invoices.list({"customer": self.customer, "limit": 100}).data
        return [each.total for each in reversed(found)]

    def subscriptions(self) -> list[Any]:
        """Return every subscription of the customer."""
        found = self.client.subscriptions.list({"customer": self.customer, "status": "all"})
        return list(found.data)
