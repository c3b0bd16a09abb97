"""Bringing what we know of a subscription up to what Stripe says now, whoever asks for it (S3).

Every webhook, every change and every night ends here. The object is read again under the lock of
the chain's row, so what is written last was read last, and the order of events is of no matter.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from regulars.billing import gateway, plans
from regulars.billing.models import Subscription
from regulars.billing.seen import Seen, Snapshot
from regulars.billing.standing import Access, Facts, Reason, Standing, standing
from regulars.outbox import services as outbox
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain

_STATES: Final = {
    Reason.TRIAL: Subscription.State.TRIAL,
    Reason.TRIAL_OVER: Subscription.State.TRIAL,
    Reason.PAID: Subscription.State.PAID,
    Reason.LATE: Subscription.State.LATE,
    Reason.CANCELLED: Subscription.State.ENDED,
}
ENDING: Final = "ending"
"""What stands beside a chain whose paid subscription is cancelled; any other word is a Reason."""
_RECURS: Final = frozenset({"active", "past_due"})
_MOST_NOTICES: Final = 60
FOLLOWED: Final = (
    "plan",
    "state",
    "interval",
    "currency",
    "quantity",
    "monthly_minor",
    "next_plan",
    "next_interval",
    "subscription",
    "messages_item",
    "schedule",
    "status",
    "period_starts_at",
    "period_ends_at",
    "cancels_at",
    "unpaid_since",
    "ended_at",
)
"""What follows Stripe and the clock, and nothing else."""


def settle(*, chain_id: UUID, now: datetime) -> list[str]:
    """Read a chain's subscription again and write how it stands; returns what was different.

    Idempotent. Raises Subscription.DoesNotExist, gateway.Away or gateway.Refused; then nothing is
    changed.
    """
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(chain_id=chain_id)
        before = {name: getattr(row, name) for name in FOLLOWED}
        if has_customer := bool(row.customer):
            _take_over(row, gateway.read(row.customer), now=now)
            row.read_at = now
        stands = stand(row, now=now)
        row.state = _STATES[stands.reason]
        chain = Chain.objects.get(pk=chain_id)
        due = [] if chain.is_demo else _notices(row, stands, now=now)
        different = [name for name in FOLLOWED if getattr(row, name) != before[name]]
        if different or due or has_customer:
            row.save(update_fields=[*different, "customer", "live", "read_at", "notices"])
        different += _tell_chain(chain, row, stands)
        _enqueue(chain, due)
        return different


def stand(row: Subscription, *, now: datetime) -> Standing:
    """Return how a subscription stands at a moment; asks nobody."""
    facts = Facts(
        trial_ends_at=row.trial_ends_at,
        status=row.status,
        unpaid_since=row.unpaid_since,
        ended_at=row.ended_at,
    )
    return standing(facts, times=plans.of(row.plan).times, now=now)


def _take_over(row: Subscription, snapshot: Snapshot, *, now: datetime) -> None:
    seen = snapshot.subscription
    row.live = snapshot.live
    if seen is not None:
        _take(row, seen, snapshot.unpaid_since)
    elif not (snapshot.is_gone and row.status):
        _clear(row)
    if snapshot.is_gone:
        _forget_customer(row, now=now)


def _forget_customer(row: Subscription, *, now: datetime) -> None:
    """Write that the customer was deleted at Stripe: what ran has ended, who pays gets a new one.

    When it ended stays, or else a chain that paid for years would be closed with its first trial.
    """
    row.customer = row.subscription = row.messages_item = row.schedule = ""
    row.next_plan = row.next_interval = ""
    row.monthly_minor = 0
    row.cancels_at = row.unpaid_since = None
    if row.status:
        row.status, row.ended_at = "canceled", row.ended_at or now


def _take(row: Subscription, seen: Seen, unpaid_since: datetime | None) -> None:
    row.plan = seen.plan or row.plan
    row.interval = seen.interval
    row.currency = seen.currency
    row.quantity = seen.quantity
    row.monthly_minor = monthly(seen) if seen.status in _RECURS else 0
    row.next_plan = seen.next_plan
    row.next_interval = seen.next_interval
    row.subscription = seen.id
    row.messages_item = seen.messages_item
    row.schedule = seen.schedule
    row.status = seen.status
    row.period_starts_at = seen.period_starts_at
    row.period_ends_at = seen.period_ends_at
    row.cancels_at = seen.cancels_at
    row.unpaid_since = unpaid_since
    row.ended_at = seen.ended_at


def _clear(row: Subscription) -> None:
    """Write that there is no subscription: nobody went to the end of Checkout."""
    row.interval = row.currency = row.next_plan = row.next_interval = ""
    row.subscription = row.messages_item = row.schedule = row.status = ""
    row.quantity = row.monthly_minor = 0
    row.period_starts_at = row.period_ends_at = None
    row.cancels_at = row.unpaid_since = row.ended_at = None


def monthly(seen: Seen) -> int:
    """Return what recurs, in minor units a month; a year's price counts by the twelfth."""
    total = seen.unit_minor * seen.quantity
    return total if seen.interval == Subscription.Interval.MONTH else round(total / 12)


def _tell_chain(chain: Chain, row: Subscription, stands: Standing) -> list[str]:
    """Write plan, access and why beside the chain, where every request finds them."""
    wanted: dict[str, Any] = {
        "plan": row.plan,
        "access": str(stands.access),
        "standing": str(stands.reason),
        "standing_until": stands.next_at,
    }
    if stands.reason is Reason.PAID and row.cancels_at is not None:
        wanted |= {"standing": ENDING, "standing_until": row.cancels_at}
    if chain.is_demo:
        wanted |= {"access": str(Access.FULL), "standing": "", "standing_until": None}
    different = [name for name, value in wanted.items() if getattr(chain, name) != value]
    if different:
        Chain.objects.filter(pk=chain.pk).update(**{name: wanted[name] for name in different})
        directory.changed(chain)
    return [f"chain.{name}" for name in different]


def _notices(row: Subscription, stands: Standing, *, now: datetime) -> list[tuple[str, str]]:
    """Return the notice that is due as (name, key), and note it: each once in its episode."""
    if not stands.notice:
        return []
    episode = stands.since or stands.next_at or row.trial_ends_at
    return note(row, stands.notice, episode=f"{episode:%Y-%m-%d}", now=now)


def note(row: Subscription, name: str, *, episode: str, now: datetime) -> list[tuple[str, str]]:
    """Write down that something is told, unless it was; returns it as (name, key) if it is new."""
    key = f"{name}:{episode}"
    if key in row.notices:
        return []
    kept = sorted(row.notices.items(), key=lambda pair: pair[1])[-_MOST_NOTICES:]
    row.notices = {**dict(kept), key: now.isoformat()}
    return [(name, key)]


def _enqueue(chain: Chain, due: list[tuple[str, str]]) -> None:
    """Have the owners told, in the chain's language; whoever owns the mails does it."""
    if not due or chain.state != Chain.State.ACTIVE:
        return
    with context.inside(ChainInfo.of(chain, subdomain="")):
        for name, key in due:
            outbox.enqueue(
                handler="billing.notice", payload={"notice": name}, key=f"billing.notice:{key}"
            )
