"""What every service here begins and ends with: the locked row, refusals, the mark of change."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.errors import Conflict, Invalid, NotFound
from regulars.kit.fields import FieldFault
from regulars.outbox import services as outbox


class ChangedMeanwhile(Conflict):
    """Somebody else changed the customer after this person opened the form."""

    code = "changed-meanwhile"
    sentence = _("Somebody changed this customer while you were writing. Look again, then save.")


class ValuesRefused(Invalid):
    """Some values cannot be stored; `fields` says which and why."""

    code = "values-refused"


def locked(
    *,
    actor: Actor,
    customer_id: UUID,
    permission: str = "customers.edit",
    unchanged_since: datetime | None = None,
) -> Customer:
    """Lock and return a customer in the actor's scope; a merged one's survivor.

    Raises Forbidden, NotFound, and ChangedMeanwhile when it was changed after `unchanged_since`.
    """
    require(actor, permission)
    rows = Customer.objects.select_for_update(no_key=True).filter(
        visibility.within(actor.scope), state=Customer.State.ACTIVE
    )
    customer = rows.filter(pk=Subquery(visibility.survivor_of(customer_id)[:1])).first()
    if customer is None:
        raise NotFound
    if unchanged_since is not None and customer.changed_at > unchanged_since:
        raise ChangedMeanwhile
    return customer


def touch(customer: Customer, *, now: datetime) -> None:
    """Mark the customer as changed, for those who copy what is new."""
    customer.changed_at = now
    customer.save(update_fields=["changed_at"])


def dates_changed(customer: Customer) -> None:
    """Have whoever computes ahead from a customer's dates and things look at them again."""
    outbox.enqueue(handler="customer.dates-changed", payload={"customers": [str(customer.pk)]})


def refuse(faults: Iterable[FieldFault], *, prefix: str) -> None:
    """Raise ValuesRefused for the kit's faults, at ``<prefix>.<key>``; nothing without any."""
    found = list(faults)
    if found:
        raise ValuesRefused(fields={f"{prefix}.{fault.key}": [fault.sentence] for fault in found})
