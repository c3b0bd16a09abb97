"""Purchases as a file, a row for each line, with the columns that the import of purchases takes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import msgspec
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.utils.translation import gettext as _

from regulars import registry
from regulars.audit import Actor
from regulars.audit.decisions import allows, require
from regulars.customers.models import Customer, Identity
from regulars.customers.selectors import visibility
from regulars.imports import surroundings
from regulars.imports.columns import own as owns
from regulars.imports.columns import vocabulary
from regulars.imports.columns.attributes import Subject
from regulars.imports.models import Import
from regulars.imports.values import phones
from regulars.imports.writing import headings, places, words
from regulars.imports.writing.sheets import Cell, Line, Sheet
from regulars.kit.schema import Field
from regulars.purchases import models as facts
from regulars.stores import selectors as stores
from regulars.tenancy import context
from regulars.tenancy.identifiers import first_id

PORTION: Final = 500
"""Receipts read at once: five statements, however many lines and columns."""

_NOT_WRITTEN: Final = frozenset({"date", "time", "unit_price"})
"""Said by other columns: the moment, and the amount before discounts."""

_SEVERAL: Final = "+"  # between the means of payment of one receipt


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows the purchases; days are those of the stores."""

    first: date | None = None
    last: date | None = None
    store_id: UUID | None = None
    customer_id: UUID | None = None
    import_id: UUID | None = None


class _Buyer(NamedTuple):
    """What identifies a customer, as far as the actor may see it."""

    id: UUID
    code: str | None
    name: str
    phone: str | None
    number: str = ""
    card: str = ""


class _Sold(NamedTuple):
    """One line with its receipt and its buyer."""

    receipt: facts.Purchase
    line: facts.Line
    buyer: _Buyer | None
    original_position: int | None


type _Write = Callable[[_Sold], Cell]


def chosen(*, actor: Actor, which: Which) -> QuerySet[facts.Purchase]:
    """Return the purchases and returns within the actor's scope; nothing that was voided.

    Raises Forbidden.
    """
    require(actor, "customers.export")
    void = facts.Purchase.Kind.VOID
    voided = facts.Purchase.objects.filter(original=OuterRef("pk"), kind=void)
    seen = stores.within(actor.scope, "store", of="figures")
    found = facts.Purchase.objects.filter(seen, ~Exists(voided)).exclude(kind=void)
    for name, value in (
        ("business_day__gte", which.first),
        ("business_day__lte", which.last),
        ("store", which.store_id),
        ("customer", which.customer_id),
        ("import_id", which.import_id),
        ("pk__gte", which.import_id and _first_key(which.import_id)),
    ):
        if value is not None:
            found = found.filter(**{name: value})
    return found


def _first_key(import_id: UUID) -> UUID | None:
    """Return a key that no purchase of the import is older than: keys rise with time (UUIDv7)."""
    since = Import.objects.filter(pk=import_id).values_list("loading_since", flat=True).first()
    return first_id(since) if since else None


def count_lines(*, actor: Actor, which: Which) -> int:
    """Count the rows a file would have, headings aside."""
    return facts.Line.objects.filter(purchase__in=chosen(actor=actor, which=which)).count()


def sheet(*, actor: Actor, which: Which, with_phones: bool, language: str) -> Sheet:
    """Return the lines of purchases as a table, the newest day first, headed in the language.

    Of a buyer outside the actor's scope nothing is told. `with_phones` gives the numbers of
    others' customers in full, if the actor may reveal them.
    """
    chain_own = surroundings.own()
    columns = headings.of(
        [
            *(item.key for item in vocabulary.attributes(Subject.PURCHASES)),
            *(key for key, field in chain_own.attributes(Subject.PURCHASES) if not field.sensitive),
        ],
        subject=Subject.PURCHASES,
        own=chain_own,
    )
    columns = tuple(column for column in columns if column.attribute not in _NOT_WRITTEN)
    writers = _writers(dict(chain_own.attributes(Subject.PURCHASES)), language)
    write = [writers[column.attribute] for column in columns]
    buyers = _Buyers(actor, with_phones=with_phones and allows(actor, "customers.reveal-phone"))
    return Sheet(
        title=_("Purchases"),
        headings=[column.heading for column in columns],
        lines=_lines(_portions(chosen(actor=actor, which=which), which), buyers, write),
    )


def _lines(
    portions: Iterable[Sequence[facts.Purchase]], buyers: "_Buyers", write: Sequence[_Write]
) -> Iterator[Line]:
    for receipts in portions:
        for sold in _sold(receipts, buyers):
            yield [each(sold) for each in write]


def _portions(found: QuerySet[facts.Purchase], which: Which) -> Iterator[Sequence[facts.Purchase]]:
    """Read by the key of an index: days, or for an import the order in which it wrote."""
    columns = ("pk",) if which.import_id else ("business_day", "pk")
    found = found.annotate(original_number=F("original__number")).defer("reason", "tx")
    found = found.order_by(*(f"-{column}" for column in columns))
    following = found
    while rows := list(following[:PORTION]):
        yield rows
        last = rows[-1]
        if len(columns) == 1:
            following = found.filter(pk__lt=last.pk)
        else:
            key = (last.business_day, last.pk)
            beyond = TupleLessThan(Tuple(*map(F, columns)), key)
            following = found.filter(cast(Any, beyond))


