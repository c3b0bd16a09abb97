"""What a textbook does with the same files: instances of models, saved by ``bulk_create``.

It trusts the file: nothing is looked for twice, refused, previewed, or made to go on after a
crash, and what purchases add up to is not kept. So the comparison is in its favour.
"""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from pyarrow import parquet

from regulars.customers import naming, search_terms
from regulars.customers.models import Customer, Identity, LifeEvent
from regulars.customers.services.days import occasion
from regulars.imports.columns.attributes import Subject
from regulars.purchases.models import Line, Number, Purchase
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.identifiers import new_id

_AT_ONCE: Final = 1_000
_GENDERS: Final = {"男": "male", "女": "female"}
_CENT: Final = Decimal("0.01")


@transaction.atomic
def bring_in(kind: Subject, path: Path, *, now: datetime) -> None:
    """Bring a file of `imports_files` in; its stores are there already."""
    stores = dict(Store.objects.values_list("code", "id"))
    work: Callable[..., None] = _members if kind is Subject.CUSTOMERS else _year
    work(path, stores, now)


def _members(path: Path, stores: dict[str, Any], now: datetime) -> None:
    zone, today = context.current().zone, now.astimezone(context.current().zone).date()

    @cache
    def next_on(month: int, day: int) -> date | None:
        return occasion(False, False, month, day, today=today)

    customers, days = [], []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = naming.clean_name(row["姓名"])
            phone = naming.clean_phone(row["手机号"], region="CN")
            customer = Customer(
                id=new_id(),
                member_code=naming.clean_code(row["会员编号"]),
                name=name,
                phone=phone,
                gender=_GENDERS[row["性别"]],
                joined_at=datetime.fromisoformat(row["入会日期"]).replace(hour=12, tzinfo=zone),
                home_store_id=stores[row["所属门店"]],
                created_at=now,
                changed_at=now,
                **search_terms.of(name, phone)._asdict(),
            )
            born = date.fromisoformat(row["生日"])
            customers.append(customer)
            days.append(
                LifeEvent(
                    customer=customer,
                    kind=LifeEvent.Kind.BIRTHDAY,
                    year=born.year,
                    month=born.month,
                    day=born.day,
                    next_on=next_on(born.month, born.day),
                )
            )
    Customer.objects.bulk_create(customers, batch_size=_AT_ONCE)
    LifeEvent.objects.bulk_create(days, batch_size=_AT_ONCE)


def _year(path: Path, stores: dict[str, Any], now: datetime) -> None:
    zone = context.current().zone
    known = dict(Identity.objects.values_list("number", "customer_id"))
    customers, identities, numbers, purchases, lines = [], [], [], [], []
    rows = parquet.read_table(path).to_pylist()
    for number, some in groupby(rows, key=itemgetter("basket_id")):
        goods = list(some)
        first = goods[0]
        household = str(first["household_id"])
        if household not in known:
            customer = Customer(id=new_id(), created_at=now, changed_at=now)
            known[household] = customer.id
            customers.append(customer)
            identities.append(
                Identity(customer_id=customer.id, source="completejourney", number=household)
            )
        at = first["transaction_timestamp"].replace(tzinfo=UTC)
        key = new_id()
        mine = [_line(key, position, each) for position, each in enumerate(goods, start=1)]
        purchases.append(
            Purchase(
                id=key,
                store_id=stores[str(first["store_id"])],
                customer_id=known[household],
                source="completejourney",
                number=str(number),
                occurred_at=at,
                business_day=at.astimezone(zone).date(),
                gross_minor=sum(each.gross_minor for each in mine),
                discount_minor=sum(each.discount_minor for each in mine),
                paid_minor=sum(each.paid_minor for each in mine),
                units=sum(each.quantity for each in mine),
                recorded_at=now,
            )
        )
        numbers.append(Number(source="completejourney", number=str(number), purchase_id=key))
        lines += mine
    for model, made in (
        (Customer, customers),
        (Identity, identities),
        (Number, numbers),
        (Purchase, purchases),
        (Line, lines),
    ):
        model._default_manager.bulk_create(made, batch_size=_AT_ONCE)  # type: ignore[arg-type]


def _line(purchase_id: Any, position: int, row: dict[str, Any]) -> Line:
    paid = _minor(row["sales_value"])
    discount = sum(
        abs(_minor(row[name])) for name in ("retail_disc", "coupon_disc", "coupon_match_disc")
    )
    return Line(
        purchase_id=purchase_id,
        position=position,
        product_code=str(row["product_id"]),
        product_name=row["product_type"] or "",
        category=row["department"] or "",
        quantity=Decimal(row["quantity"]),
        gross_minor=paid + discount,
        discount_minor=discount,
        paid_minor=paid,
    )


def _minor(amount: float) -> int:
    return int(Decimal(f"{amount:.9g}").quantize(_CENT, rounding=ROUND_HALF_UP) * 100)
