"""What an operator sees of all subscriptions and of what Stripe told.

Every list is cut off or paged, and asks a number of queries that does not grow with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from regulars.billing import settling
from regulars.billing.models import Call, Event, Night, Subscription
from regulars.tenancy.models import Chain, Domain

SOON: Final = timedelta(days=14)
"""How far ahead the ends of trials are listed."""
_MONTHS: Final = 12
_CALL_WAITS: Final = timedelta(minutes=10)
_GONE: Final = (Chain.State.DELETING, Chain.State.DELETED)
_OPEN_EVENTS: Final = (Event.State.WAITING, Event.State.UNKNOWN, Event.State.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One chain in the operator's lists; `monthly_minor` recurs a month, in `currency`.

    `next_step` is "trial-ends", "renews" (with `next_plan`), "ends", or the access that comes;
    `since` is from when nothing is paid, `reason` why the chain stands so (`standing.Reason`).
    """

    id: UUID
    chain_id: UUID
    name: str
    subdomain: str
    state: str
    access: str
    reason: str
    plan: str
    interval: str
    quantity: int
    monthly_minor: int
    currency: str
    customer: str
    live: int
    is_demo: bool
    since: datetime | None
    next_step: str
    next_plan: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """What recurs a month in one currency, in minor units, and how many chains pay it."""

    currency: str
    minor: int
    paying: int


def _here() -> QuerySet[Subscription]:
    return Subscription.objects.select_related("chain").exclude(chain__state__in=_GONE)


def _lines(rows: Iterable[Subscription], now: datetime) -> list[Line]:
    found = list(rows)
    names = dict(
        Domain.objects.filter(
            tenant_id__in=[row.chain_id for row in found], is_primary=True
        ).values_list("tenant_id", "domain")
    )
    return [_line(row, names.get(row.chain_id, ""), now) for row in found]


def _line(row: Subscription, subdomain: str, now: datetime) -> Line:
    stands = settling.stand(row, now=now)
    step, at = str(stands.next_access or ""), stands.next_at
    if row.state == Subscription.State.TRIAL and at == row.trial_ends_at:
        step = "trial-ends"
    elif at is None and row.cancels_at is not None:
        step, at = "ends", row.cancels_at
    elif at is None and row.period_ends_at is not None and row.ended_at is None:
        step, at = "renews", row.period_ends_at
    return Line(
        id=row.pk,
        chain_id=row.chain_id,
        name=row.chain.name,
        subdomain=subdomain,
        state=row.state,
        access=row.chain.access,
        reason=str(stands.reason),
        plan=row.plan,
        interval=row.interval,
        quantity=row.quantity,
        monthly_minor=row.monthly_minor,
        currency=row.currency,
        customer=row.customer,
        live=row.live,
        is_demo=row.chain.is_demo,
        since=stands.since,
        next_step=step,
        next_plan=row.next_plan,
        next_at=at,
    )


def page(
    *,
    now: datetime,
    state: str = "",
    search: str = "",
    before: UUID | None = None,
    limit: int = 50,
) -> list[Line]:
    """Return subscriptions, the newest chain first, from below `before` on.

    `search` finds a chain by its name, sub-domain or customer at Stripe.
    """
    rows = _here().order_by("-pk")
    if state:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if search:
        of_domain = Domain.objects.filter(domain__icontains=search).values("tenant_id")
        rows = rows.filter(
            Q(chain__name__icontains=search) | Q(customer=search) | Q(chain_id__in=of_domain)
        )
    return _lines(rows[:limit], now)


def by_state() -> dict[str, int]:
    """Return how many chains stand in each state."""
    return dict(_here().values_list("state").annotate(Count("pk")).order_by("state"))


def recurring() -> list[Recurring]:
    """Return what recurs a month, in each currency."""
    rows = _here().filter(monthly_minor__gt=0).values_list("currency").order_by("currency")
    return [
        Recurring(currency=currency, minor=minor, paying=paying)
        for currency, minor, paying in rows.annotate(Sum("monthly_minor"), Count("pk"))
    ]


