"""Messages of which nobody knows whether they went, but for those of batches: a person asks."""

from django.db.models import QuerySet

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.customers.selectors import visibility
from regulars.messages.models import Contact

PERMISSION = "customers.edit"


def of(actor: Actor) -> QuerySet[Contact]:
    """Return those to customers somebody sees, the oldest first, with whom and by whom.

    Read by the index of open contacts. Raises Forbidden.
    """
    require(actor, PERMISSION)
    return (
        Contact.objects.filter(
            visibility.within(actor.scope, "customer__"),
            direction=Contact.Direction.OUT,
            state=Contact.State.UNKNOWN,
            batch=None,
        )
        .select_related("customer__home_store", "staff")
        .order_by("at", "pk")
    )
