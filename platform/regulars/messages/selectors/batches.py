"""How far a batch is."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from regulars.messages.models import Batch, Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A batch with its messages by state; `done` of `total` need nothing more of a worker."""

    batch: Batch
    states: dict[str, int]

    @property
    def total(self) -> int:
        """How many messages there are."""
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """How many were handed over, refused or cancelled, or are unknown."""
        waiting = (Contact.State.RESERVED, Contact.State.SENDING)
        return self.total - sum(self.states.get(state, 0) for state in waiting)


def progress(batch_id: UUID) -> Progress | None:
    """Return how far a batch is, in two statements; exact at every moment."""
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None:
        return None
    rows = Contact.objects.filter(batch=batch_id).values_list("state").annotate(n=Count("pk"))
    return Progress(batch=batch, states=dict(rows.order_by()))