def recurring_by_month(*, now: datetime) -> list[tuple[datetime, dict[str, int]]]:
    """Return what recurred at the end of each of the last months, as the nights noted it.

    The month that runs stands as of now; a month without a night is left out.
    """
    since = now - timedelta(days=31 * _MONTHS)
    nights = (
        Night.objects.filter(at__gt=since, at__lte=now)
        .annotate(month=TruncMonth("at"))
        .order_by("month", "-at")
        .distinct("month")
    )
    found = {
        night.month: {
            currency: each["minor"] for currency, each in night.report["recurring"].items()
        }
        for night in nights
    }
    this = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found[this] = {each.currency: each.minor for each in recurring()}
    return sorted(found.items())[-_MONTHS:]


def trials_ending(*, now: datetime, limit: int = 50) -> list[Line]:
    """Return trials that end soon without a subscription, the next one first."""
    rows = _here().filter(
        state=Subscription.State.TRIAL,
        trial_ends_at__gt=now,
        trial_ends_at__lte=now + SOON,
        chain__is_demo=False,
    )
    return _lines(rows.order_by("trial_ends_at")[:limit], now)


def late(*, now: datetime, limit: int = 50) -> list[Line]:
    """Return chains that owe: late payers, and trials that are over; the next step first."""
    owing = Q(state=Subscription.State.LATE) | Q(
        state=Subscription.State.TRIAL, trial_ends_at__lte=now
    )
    rows = _here().filter(owing, chain__is_demo=False).exclude(chain__access="closed")
    found = _lines(rows.order_by("unpaid_since", "trial_ends_at")[:limit], now)
    return sorted(found, key=lambda line: (line.next_at is None, line.next_at or now, line.name))


def twice(*, now: datetime, limit: int = 50) -> list[Line]:
    """Return chains of which more than one subscription runs."""
    return _lines(_here().filter(live__gt=1).order_by("pk")[:limit], now)


def latest_events(*, is_all: bool, limit: int, before: datetime | None = None) -> list[Event]:
    """Return the last events of Stripe, without what they carried; those to look at, or all."""
    rows = Event.objects.defer("payload").order_by("-received_at")
    if not is_all:
        rows = rows.filter(state__in=_OPEN_EVENTS)
    if before is not None:
        rows = rows.filter(received_at__lt=before)
    return list(rows[:limit])


def chain_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of chains."""
    wanted = {each for each in ids if each is not None}
    return dict(Chain.objects.filter(pk__in=wanted).values_list("pk", "name"))


def failed_calls(*, now: datetime, limit: int = 20) -> list[Call]:
    """Return calls to Stripe that were refused or wait too long, the newest first."""
    waits = Q(state=Call.State.OPEN, asked_at__lt=now - _CALL_WAITS)
    rows = Call.objects.filter(waits | Q(state=Call.State.REFUSED)).exclude(state=Call.State.DONE)
    return list(rows.order_by("-asked_at")[:limit])


def nights(*, limit: int = 14) -> list[Night]:
    """Return the last reconciliations, the newest first."""
    return list(Night.objects.order_by("-at")[:limit])


# What an event carried ----------------------------------------------------------------------------

HIDDEN: Final = "•••"
_SECRET: Final = ("secret", "fingerprint", "token", "password", "iban", "account_number")
_OPENS: Final = ("url", "invoice_pdf", "receipt_url", "hosted_invoice_url")


def shown(payload: Any) -> Any:
    """Return what an event carried without what opens something: secrets, addresses of bills."""
    if isinstance(payload, dict):
        return {
            name: HIDDEN if value and _is_hidden(name, value) else shown(value)
            for name, value in payload.items()
        }
    return [shown(each) for each in payload] if isinstance(payload, list) else payload


def _is_hidden(name: str, value: Any) -> bool:
    if any(word in name for word in _SECRET):
        return True
    is_address = isinstance(value, str) and value.startswith(("http://", "https://"))
    return name in _OPENS or is_address
