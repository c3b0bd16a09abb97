"""Who has an open complaint: whoever contacts a customer is told, and talks to its owner (Q2)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q, Value

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.complaints import access
from regulars.complaints.models import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A complaint that is not closed. `owner` is empty while nobody has opened it.

    `is_seen` says whether who asks may open it.
    """

    case_id: UUID
    customer_id: UUID
    number: str
    title: str
    owner_id: UUID | None
    owner: str
    is_seen: bool


def open_of(
    customer_ids: Collection[UUID], *, actor: Actor | None = None
) -> dict[UUID, tuple[Standing, ...]]:
    """Return the open complaints of these customers, the oldest first; one statement.

    Whatever the scope: care rests though the complaint is another store's. Who has none is left
    out. Without an actor nothing is seen.
    """
    if not customer_ids:
        return {}
    seen = access.within(actor.scope) if actor and allows(actor, access.VIEW) else None
    rows = (
        Case.objects.filter(customer__in=list(customer_ids))
        .exclude(state=Case.State.CLOSED)
        .annotate(is_seen=_answer(seen))
        .order_by("id")
    )
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for pk, customer_id, number, title, owner_id, owner, is_seen in rows.values_list(
        "pk", "customer_id", "number", "title", "owner_id", "owner__name", "is_seen"
    ):
        standing = Standing(
            case_id=pk,
            customer_id=customer_id,
            number=number,
            title=title,
            owner_id=owner_id,
            owner=owner or "",
            is_seen=bool(is_seen),
        )
        found[customer_id].append(standing)
    return {pk: tuple(each) for pk, each in found.items()}


def _answer(condition: Q | None) -> "ExpressionWrapper[Q] | Value":
    if condition is None:
        return Value(False)
    return ExpressionWrapper(condition, output_field=BooleanField())
