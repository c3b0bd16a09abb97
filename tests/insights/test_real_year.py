"""A real year through the import: counted by DuckDB from its files and by us, equal to the cent."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from regulars.audit import ALL, Actor
from regulars.customers.models import Customer, Identity
from regulars.imports import pipeline, services
from regulars.imports.models import Import
from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.selectors import figures, mapping, portraits
from regulars.insights.selectors.portraits import Portrait
from regulars.insights.services import folding, keeping, verification
from regulars.local.demo import journey, journey_files
from regulars.purchases.drafts import LineDraft, PurchaseDraft, ReturnDraft, ReturnLine
from regulars.purchases.models import Purchase
from regulars.staff import selectors as people
from regulars.staff.models import Role, Staff
from regulars.stores import services as stores
from regulars.stores.models import Region, Store
from regulars.tenancy import context, directory
from regulars.usecases import record_purchase, take_return
from tests import counts, servers
from tests.factories import real_year
from tests.factories.real_year import Link, Spread

MEGABYTES = 400
PERIODS = [
    Days(date(2017, 1, 1), date(2017, 12, 31)),  # the year
    Days(date(2017, 4, 1), date(2017, 6, 30)),  # a quarter
    Days(date(2017, 2, 1), date(2017, 2, 28)),  # a month
    Days(date(2017, 5, 15), date(2017, 5, 21)),  # a week
    Days(date(2017, 11, 24), date(2017, 11, 24)),  # a day
    Days(date(2017, 12, 2), date(2017, 12, 31)),  # 30 days back
    Days(date(2017, 10, 3), date(2017, 12, 31)),  # 90 days back
    Days(date(2017, 3, 17), date(2017, 9, 9)),  # any days
]
YEAR = PERIODS[0]
KEPT = PERIODS[::2]
TAKEN_BACK = counts.of(0, proof=2)  # a small part of the year is, each time: tests/local
REGIONS = 3
"""So many of ten parts of the stores, by the last digit of their number, are in a region."""


@pytest.fixture
def brought_in(own_database: str, tmp_path: Path, settings: Any) -> Any:
    """The year, brought in by the command in a process of its own, and what that says of itself."""
    settings.MEDIA_ROOT = tmp_path / "media"
    address = {name: url.rsplit("/", 1)[0] for name, url in servers.addresses().items()}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.insights.journeying"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "REGULARS_TEST_DEFAULT": f"{address['default']}/{own_database}",
            "REGULARS_TEST_OWNER": f"{address['owner']}/{own_database}",
            "REGULARS_STATE": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    chain = directory.find("journey")
    assert chain is not None
    with context.inside(chain):
        yield json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.proof("A real year is brought in, added to, and taken back; DuckDB counts each time")
def test_a_real_year_is_counted_to_the_cent(brought_in: Any, record_property: counts.Note) -> None:
    record_property("files taken back", TAKEN_BACK)
    record_property("megabytes at most", max(brought_in["megabytes"]))
    link, now = real_year.counted(), datetime.now(UTC)
    numbers = dict(Identity.objects.values_list("number", "customer_id"))
    owner = people.actor_of(Staff.objects.get(role=Role.OWNER))
    open_regions(owner)
    groups = groups_of()
    keeping.keep(periods=KEPT, today=date(2018, 1, 2))

    assert max(brought_in["megabytes"]) < MEGABYTES
    assert Import.objects.filter(state="done").count() == 2
    assert Store.objects.count() == 457
    assert Purchase.objects.aggregate(units=Sum("units"))["units"] > 0
    demographics_are_known(link, numbers)
    folding.fold(now=now, wait=True)
    year = compare(link, groups, numbers)
    assert (year.purchases, year.buyers) == (155_848, 2_469)
    assert year.sales_minor == 459_603_958

    real_year.add_late(link)
    late = record_late(link, owner, numbers, now)
    assert late > 1_000
    compare(link, groups, numbers)  # nothing of it is folded yet
    assert folding.fold(now=now).purchases == late
    compare(link, groups, numbers)
    assert verification.verify(now=now) == []

    take_back(link, owner, groups, numbers)


def open_regions(actor: Actor) -> None:
    """Divide some stores into regions by the last digit of their number."""
    for part in range(REGIONS):
        region = stores.add_region(actor=actor, code=f"r{part}", name=f"Region {part}")
        for key in Store.objects.filter(code__endswith=str(part)).values_list("pk", flat=True):
            stores.edit(actor=actor, store_id=key, changes={"region_id": region.pk})


def groups_of() -> dict[UUID, str]:
    """Return the chain, the regions and five stores, as conditions on the stores' numbers."""
    keys = {int(code): key for code, key in Store.objects.values_list("code", "pk")}
    found: dict[UUID, str] = {CHAIN: "true"}
    for number in sorted(keys)[::90]:
        found[keys[number]] = f"store = {number}"
    for region in Region.objects.all():
        found[region.pk] = f"store % 10 = {region.code[1:]}"
    return found


