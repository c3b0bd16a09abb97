"""The three ways to write a sale that B3 compares: the till's, bare INSERTs, textbook ORM code."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any, Final, LiteralString, cast
from uuid import UUID

import psycopg
from django.db import connection, transaction
from django.db.models import F, Model, Q, Sum
from django.db.models.functions import Greatest, Least

from regulars import registry
from regulars.customers.models import Customer
from regulars.kit import Basket, Buyer
from regulars.kit import Line as KitLine
from regulars.kit import points as points_of
from regulars.points import tiers
from regulars.points.models import Account, Leg, Lot, Posting
from regulars.purchases.drafts import LineDraft, PurchaseDraft
from regulars.purchases.models import Line, Number, Purchase, Standing
from regulars.stores.models import Store
from regulars.tenancy import statements
from regulars.tenancy.identifiers import new_id
from regulars.usecases import record_purchase
from tests.factories.purchases import TILL

NOW: Final = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SOURCE: Final = "bench"
_TABLES: Final[tuple[type[Model], ...]] = (Number, Purchase, Line, Posting, Lot, Leg)
_OWN_KEYS: Final = {Purchase: "purchase_id", Posting: "posting_id", Lot: "lot_id"}


@dataclass(frozen=True, slots=True)
class Done:
    """What a side answers: which purchase, its points, and whether it was there before."""

    purchase_id: UUID
    points: int
    repeated: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Who buys where; the account is the buyer's."""

    store_id: UUID
    customer_id: UUID
    account_id: UUID


@dataclass(frozen=True, slots=True)
class Earned:
    """What a sale earns on the textbook's side."""

    points: int
    reasons: list[dict[str, Any]]


type Rules = Callable[[Customer, tuple[LineDraft, ...]], Earned]
type Side = Callable[[str, Place, tuple[LineDraft, ...]], Done]


def lines_of(number: str, *, rules: str) -> tuple[LineDraft, ...]:
    """Return the three lines of a receipt: always the same for a number, never for another."""
    chance = Random(number)
    fields = {"series": chance.choice(("Dawn", "Dusk", "Noon"))} if rules == "jewelry" else {}
    return tuple(
        LineDraft(
            quantity=Decimal(1),
            gross_minor=chance.randrange(10_000, 90_000),
            category="gold",
            product_code=f"A{chance.randrange(5_000)}",
            product_name="Ring",
            extra=fields,
        )
        for _ in range(3)
    )


def till(number: str, place: Place, lines: tuple[LineDraft, ...]) -> Done:
    """Record the sale as the product does."""
    draft = PurchaseDraft(
        store_id=place.store_id,
        customer_id=place.customer_id,
        source=SOURCE,
        number=number,
        occurred_at=NOW,
        lines=lines,
    )
    told = record_purchase.record(draft=draft, actor=TILL, now=NOW, language="en")
    return Done(told.purchase_id, told.points, told.repeated, told.points_status == "pending")


def textbook(number: str, place: Place, lines: tuple[LineDraft, ...]) -> Done:
    """Record the sale as a good Django developer writes it, with one plain rule in its place."""
    return _textbook(number, place, lines, _one_multiplication)


def textbook_rules(number: str, place: Place, lines: tuple[LineDraft, ...]) -> Done:
    """Record it so with the vertical's rules, evaluated by the kit within this process."""
    return _textbook(number, place, lines, _vertical_rules)


def _one_multiplication(_customer: Customer, lines: tuple[LineDraft, ...]) -> Earned:
    points = sum(line.gross_minor for line in lines) // 100
    return Earned(points, [{"rule": "base", "points": points}])


def _vertical_rules(customer: Customer, lines: tuple[LineDraft, ...]) -> Earned:
    """Read what the rules ask of the customer, and let the kit evaluate them.

    Named functions run here, without the limits they have at the till.
    """
    vertical, day = registry.vertical(), NOW.date()
    windows = tiers.windows(vertical)
    since = {f"m{n}": Q(business_day__gt=tiers.since(day, n)) for n in windows}
    recent = Purchase.objects.filter(customer=customer).aggregate(
        **{name: Sum("paid_minor", filter=within, default=0) for name, within in since.items()}
    )
    spent = {months: recent[f"m{months}"] for months in windows}
    tier = tiers.reached(vertical.tiers, spent, currency_exponent=2)
    birthdays = customer.life_events.filter(kind="birthday").values_list("month", flat=True)
    basket = Basket(
        lines=tuple(
            KitLine(net_minor=line.gross_minor, quantity=line.quantity, category=line.category,
                    product=line.product_code, list_minor=line.gross_minor, extra=line.extra)
            for line in lines
        ),
        occurred_on=day,
        buyer=Buyer(
            tier=tier.key if tier else "",
            birthday_month=day.month in birthdays,
            purchases=Standing.objects.get(customer=customer).purchases,
            extra=customer.extra,
        ),
    )  # fmt: skip
    earned = points_of.evaluate(vertical.rules, basket)
    reasons = [
        {"rule": each.rule, "points": each.points, "params": dict(each.facts)}
        for each in earned.awards
    ]
    return Earned(earned.points, reasons)


