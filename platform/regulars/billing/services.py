"""Starting and changing subscriptions."""

from datetime import datetime, timedelta
from uuid import UUID

from regulars.billing import plans
from regulars.billing.models import Subscription


def start_trial(*, chain_id: UUID, now: datetime) -> Subscription:
    """Give a new chain its trial, without a card. Idempotent."""
    subscription, _made = Subscription.objects.get_or_create(
        chain_id=chain_id,
        defaults={
            "plan": plans.DEFAULT,
            "trial_ends_at": now + timedelta(days=plans.TRIAL_DAYS),
        },
    )
    return subscription
