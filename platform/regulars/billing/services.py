"""Starting and changing subscriptions."""

from datetime import datetime, timedelta

from regulars.billing import plans
from regulars.billing.models import Subscription
from regulars.tenancy.models import Chain


def trial(*, chain: Chain, now: datetime) -> Subscription:
    """Return the trial of a new chain, without a card; whoever opens the chain writes it."""
    return Subscription(
        chain=chain,
        plan=plans.DEFAULT,
        trial_ends_at=now + timedelta(days=plans.TRIAL_DAYS),
    )
