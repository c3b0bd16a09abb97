"""Facts written straight into the tables, and the figures of them counted slowly in Python."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db import connection, connections

from regulars.insights.periods import Days
from regulars.insights.selectors.figures import Figures
from regulars.tenancy import context
from regulars.tenancy.identifiers import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row of purchases as the figures see it."""

    id: UUID
    store: UUID
    customer: UUID | None
    day: date
    paid: int = 1000
    kind: str = "sale"
    counts: int = 1
    original: UUID | None = None
    guide: UUID | None = None


def sale(
    *,
    store: UUID,
    customer: UUID | None,
    day: date,
    paid: int = 1000,
    guide: UUID | None = None,
) -> Fact:
    """Describe a purchase; nothing is written."""
    return Fact(id=new_id(), store=store, customer=customer, day=day, paid=paid, guide=guide)


def returned(original: Fact, *, day: date, paid: int | None = None) -> Fact:
    """Describe a return of all or a part of a purchase, on its own day."""
    amount = -(original.paid if paid is None else paid)
    return replace(
        original, id=new_id(), day=day, paid=amount, kind="return", counts=0, original=original.id
    )


def voided(original: Fact) -> Fact:
    """Describe the voiding of a fact, which makes its day look as if it had never been."""
    return replace(
        original,
        id=new_id(),
        paid=-original.paid,
        kind="void",
        counts=-original.counts,
        original=original.id,
    )


def write(facts: Iterable[Fact]) -> None:
    """Write facts by COPY, as an import would."""
    columns = (
        "id, kind, counts, original_id, store_id, customer_id, guide_id, source, number, "
        "occurred_at, business_day, gross_minor, discount_minor, rounding_minor, paid_minor, "
        "units, payments, extra"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY purchases_purchase ({columns}) FROM STDIN") as copy,
    ):
        for each in facts:
            at = datetime.combine(each.day, time(4), UTC)
            copy.write_row(
                (
                    each.id, each.kind, each.counts, each.original, each.store, each.customer,
                    each.guide, "test", str(each.id), at, each.day, each.paid, 0, 0, each.paid, 1,
                    "[]", "{}",
                )
            )  # fmt: skip


def forget_all() -> None:
    """Remove every fact of the active chain, which only the owner of its tables can."""
    with context.inside(context.current(), using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE purchases_purchase DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM purchases_purchase")
        cursor.execute("ALTER TABLE purchases_purchase ENABLE TRIGGER USER")


def move(*, absorbed: UUID, kept: UUID) -> None:
    """Give one customer's purchases to another, as a merge does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE purchases_purchase SET customer_id = %s WHERE customer_id = %s",
            [kept, absorbed],
        )


def counted(facts: Sequence[Fact], *, stores: Collection[UUID], days: Days) -> Figures:
    """Count the figures the slow and obvious way."""
    here = [each for each in facts if each.store in stores]
    visits: dict[UUID, Counter[date]] = defaultdict(Counter)
    for each in here:
        if each.customer is not None:
            visits[each.customer][each.day] += each.counts
    inside = [each for each in here if days.first <= each.day <= days.last]
    bought = {
        customer: sum(n for day, n in by_day.items() if days.first <= day <= days.last)
        for customer, by_day in visits.items()
    }
    first_ever = {
        customer: min(day for day, n in by_day.items() if n > 0)
        for customer, by_day in visits.items()
        if any(n > 0 for n in by_day.values())
    }
    back = [each for each in inside if each.counts == 0]
    return Figures(
        sales_minor=sum(each.paid for each in inside),
        purchases=sum(each.counts for each in inside),
        known_purchases=sum(each.counts for each in inside if each.customer is not None),
        returns=sum(1 if each.kind == "return" else -1 for each in back),
        refunded_minor=-sum(each.paid for each in back),
        buyers=sum(n > 0 for n in bought.values()),
        repeat_buyers=sum(n > 1 for n in bought.values()),
        new_buyers=sum(days.first <= day <= days.last for day in first_ever.values()),
    )