@transaction.atomic
def _textbook(number: str, place: Place, lines: tuple[LineDraft, ...], rules: Rules) -> Done:
    known, is_new = Number.objects.get_or_create(
        source=SOURCE, number=number, defaults={"purchase_id": new_id()}
    )
    if not is_new:
        purchase = Purchase.objects.get(pk=known.purchase_id)
        posted = Posting.objects.get(key=f"purchase:{purchase.id}")
        assert purchase.customer_id is not None
        account = Account.objects.get(customer_id=purchase.customer_id, unit="points")
        assert account.available >= posted.amount  # the answer names the balance
        return Done(purchase.id, posted.amount, repeated=True)
    store = Store.objects.get(pk=place.store_id)
    customer = Customer.objects.get(pk=place.customer_id, state=Customer.State.ACTIVE)
    paid = sum(line.gross_minor for line in lines)
    purchase = Purchase.objects.create(
        id=known.purchase_id, store=store, customer=customer, source=SOURCE, number=number,
        occurred_at=NOW, business_day=NOW.date(), gross_minor=paid, paid_minor=paid,
        units=sum(line.quantity for line in lines), actor_id=TILL.id,
    )  # fmt: skip
    Line.objects.bulk_create(
        Line(
            purchase=purchase, position=position, product_code=line.product_code,
            product_name=line.product_name, category=line.category, quantity=line.quantity,
            gross_minor=line.gross_minor, paid_minor=line.gross_minor, extra=line.extra,
        )
        for position, line in enumerate(lines, 1)
    )  # fmt: skip
    earned = rules(customer, lines)
    _post(purchase, earned)
    Standing.objects.filter(customer=customer).update(
        purchases=F("purchases") + 1, paid_minor=F("paid_minor") + paid,
        first_at=Least(F("first_at"), NOW), last_at=Greatest(F("last_at"), NOW),
        last_store_id=store.id,
    )  # fmt: skip
    return Done(purchase.id, earned.points)


def _post(purchase: Purchase, earned: Earned) -> None:
    """Give the points under the account's lock."""
    points = earned.points
    account = Account.objects.select_for_update().get(customer=purchase.customer, unit="points")
    account.available += points
    account.save(update_fields=["available"])
    posting = Posting.objects.create(
        verb=Posting.Verb.AWARD, account=account, key=f"purchase:{purchase.id}",
        store_id=purchase.store_id, purchase_id=purchase.id, amount=points,
        balance=account.available - account.debt, reasons=earned.reasons,
        occurred_at=NOW,
    )  # fmt: skip
    lot = Lot.objects.create(
        account=account, posting_id=posting.id, amount=points, remaining=points, earned_at=NOW
    )
    Leg.objects.bulk_create(
        [
            Leg(posting=posting, unit="points", side="lot", lot_id=lot.id, amount=points),
            Leg(posting=posting, unit="points", side="store", store_id=purchase.store_id,
                amount=-points),
        ]
    )  # fmt: skip


class Bare:
    """Bare INSERTs of the rows of a real sale: one for each table, prepared, one transaction.

    Nothing is looked up, checked or computed; keys are fresh, everything else is as it was.
    """

    def __init__(self, sale: UUID) -> None:
        self.inserts = [_insert(model, sale) for model in _TABLES]
        self.points = Posting.objects.get(purchase_id=sale).amount

    def __call__(self, number: str, place: Place, _lines: tuple[LineDraft, ...]) -> Done:
        """Write the rows; a number that is there already ends it."""
        purchase_id = new_id()
        fresh = {
            "purchase_id": purchase_id,
            "posting_id": new_id(),
            "lot_id": new_id(),
            "store_id": place.store_id,
            "customer_id": place.customer_id,
            "account_id": place.account_id,
            "number": number,
            "key": f"purchase:{purchase_id}",
        }
        link = cast("psycopg.Connection[Any]", connection.connection)
        with link.transaction(), psycopg.Cursor(link) as cursor:
            for sql, sample, places in self.inserts:
                values = list(sample)
                for index, name in places:
                    values[index] = fresh[name]
                cursor.execute(sql, values, prepare=True)
                if not cursor.rowcount:
                    return Done(purchase_id, self.points, repeated=True)
        return Done(purchase_id, self.points)


def _insert(model: Any, sale: UUID) -> tuple[LiteralString, list[Any], list[tuple[int, str]]]:
    """Return the INSERT of a table's rows of a sale, their values, and where keys belong."""
    own = _OWN_KEYS.get(model, "")
    column, key = ("id" if own == "purchase_id" else "purchase_id"), sale
    if model in (Lot, Leg):
        column, key = "posting_id", Posting.objects.get(purchase_id=sale).id
    made_by_the_database = {"tx", "recorded_at"} | (set() if own else {"id"})
    names = [f.column for f in model._meta.local_fields if f.column not in made_by_the_database]
    quoted, table = ", ".join(f'"{name}"' for name in names), model._meta.db_table
    rows = statements.every(f'SELECT {quoted} FROM "{table}" WHERE "{column}" = %s', (key,))
    values: list[Any] = []
    places: list[tuple[int, str]] = []
    for row in rows:
        for name, value in zip(names, row, strict=True):
            meant = own if name == "id" else name
            if value is not None and meant in _KEYS:
                places.append((len(values), meant))
            values.append(_plain(value))
    one = f"({', '.join(['%s'] * len(names))})"
    conflict = " ON CONFLICT (source, number) DO NOTHING" if model is Number else ""
    sql = f'INSERT INTO "{table}" ({quoted}) VALUES {", ".join([one] * len(rows))}{conflict}'
    return sql, values, places


_KEYS: Final = frozenset(
    {"purchase_id", "posting_id", "lot_id", "store_id", "customer_id", "account_id", "number",
     "key"}
)  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return bytes(value) if isinstance(value, memoryview) else value