def compare(link: Link, groups: dict[UUID, str], numbers: dict[str, UUID]) -> figures.Figures:
    """Hold every figure of the groups and periods against DuckDB's; returns those of the year."""
    answer = figures.read(group_ids=groups, periods=PERIODS)
    for days in PERIODS:
        for group, where in groups.items():
            ours, theirs = answer.of(days, group), real_year.figures(link, days, where)
            assert ours._replace(points=0) == theirs, (days, where)
            assert ours.repeat_rate == theirs.repeat_rate
            assert ours.average_basket_minor == theirs.average_basket_minor
    everywhere = mapping.map_of(ALL)
    region = Region.objects.order_by("code")[0]
    for days in (YEAR, PERIODS[2]):
        for place in (everywhere.everything(), everywhere.region(region.pk)):
            assert place is not None
            where = "true" if place.kind == "all" else groups[region.pk]
            made = portraits.portrait(place=place, days=days)
            assert spread_of(made, numbers) == real_year.spread(link, days, where), (days, where)
    return answer.of(YEAR, CHAIN)


def spread_of(made: Portrait, numbers: dict[str, UUID]) -> Spread:
    """Say whom a portrait shows by the numbers of the file."""
    names = {key: number for number, key in numbers.items()}
    return Spread(
        buyers=made.buyers,
        total_minor=made.total_minor,
        most_of_sales=made.most_of_sales,
        by_top_fifth_minor=made.by_top_fifth_minor,
        top=[
            (names[each.customer_id], each.paid_minor, each.purchases, each.stores)
            for each in made.top
        ],
        shared=made.shared,
    )


def demographics_are_known(link: Link, numbers: dict[str, UUID]) -> None:
    """Hold the deep profiles against the package, with how each answer was learned."""
    said = {
        str(row[0]): dict(zip(PROFILE, row[2:], strict=True)) | {"age": row[1]}
        for row in link.execute(
            "SELECT * FROM read_parquet(?)", [str(journey_files.data() / "demographics.parquet")]
        ).fetchall()
    }
    rows = {each.pk: each for each in Customer.objects.all()}
    assert len(rows) == len(numbers) == 2_469
    assert len(said) == 801
    for number, key in numbers.items():
        row, wanted = rows[key], said.get(number, {})
        answers = {name: each["value"] for name, each in row.profile.items()}
        assert row.age_band == wanted.pop("age", "")
        assert answers == {name: value for name, value in wanted.items() if value is not None}
        assert {each["how"] for each in row.profile.values()} <= {"import"}
        assert all(each["at"] for each in row.profile.values())


def record_late(link: Link, actor: Actor, numbers: dict[str, UUID], now: datetime) -> int:
    """Let what comes late happen at the tills; returns how many facts it is."""
    shops = {int(code): key for code, key in Store.objects.values_list("code", "pk")}
    sales = link.execute("SELECT number, store, customer, day, paid FROM late_sales").fetchall()
    for number, store, customer, day, paid in sales:
        draft = PurchaseDraft(
            store_id=shops[store],
            source="till",
            number=str(number),
            occurred_at=noon(day),
            lines=(LineDraft(gross_minor=paid),),
            customer_id=numbers[str(customer)] if customer else None,
        )
        record_purchase.record(draft=draft, actor=actor, now=now, language="en")
    returns = link.execute(
        "SELECT number, original, position, quantity, store, day FROM late_returns"
    ).fetchall()
    for number, original, position, quantity, store, day in returns:
        back = ReturnDraft(
            store_id=shops[store],
            source="till",
            number=str(number),
            occurred_at=noon(day),
            original=(journey.SOURCE, str(original)),
            lines=(ReturnLine(position=position, quantity=Decimal(quantity)),),
        )
        take_return.take_return(draft=back, actor=actor, now=now, language="en")
    return len(sales) + len(returns)


def noon(day: date) -> datetime:
    """Return the middle of a day where the stores are."""
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(real_year.ZONE))


def take_back(link: Link, actor: Actor, groups: dict[UUID, str], numbers: dict[str, UUID]) -> None:
    """Take files back, the last one first; what came late stays, and what it needs."""
    for row in Import.objects.order_by("-id")[:TAKEN_BACK]:
        now = datetime.now(UTC)
        services.undo(actor=actor, import_id=row.pk, now=now, is_here=True)
        done = pipeline.drive(import_id=row.pk, now=now)
        assert done is not None
        assert done.state == Import.State.UNDONE
        real_year.take_back(link)
        compare(link, groups, numbers)
        folding.fold(now=now, wait=True)
        compare(link, groups, numbers)
        assert verification.verify(now=now) == []


PROFILE = ("income", "home", "marital", "household-size", "family", "children")
