"""What a meter counted, and what invoices say of messages."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from regulars.billing import metering, meters
from regulars.billing.models import Reported
from tests.billing.paying import START, Payer

MARCH: Final = date(2026, 3, 1)
APRIL: Final = date(2026, 4, 1)


def tell(payer: Payer, sent: int, *, month: date = MARCH, now: datetime | None = None) -> Reported:
    """Tell billing what was sent in a month."""
    return metering.tell(chain=payer.chain, month=month, sent=sent, now=now or payer.now)


def counted(payer: Payer) -> int:
    """Return everything that Stripe counted for the customer."""
    meter = meters.find()
    start = int((START - timedelta(days=1)).timestamp()) // 60 * 60
    asked = {
        "customer": payer.customer,
        "start_time": start,
        "end_time": start + 800 * 86_400,
    }
    found = payer.client.billing.meters.event_summaries.list(meter, asked).data
    return int(sum(each.aggregated_value for each in found))


def billed(payer: Payer) -> list[tuple[str, int]]:
    """Return the lines of messages on all invoices, the oldest first: words and minor units."""
    invoices = payer.client.invoices.list({"customer": payer.customer, "limit": 100}).data
    return [
        (line.description, line.amount)
        for invoice in reversed(invoices)
        for line in invoice.lines.data
        if "Messages" in line.description and line.amount
    ]


def items(payer: Payer) -> list[tuple[str, Any]]:
    """Return lookup key and quantity of what is subscribed to."""
    found = payer.client.subscriptions.list({"customer": payer.customer}).data[0]
    return [
        (each.price.lookup_key, getattr(each, "quantity", None)) for each in found["items"].data
    ]
