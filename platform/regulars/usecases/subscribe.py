"""What a chain has of what its plan allows: counted at night, told near the end, billed (S3)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from regulars import moments
from regulars.billing import entitlements, plans, services, settling
from regulars.billing.entitlements import Share, Usage
from regulars.billing.models import Subscription
from regulars.customers import selectors as customers
from regulars.messages.selectors import sent
from regulars.outbox import handler, schedule
from regulars.outbox import services as outbox
from regulars.stores import selectors as stores
from regulars.stores.services import CHANGED
from regulars.tenancy import context

KEEP: Final = "billing.keep-quantity"
NEAR: Final = "billing.near"
"""Handler that writes the mail; it is registered where mails are written."""
_SLOT: Final = 60  # seconds in which changes are paid for together
_COUNTING: Final = timedelta(minutes=30)
_ASKING: Final = timedelta(minutes=5)


def usage(now: datetime) -> Usage:
    """Return what the current chain has: stores as of now, the rest as it was counted last.

    Two statements. Messages of a month that is over are none of this one's.
    """
    kept = _kept()
    return Usage(
        stores=stores.count_open(),
        members=int(kept.get("members", 0)),
        messages=int(kept.get("messages", 0)) if kept.get("month") == _month(now) else 0,
        measured_at=moments.read(kept["at"]) if "at" in kept else None,
    )


def is_full_of_members() -> Share | None:
    """Return how many members there were last night, if the plan includes no more; one statement.

    Nobody is refused for it: whoever makes a new one by hand is told.
    """
    allowed = entitlements.of(context.current()).members
    if allowed is None:
        return None
    used = int(_kept().get("members", 0))
    return Share(what="members", used=used, allowed=allowed) if used >= allowed else None


def measure(now: datetime) -> Usage:
    """Count what the current chain has, write it down, and have its owners told near the end.

    Reads every customer once, and the messages of the month. Can be repeated: each thing is told
    once in a period. Without a subscription's row nothing is written.
    """
    found = Usage(
        stores=stores.count_open(),
        members=customers.count_active(),
        messages=sent.this_month(now),
        measured_at=now,
    )
    with transaction.atomic():
        row = _rows().select_for_update().first()
        if row is not None:
            row.usage = {
                "stores": found.stores,
                "members": found.members,
                "messages": found.messages,
                "month": _month(now),
                "at": now.isoformat(),
            }
            _tell(row, found, now=now)
            row.save(update_fields=["usage", "notices"])
    return found


@schedule.nightly("billing.measure", lease=_COUNTING)
def measure_at_night(*, now: datetime) -> None:
    """Count what the chain has; pay for the stores that are open, whatever was missed by day."""
    found = measure(now)
    paid = _rows().exclude(subscription="").values_list("quantity", flat=True).first()
    if paid is not None and paid != max(1, found.stores):
        _ask_to_keep(now)


@handler(CHANGED)
def stores_changed(*, now: datetime) -> None:
    """Have the stores that are open paid for; many changes within a minute are one."""
    if _rows().exclude(customer="").exists():
        _ask_to_keep(now)


@handler(KEEP, lease=_ASKING)
def keep_quantity(*, now: datetime) -> None:
    """Pay for as many stores as are open now. Idempotent."""
    chain = context.current()
    if not chain.is_demo and _rows().exclude(customer="").exists():
        services.keep_quantity(chain=chain, stores=stores.count_open(), now=now)


def _ask_to_keep(now: datetime) -> None:
    """Write it down for the end of this minute: whoever asks within it is seen by then."""
    slot = int(now.timestamp()) // _SLOT
    due_at = datetime.fromtimestamp((slot + 1) * _SLOT, UTC)
    outbox.enqueue(handler=KEEP, key=f"{KEEP}:{slot}", due_at=due_at)


def _tell(row: Subscription, found: Usage, *, now: datetime) -> None:
    """Have the owners told what is nearly used up: each step once in a period."""
    allowed = entitlements.of(context.current())
    if allowed.is_demo or not allowed.may_change:
        return
    for what, step in entitlements.near(plans.of(row.plan), found):
        episode = _period(row, what, now)
        told = settling.note(row, f"near-{what}-{step}", episode=episode, now=now)
        for lower in entitlements.NEAR:
            if lower < step:  # who heard of the end is not told afterwards that it comes near
                settling.note(row, f"near-{what}-{lower}", episode=episode, now=now)
        for _name, key in told:
            outbox.enqueue(handler=NEAR, payload={"what": what, "step": step}, key=f"{NEAR}:{key}")


def _period(row: Subscription, what: str, now: datetime) -> str:
    """Return in which period something is told once: a month, or what is paid at a time."""
    if what == "messages":
        return _month(now)
    return f"{row.period_starts_at or row.trial_ends_at:%Y-%m-%d}"


def _month(now: datetime) -> str:
    return f"{now.astimezone(context.current().zone):%Y-%m}"


def _rows() -> QuerySet[Subscription]:
    return Subscription.objects.filter(chain_id=context.current().id)


def _kept() -> dict[str, Any]:
    kept = _rows().values_list("usage", flat=True).first()
    return dict(kept or {})
