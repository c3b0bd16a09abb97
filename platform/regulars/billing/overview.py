"""What an operator sees of all subscriptions and of what Stripe told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Sum

from regulars.billing import settling
from regulars.billing.models import Event, Subscription
from regulars.tenancy.models import Chain

_GONE: Final = (Chain.State.DELETING, Chain.State.DELETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One chain in the operator's list; `monthly_minor` recurs a month, in `currency`."""

    name: str
    state: str
    access: str
    plan: str
    quantity: int
    monthly_minor: int
    currency: str
    next_says: str
    next_at: datetime | None


def lines(*, now: datetime, state: str | None = None) -> list[Line]:
    """Return every subscription of a chain that is here, what comes soonest first."""
    rows = Subscription.objects.select_related("chain").exclude(chain__state__in=_GONE)
    if state is not None:
        rows = rows.filter(state=state)
    found = [_line(row, now) for row in rows]
    return sorted(found, key=lambda line: (line.next_at is None, line.next_at or now, line.name))


def _line(row: Subscription, now: datetime) -> Line:
    stands = settling.stand(row, now=now)
    says, at = str(stands.next_access or ""), stands.next_at
    if row.state == Subscription.State.TRIAL and at == row.trial_ends_at:
        says = "trial ends"
    elif at is None and row.cancels_at is not None:
        says, at = "ends", row.cancels_at
    elif at is None and row.period_ends_at is not None and row.ended_at is None:
        says, at = f"renews {row.next_plan}".strip(), row.period_ends_at
    return Line(
        name=row.chain.name,
        state=row.state,
        access=row.chain.access,
        plan=row.plan,
        quantity=row.quantity,
        monthly_minor=row.monthly_minor,
        currency=row.currency,
        next_says=says,
        next_at=at,
    )


def monthly_by_currency() -> dict[str, int]:
    """Return what recurs a month in each currency, in minor units."""
    rows = Subscription.objects.exclude(chain__state__in=_GONE).filter(monthly_minor__gt=0)
    return dict(rows.values_list("currency").annotate(Sum("monthly_minor")).order_by("currency"))


def latest_events(*, is_all: bool, limit: int) -> list[Event]:
    """Return the last events of Stripe, without what they carried; those to look at, or all."""
    rows = Event.objects.defer("payload").order_by("-received_at")
    if not is_all:
        rows = rows.exclude(state__in=[Event.State.DONE, Event.State.IGNORED])
    return list(rows[:limit])
