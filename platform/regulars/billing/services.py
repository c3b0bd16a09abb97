"""Starting and changing subscriptions."""

from datetime import datetime, timedelta
from uuid import UUID

from regulars.billing import plans
from regulars.billing.models import Subscription


def start_trial(*, chain_id: UUID, now: datetime) -> None:
    """Give a new chain its trial, without a card. Idempotent."""
    trial = Subscription(
        chain_id=chain_id,
        plan=plans.DEFAULT,
        trial_ends_at=now + timedelta(days=plans.TRIAL_DAYS),
    )
    Subscription.objects.bulk_create([trial], ignore_conflicts=True)
