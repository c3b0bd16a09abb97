"""What workers may do by themselves for a chain: the one place where they ask (S3).

What was held back is not sent all at once when somebody pays: what should have gone more than
`WORTH` ago is dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.billing import entitlements, metering, plans, settling
from regulars.billing.entitlements import Entitlements
from regulars.billing.models import Subscription
from regulars.billing.standing import Access
from regulars.tenancy import context
from regulars.tenancy.models import Chain

WORTH: Final = timedelta(days=1)
"""How long a message that waits for a payment is worth sending."""
AGAIN: Final = timedelta(minutes=30)
ALLOWANCE: Final = "plan-messages"
SENTENCES: Final[Mapping[str, str | Promise]] = {
    "plan-read-only": _(
        "The subscription is not paid, so nothing is sent to many. It goes on once it is paid; "
        "what waits longer than a day is dropped."
    ),
    "plan-paused": _(
        "The subscription is not paid, so nothing is sent by itself. It goes on once it is paid; "
        "what waits longer than a day is dropped."
    ),
    "plan-closed": _("The workspace is closed because nothing was paid, so nothing is sent."),
    ALLOWANCE: _(
        "The messages of your plan are used up for this month. An owner can choose a larger plan "
        "under Settings → Subscription; otherwise it goes on next month. Messages of service go "
        "all the same."
    ),
}
"""By code, why messages wait."""
_MOST_EXACT: Final = {Access.READ_ONLY: "plan-read-only", Access.PAUSED: "plan-paused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why nothing goes, since when, and when to ask again."""

    code: str
    since: datetime
    until: datetime

    def is_too_late(self, due_at: datetime | None, *, now: datetime) -> bool:
        """Say whether what was due then is dropped rather than sent when somebody pays."""
        return max(due_at or self.since, self.since) < now - WORTH


def at_this_moment() -> Entitlements:
    """Return what the current chain may do, read anew: a worker may go on for an hour."""
    chain = context.current()
    row = Chain.objects.filter(pk=chain.id).values_list("plan", "access", "is_demo").first()
    if row is None:
        return entitlements.of(chain)
    plan, access, is_demo = row
    return Entitlements(plan=plans.of(plan), access=Access(access), is_demo=is_demo)


def of_messages(*, now: datetime) -> Hold | None:
    """Return what holds every message of the current chain back, if anything does."""
    found = at_this_moment()
    return None if found.goes_by_itself else _hold(found.access, Access.PAUSED, now)


def of_batches(*, now: datetime) -> Hold | None:
    """Return what holds messages to many back, if anything but the allowance does."""
    found = at_this_moment()
    return None if found.sends_batches else _hold(found.access, Access.READ_ONLY, now)


def _hold(access: Access, first: Access, now: datetime) -> Hold:
    """Return the hold that began with the step `first`."""
    row = Subscription.objects.filter(chain_id=context.current().id).first()
    since = now
    if row is not None:
        times = plans.of(row.plan).times
        unpaid = settling.stand(row, now=now).since or now
        since = unpaid + times.late
        if first is Access.PAUSED:
            since += times.read_only
    code = _MOST_EXACT.get(access, "plan-closed")
    return Hold(code=code, since=min(since, now), until=now + AGAIN)


def bills_messages() -> bool:
    """Say whether messages beyond the allowance of the current chain are paid one by one."""
    rows = Subscription.objects.filter(chain_id=context.current().id, status__in=metering.BILLED)
    return rows.exclude(messages_item="").exists()


def unless_paused(work: Callable[..., None]) -> Callable[..., None]:
    """Leave recurring work out while nothing goes by itself; it is not made up for later."""

    @wraps(work)
    def asked(*, now: datetime, **payload: object) -> None:
        if at_this_moment().goes_by_itself:
            work(now=now, **payload)

    return asked
