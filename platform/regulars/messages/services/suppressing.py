"""The list of addresses that must not be used again."""

from datetime import datetime

from django.db import transaction

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.audit.decisions import require
from regulars.messages import suppression
from regulars.messages.models import Suppression


def suppress(*, channel: str, address: str, reason: str, now: datetime) -> None:
    """Use an address no more on a channel; idempotent. One that bounced stays bounced."""
    if address and channel in suppression.CHANNELS:
        row, is_new = Suppression.objects.get_or_create(
            channel=channel,
            digest=suppression.digest(address),
            defaults={"reason": reason, "at": now},
        )
        if not is_new and reason == suppression.BOUNCED != row.reason:
            Suppression.objects.filter(pk=row.pk).update(reason=reason, at=now)


@transaction.atomic
def allow_again(*, actor: Actor, channel: str, address: str) -> bool:
    """Take an address off the list, because its owner asked for it; say whether it was on it."""
    require(actor, "customers.edit")
    rows = Suppression.objects.filter(channel=channel, digest=suppression.digest(address))
    gone, _ = rows.delete()
    if gone:
        audit.record(actor=actor, action="address.allowed", data={"channel": channel})
    return bool(gone)