def _sold(receipts: Sequence[facts.Purchase], buyers: "_Buyers") -> Iterator[_Sold]:
    lines: dict[UUID, list[facts.Line]] = {receipt.pk: [] for receipt in receipts}
    for line in facts.Line.objects.filter(purchase__in=list(lines)):
        lines[line.purchase_id].append(line)
    given_back = [
        line.original_line_id for some in lines.values() for line in some if line.original_line_id
    ]
    positions: dict[UUID | None, int] = {}
    if given_back:
        originals = facts.Line.objects.filter(pk__in=given_back)
        positions = dict(originals.values_list("pk", "position"))
    known = buyers.of({receipt.customer_id for receipt in receipts if receipt.customer_id})
    for receipt in receipts:
        buyer = known.get(receipt.customer_id) if receipt.customer_id else None
        for line in sorted(lines[receipt.pk], key=lambda each: each.position):
            yield _Sold(receipt, line, buyer, positions.get(line.original_line_id))


class _Buyers:
    """Customers of purchases, as far as somebody may see them."""

    def __init__(self, actor: Actor, *, with_phones: bool) -> None:
        self._actor = actor
        self._with_phones = with_phones
        self._reaches = visibility.reaches(actor.scope)
        options = surroundings.options()
        self._source, self._region = options.source, options.region

    def of(self, keys: set[UUID]) -> dict[UUID, _Buyer]:
        """Return the buyers that may be named, in two statements."""
        if not keys:
            return {}
        rows = Customer.objects.filter(pk__in=keys, state=Customer.State.ACTIVE)
        found: dict[UUID, _Buyer] = {}
        for key, code, name, phone, owner, store in rows.values_list(
            "pk", "member_code", "name", "phone", "owner_id", "home_store_id"
        ):
            if self._reaches(owner, store):
                shown = phone if phone and self._may_read(owner) else None
                told = phones.written(shown, region=self._region) if shown else None
                found[key] = _Buyer(key, code, name, told)
        numbers = Identity.objects.filter(customer__in=list(found)).order_by("-id")
        for key, source, number in numbers.values_list("customer_id", "source", "number"):
            if source == self._source:
                found[key] = found[key]._replace(number=number)
            elif source == "card":
                found[key] = found[key]._replace(card=number)
        return found

    def _may_read(self, owner_id: UUID | None) -> bool:
        return self._with_phones or visibility.may_read_phone(self._actor, owner_id)


def _writers(fields: dict[str, Field], language: str) -> dict[str, _Write]:
    zone = context.current().zone
    exponent = surroundings.options().exponent
    shops, guides = places.stores(), places.guides()
    categories = {each.key: each.label.text(language) for each in registry.vertical().categories}

    def money(minor: int) -> Cell:
        return words.money(minor, exponent=exponent)

    def paid_by(sold: _Sold) -> Cell:
        used = [words.means(each["means"], language=language) for each in sold.receipt.payments]
        return _SEVERAL.join(dict.fromkeys(used))

    made: dict[str, _Write] = {
        "number": lambda sold: sold.receipt.number,
        "source": lambda sold: sold.receipt.source,
        "kind": lambda sold: words.kind(sold.receipt.kind, language=language),
        "original_number": lambda sold: getattr(sold.receipt, "original_number", None),
        "original_position": lambda sold: sold.original_position,
        "occurred_at": lambda sold: words.moment(sold.receipt.occurred_at, zone=zone),
        "store": lambda sold: shops.get(sold.receipt.store_id),
        "guide": lambda sold: guides.get(sold.receipt.guide_id),
        "payment": paid_by,
        "rounding": lambda sold: (
            money(sold.receipt.rounding_minor) if sold.receipt.rounding_minor else None
        ),
        "position": lambda sold: sold.line.position,
        "product_code": lambda sold: sold.line.product_code,
        "product_name": lambda sold: sold.line.product_name,
        "category": lambda sold: categories.get(sold.line.category, sold.line.category),
        "quantity": lambda sold: words.quantity(sold.line.quantity),
        "gross": lambda sold: money(sold.line.gross_minor),
        "discount": lambda sold: money(sold.line.discount_minor),
        # Its share of the receipt's rounding stands in the column of that.
        "paid": lambda sold: money(sold.line.gross_minor - sold.line.discount_minor),
    }
    return made | _buyer_writers() | _field_writers(fields, language)


def _buyer_writers() -> dict[str, _Write]:
    made: dict[str, Callable[[_Buyer], Cell]] = {
        "customer_id": lambda buyer: str(buyer.id),
        "customer_number": lambda buyer: buyer.number,
        "customer_code": lambda buyer: buyer.code,
        "customer_card": lambda buyer: buyer.card,
        "customer_phone": lambda buyer: buyer.phone,
        "customer_name": lambda buyer: buyer.name,
    }
    return {
        key: lambda sold, write=write: write(sold.buyer) if sold.buyer else None  # type: ignore[misc]
        for key, write in made.items()
    }


def _field_writers(fields: dict[str, Field], language: str) -> dict[str, _Write]:
    made: dict[str, _Write] = {}
    for attribute, field in fields.items():
        write = words.field_writer(field, language=language)
        if attribute.startswith(owns.LINE_FIELD):
            made[attribute] = lambda sold, key=field.key, write=write: write(  # type: ignore[misc]
                sold.line.extra.get(key)
            )
        else:
            made[attribute] = lambda sold, key=field.key, write=write: write(  # type: ignore[misc]
                sold.receipt.extra.get(key)
            )
    return made
