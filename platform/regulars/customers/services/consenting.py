"""Writing down what a customer agreed to or refused (P5). Nothing is ever rewritten."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit import services as audit
from regulars.customers import consents
from regulars.customers.models import Consent, Customer, LifeEvent
from regulars.customers.selectors.profile import PROVENANCE
from regulars.customers.services.writing import ValuesRefused, dates_changed, locked, touch

_LONGEST_VERSION: Final = 20


@transaction.atomic
def consent(
    *,
    actor: Actor,
    customer_id: UUID,
    purpose: str,
    given: bool,
    how: str,
    now: datetime,
    channel: str = "",
    text_version: str = "",
) -> Consent:
    """Write down a yes or a no to a purpose, for one channel or ("") for all.

    A no to keeping something sensitive takes away what was kept. Raises ValuesRefused.
    """
    _check(purpose=purpose, channel=channel, how=how)
    customer = locked(actor=actor, customer_id=customer_id)
    row = Consent(
        customer=customer,
        purpose=purpose,
        channel=channel,
        given=given,
        how=how,
        text_version=text_version[:_LONGEST_VERSION],
        by_id=actor.id,
        at=now,
    )
    Consent.objects.bulk_create([row])
    if not given:
        _take_away(customer, purpose)
    touch(customer, now=now)
    audit.record(
        actor=actor,
        action="customer.consented" if given else "customer.refused",
        object_kind="customer",
        object_id=customer.pk,
        store_id=customer.home_store_id,
        data={"purpose": purpose, "channel": channel, "how": how},
    )
    return row


def _check(*, purpose: str, channel: str, how: str) -> None:
    faults: dict[str, list[object]] = {}
    if not consents.is_purpose(purpose):
        faults["purpose"] = [_("There is no such purpose.")]
    if channel and (channel not in consents.CHANNELS or purpose not in consents.CHANNEL_PURPOSES):
        faults["channel"] = [_("There is no such way of contact.")]
    if how not in consents.HOW:
        faults["how"] = [_("Say how the customer told you.")]
    if faults:
        raise ValuesRefused(fields=faults)  # type: ignore[arg-type]


def _take_away(customer: Customer, purpose: str) -> None:
    """Remove a sensitive value with the consent it stood on."""
    sort, _dot, key = purpose.partition(".")
    if sort == "field":
        customer.extra = {k: v for k, v in customer.extra.items() if k != key}
        gone = {key, f"{PROVENANCE}{key}"}
        customer.profile = {k: v for k, v in customer.profile.items() if k not in gone}
        customer.save(update_fields=["extra", "profile"])
        for possession in customer.possessions.filter(extra__has_key=key):
            del possession.extra[key]
            possession.save(update_fields=["extra"])
        dates_changed(customer)
    elif sort == "event":
        LifeEvent.objects.filter(customer=customer, kind=key).delete()
