"""A chain that owes and a Stripe that told much, for the operators' page."""

from datetime import timedelta

from django.utils import timezone

from regulars.billing.models import Call, Event, Night, Subscription
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain


def filled(chain: ChainInfo, events: int) -> None:
    """Let a chain owe, and Stripe tell much."""
    now = timezone.now()
    Chain.objects.filter(pk=chain.id).update(is_demo=False)
    Subscription.objects.filter(chain_id=chain.id).update(
        state="late", status="past_due", unpaid_since=now - timedelta(days=2), live=2,
        monthly_minor=59_700, currency="CNY", quantity=3, plan="start", customer="cus_aurum",
    )  # fmt: skip
    for n in range(events):
        Event.objects.create(
            id=f"evt_{n}", kind="invoice.paid", customer="cus_gone", state="failed",
            payload={"data": {"object": {"client_secret": "hush", "metadata": {}}}},
            happened_at=now, received_at=now - timedelta(minutes=n), fault="timeout",
        )  # fmt: skip
        Call.objects.create(
            chain_id=chain.id, verb="change", subject=str(n), parameters={}, state="refused",
            fault="card", asked_at=now,
        )  # fmt: skip
    report = {
        "read": 2, "moved": 0, "repaired": {str(chain.id): ["plan"]}, "failed": {}, "twice": [],
        "failed_events": events, "unknown": 0, "messages_waiting": 0, "finished": [],
        "names": {str(chain.id): chain.name},
        "recurring": {"CNY": {"minor": 39_800, "paying": 1}},
    }  # fmt: skip
    for days in range(events):
        Night.objects.create(at=now - timedelta(days=20 * days), report=report)
