"""Chains that stand otherwise with their payments than paid."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from regulars.billing.models import Subscription
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain


def stands(chain: ChainInfo, **facts: Any) -> ChainInfo:
    """Write `access`, `plan` or whatever else beside a chain, and return it as requests see it."""
    with context.public():
        Chain.objects.filter(pk=chain.id).update(**facts)
    directory._entries.clear()
    return replace(chain, **facts)


def unpaid(chain: ChainInfo, *, access: str, since: datetime) -> ChainInfo:
    """Let a trial have ended without a plan, and the chain stand as that led to."""
    Subscription.objects.filter(chain_id=chain.id).update(trial_ends_at=since)
    return stands(chain, access=access)
