"""The demo chains: small ones, written into a test's own chain."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import translation

from regulars.customers.models import Customer
from regulars.followups.models import Task
from regulars.kit import fields
from regulars.local.demo import content, drawing, mornings, persons, shopkeeping, shopping
from regulars.local.demo.shopping import Size
from regulars.local.demo.story import Story
from regulars.points import verification
from regulars.points.models import Account, Posting
from regulars.purchases.models import Line, Purchase, Standing
from regulars.registry import loading
from regulars.stores.models import Store
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.prepared import NOW

SIZE = Size(customers=150, purchases=700)
ZONE = ZoneInfo("Asia/Shanghai")
PASSWORD = "correct horse battery"
VERTICALS = ("beauty", "homestyle", "jewelry", "restaurant")


def tell(done: int, total: int, words: str) -> None:
    assert 0 <= done <= total


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[ChainInfo]:
    """A story in aurum, in a transaction that ends with the last of the tests, who only read."""
    with django_db_blocker.unblock(), transaction.atomic(), translation.override("en"):
        aurum = directory.find("aurum")
        assert aurum is not None
        with context.inside(aurum):
            Story(SIZE, now=NOW, password=PASSWORD, tell=tell).write()
            yield aurum
        transaction.set_rollback(True)


@pytest.fixture
def told(story: ChainInfo) -> Iterator[ChainInfo]:
    with context.inside(story):
        yield story


def test_every_installed_vertical_has_content() -> None:
    assert [key for key in VERTICALS if content.has(key)] == sorted(loading.installed())


@pytest.mark.parametrize("vertical", VERTICALS)
def test_customers_answer_what_every_step_must_ask(vertical: str) -> None:
    rng = drawing.dice(vertical, "answers")
    for plan in loading.installed()[vertical].follow_ups:
        for step in plan.steps:
            for _turn in range(20):
                said = mornings.answers(step.ask, rng)
                _cleaned, faults = fields.clean(step.ask, said)
                assert faults == [], (plan.key, step.key)


@pytest.mark.parametrize("vertical", VERTICALS)
def test_content_speaks_the_language_of_its_vertical(vertical: str) -> None:
    company, declared = content.company(vertical), loading.installed()[vertical]
    lines = {each.key for each in declared.fields_on("line")}
    wanted = {key for each in company.products for key in (*each.line, *each.pick, *each.after)}

    assert {each.category for each in company.products} <= {c.key for c in declared.categories}
    assert wanted <= lines
    assert set(company.purchase) <= {each.key for each in declared.fields_on("purchase")}
    assert set(company.customer) <= {each.key for each in declared.fields_on("customer")}
    assert {each.possession for each in company.products} - {""} <= {
        each.key for each in declared.possessions
    }


@pytest.mark.parametrize("vertical", VERTICALS)
def test_a_plan_is_the_same_every_time_and_ends_now(vertical: str, now: datetime) -> None:
    here = now.astimezone(ZONE)
    company = content.company(vertical)
    plans = [
        shopping.plan(company, SIZE, now=here, rng=drawing.dice(vertical, "test")) for _ in range(2)
    ]
    people = [persons.crowd(vertical, 50, drawing.dice(vertical, "crowd")) for _ in range(2)]

    assert plans[0] == plans[1]
    assert people[0] == people[1]
    assert len(plans[0]) == SIZE.purchases
    assert plans[0][-1].at <= now
    assert sum(visit.at.date() == here.date() for visit in plans[0]) >= 8


def test_the_first_minutes_of_a_day_are_not_empty() -> None:
    midnight = datetime(2026, 11, 20, 16, 3, tzinfo=UTC).astimezone(ZONE)

    plan = shopping.plan(content.company("jewelry"), SIZE, now=midnight, rng=drawing.dice("night"))

    assert sum(visit.at.date() == midnight.date() for visit in plan) >= 8


def test_a_story_has_as_many_customers_and_sales_as_asked(told: ChainInfo) -> None:
    exchanged = Purchase.objects.filter(kind="sale").exclude(pair_id=None).count()

    assert Customer.objects.count() == SIZE.customers
    assert Purchase.objects.filter(kind="sale").count() == SIZE.purchases + exchanged
    assert Purchase.objects.filter(kind="return").exists()
    assert Purchase.objects.filter(customer=None).exists()


def test_every_store_has_sales_and_the_closed_one_no_people(told: ChainInfo) -> None:
    busy = set(Purchase.objects.values_list("store_id", flat=True))
    closed = Store.objects.exclude(closed_on=None)

    assert busy == set(Store.objects.values_list("pk", flat=True))
    assert [store.code for store in closed] == ["007"]
    assert not Customer.objects.filter(owner__home_store__in=closed).exists()


def test_the_books_of_a_story_add_up(told: ChainInfo) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    wrong_lines = [
        purchase.number
        for purchase in Purchase.objects.annotate(of_lines=Sum("lines__paid_minor"))
        if purchase.of_lines != purchase.paid_minor
        or sum(each["amount_minor"] for each in purchase.payments or [])
        not in (purchase.paid_minor, 0)
    ]

    assert verification.findings() == []
    assert wrong_lines == []
    assert Posting.objects.filter(verb="award").exists()
    assert Account.objects.filter(available__gt=0).exists()


def test_standings_are_what_the_rows_say(told: ChainInfo) -> None:
    rows = Purchase.objects.exclude(customer=None).values("customer_id")
    counted = {row["customer_id"]: row["paid"] for row in rows.annotate(paid=Sum("paid_minor"))}
    standing = {row.customer_id: row.paid_minor for row in Standing.objects.all()}

    assert {key: paid for key, paid in standing.items() if paid} == {
        key: paid for key, paid in counted.items() if paid
    }


def test_a_fifth_of_the_customers_brings_most_of_the_sales(told: ChainInfo) -> None:
    paid = sorted(Standing.objects.values_list("paid_minor", flat=True), reverse=True)

    assert 0.6 <= sum(paid[: len(paid) // 5]) / sum(paid) <= 0.9


def test_people_of_the_card_can_sign_in(told: ChainInfo) -> None:
    company = content.company("jewelry")
    card = shopkeeping.sign_ins(company, subdomain=told.subdomain, password=PASSWORD)

    people = [
        authenticate(None, email=each["email"], password=each["password"]) for each in card[1:]
    ]

    assert [getattr(person, "role", None) for person in people] == [
        "head-office", "store-manager", "guide",
    ]  # fmt: skip


def test_phones_and_goods_look_real(told: ChainInfo) -> None:
    phones = Customer.objects.exclude(phone=None).values_list("phone", flat=True)

    assert len(set(phones)) == len(phones) > 100
    assert Line.objects.exclude(extra={}).count() > SIZE.purchases // 2
    assert context.current().name


def test_a_morning_waits_after_weeks_that_were_worked(told: ChainInfo) -> None:
    today = NOW.astimezone(ZONE).date()
    waiting = Task.objects.filter(state="open", due_on__lte=today, owner__isnull=False)
    done = Task.objects.filter(state="done", done_at__lt=NOW)

    assert waiting.exists()
    assert done.filter(satisfaction__range=(1, 5)).exists()
    assert done.exclude(answers={}).exists()
    assert not done.filter(due_on__gt=today).exists()
