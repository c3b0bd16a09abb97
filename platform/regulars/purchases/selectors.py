"""Reading purchases: by number, by customer, what can still be returned, what they add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from regulars.audit import Scope
from regulars.purchases.models import Line, Number, Purchase, Standing
from regulars.stores import selectors as stores
from regulars.tenancy import statements

_RETURNED: Final = """
SELECT l.original_line_id, -sum(l.quantity), -sum(l.gross_minor), -sum(l.discount_minor),
  -sum(l.paid_minor), bool_or(p.kind = 'void')
FROM purchases_purchase p JOIN purchases_line l ON l.purchase_id = p.id
WHERE p.original_id = %s AND l.original_line_id IS NOT NULL AND NOT EXISTS (
  SELECT FROM purchases_purchase v WHERE v.original_id = p.id AND v.kind = 'void')
GROUP BY l.original_line_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A purchase found by its number, with the digest of what was sent."""

    purchase: Purchase
    digest: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Returnable:
    """A line of a purchase and how much of it has come back so far."""

    line: Line
    returned: Decimal
    gross_minor: int
    discount_minor: int
    paid_minor: int

    @property
    def left(self) -> Decimal:
        """How much may still come back."""
        return self.line.quantity - self.returned


def numbered(*, source: str, number: str) -> Numbered | None:
    """Return the purchase a till's number stands for; two statements."""
    row = Number.objects.filter(source=source, number=number).first()
    if row is None:
        return None
    purchase = Purchase.objects.get(pk=row.purchase_id)
    return Numbered(purchase=purchase, digest=bytes(row.digest) if row.digest else None)


def found_by_number(number: str, *, limit: int = 10) -> list[Purchase]:
    """Return the sales with this receipt number, of every till and store, newest first.

    Whoever may take a return finds any receipt by its full number, as they find any customer.
    """
    ids = Number.objects.filter(number=number.strip()).values_list("purchase_id", flat=True)
    sales = Purchase.objects.filter(pk__in=list(ids[:limit]), kind=Purchase.Kind.SALE)
    return list(sales.select_related("store", "customer", "guide").order_by("-id"))


def visible(scope: Scope) -> QuerySet[Purchase]:
    """Return the purchases of the stores somebody may see."""
    return Purchase.objects.filter(stores.within(scope, "store"))


def of_customer(
    customer_id: UUID, *, before: UUID | None = None, limit: int = 30
) -> list[Purchase]:
    """Return a customer's purchases with lines and stores, newest first; two statements."""
    rows = Purchase.objects.filter(customer_id=customer_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(with_lines(rows)[:limit])


def of_import(
    import_id: UUID, *, scope: Scope, after: UUID, before: UUID, limit: int
) -> list[Purchase]:
    """Return purchases and returns of an import that stand, in the order they were written.

    The keys say between which moments it ran: no index on `import_id` is needed to find them.
    """
    voids = Purchase.objects.filter(original_id=OuterRef("pk"), kind=Purchase.Kind.VOID)
    rows = visible(scope).filter(import_id=import_id, id__gt=after, id__lt=before)
    rows = rows.exclude(kind=Purchase.Kind.VOID).exclude(Exists(voids))
    return list(rows.select_related("store", "guide").order_by("id")[:limit])


def with_lines(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """Bring stores, guides and lines along, in their order on the receipt."""
    lines = Prefetch("lines", queryset=Line.objects.order_by("position"))
    return purchases.select_related("store", "guide").prefetch_related(lines)


def returnable(purchase_id: UUID) -> list[Returnable]:
    """Return each line of a purchase with what has come back of it; two statements."""
    lines = list(Line.objects.filter(purchase_id=purchase_id).order_by("position"))
    returned = {row[0]: row[1:5] for row in statements.every(_RETURNED, (purchase_id,))}
    return [_returnable(line, returned.get(line.id, (Decimal(0), 0, 0, 0))) for line in lines]


def is_voided(purchase_id: UUID) -> bool:
    """Say whether an import that brought this purchase was undone."""
    return Purchase.objects.filter(original_id=purchase_id, kind=Purchase.Kind.VOID).exists()


def standing_of(customer_id: UUID) -> Standing:
    """Return what a customer's purchases add up to; all zero when there are none."""
    found = Standing.objects.filter(pk=customer_id).first()
    return found or Standing(customer_id=customer_id)


def standing_of_many(customer_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return what the purchases of customers add up to, in one statement."""
    return Standing.objects.in_bulk(list(customer_ids))


def _returnable(line: Line, returned: Sequence[Decimal | int]) -> Returnable:
    quantity, gross, discount, paid = returned
    return Returnable(
        line=line,
        returned=Decimal(quantity),
        gross_minor=int(gross),
        discount_minor=int(discount),
        paid_minor=int(paid),
    )
