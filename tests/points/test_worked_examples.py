"""The worked examples of the house, by number: given, expected."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from regulars import registry
from regulars.kit import Bonus, Rate, Where
from regulars.points import ledger
from regulars.points import selectors as balances
from regulars.points.models import Account, Lot, Posting
from tests.factories.purchases import (
    NOW,
    customer,
    event,
    label,
    line,
    returned,
    sale,
    vertical,
)

pytestmark = pytest.mark.usefixtures("small_vertical")
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
JUNE = datetime(2027, 6, 1, tzinfo=UTC)


def balance_of(person: Any, *, now: datetime = NOW) -> int:
    return balances.balance(customer_id=person.id, now=now).balance


def amounts(verb: str) -> list[int]:
    return list(Posting.objects.filter(verb=verb).order_by("id").values_list("amount", flat=True))


def left(expires_at: datetime | None) -> int:
    return Lot.objects.get(expires_at=expires_at).remaining


def test_1_earn_100_spend_30() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=100, expires_at=None)

    ledger.spend(event(carol, "b"), amount=30)

    assert (balance_of(carol), left(None)) == (70, 70)


def test_2_the_lot_that_expires_first_is_spent_first() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=100, expires_at=JUNE)
    ledger.award(event(carol, "b"), amount=100, expires_at=JANUARY)

    ledger.spend(event(carol, "c"), amount=100)

    assert (left(JANUARY), left(JUNE)) == (0, 100)


def test_3_a_lot_that_never_expires_is_spent_last() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=100, expires_at=None)
    ledger.award(event(carol, "b"), amount=100, expires_at=JANUARY)

    ledger.spend(event(carol, "c"), amount=100)

    assert (left(None), left(JANUARY)) == (100, 0)


def test_4_a_debt_is_paid_by_the_next_earnings() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=50, expires_at=None)
    ledger.take_back(event(carol, "b"), amount=80, policy="debt")
    assert balance_of(carol) == -30

    ledger.award(event(carol, "c"), amount=100, expires_at=None)

    account = Account.objects.get()
    assert (account.available, account.debt) == (70, 0)
    assert [lot.remaining for lot in Lot.objects.filter(remaining__gt=0)] == [70]


def test_5_cancelling_twice_takes_back_once() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=150, expires_at=None)

    first = ledger.take_back(event(carol, "cancel"), amount=150)
    again = ledger.take_back(event(carol, "cancel"), amount=150)

    assert balance_of(carol) == 0
    assert amounts("take-back") == [-150]
    assert (first.posting_id, again.repeated) == (again.posting_id, True)


@pytest.mark.parametrize(("policy", "balance", "entry"), [("clamp", 0, -50), ("debt", -100, -150)])
def test_6_points_spent_meanwhile_are_let_go_or_owed(policy: Any, balance: int, entry: int) -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=150, expires_at=None)
    ledger.spend(event(carol, "b"), amount=100)

    ledger.take_back(event(carol, "c"), amount=150, policy=policy)

    assert balance_of(carol) == balance
    assert amounts("take-back") == [entry]


def test_7_expiry_run_twice_writes_one_entry() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=150, expires_at=JANUARY)
    ledger.spend(event(carol, "b"), amount=50)

    assert ledger.expire(now=JANUARY - timedelta(microseconds=1)) == 0
    assert ledger.expire(now=JANUARY) == 1
    assert ledger.expire(now=JANUARY) == 0

    assert (balance_of(carol, now=JANUARY), amounts("expire")) == (0, [-100])


def test_8_more_than_is_held_is_refused_unless_a_part_will_do() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=200, expires_at=None)

    with pytest.raises(ledger.NotEnough):
        ledger.spend(event(carol, "b"), amount=500)
    assert amounts("spend") == []
    part = ledger.spend(event(carol, "c"), amount=500, partial=True)

    assert (part.amount, balance_of(carol)) == (-200, 0)


FOOD = Rate(key="food", says=label("x"), where=(Where(fact="line.category", value="food"),))
EARNING = [
    ("11: 19.99 at 1 per 1.00", {}, [line(1_999)], {}, 19),
    (
        "12: 19.99 under two stacked rules",
        {"bonuses": (Bonus(key="more", says=label("more"), points=1, per=Decimal(2)),)},
        [line(1_999)],
        {},
        28,
    ),
    ("14: 100 with 10 % off", {}, [line(10_000)], {"discount_minor": 1_000}, 90),
    (
        "15: a rule for food only",
        {"rates": (FOOD, Rate(key="rest", says=label("x"), per=Decimal(10**6)))},
        [line(10_000, category="food"), line(5_000, category="gold")],
        {},
        100,
    ),
    ("26: 6,000 at 1 per 20", {"rates": (Rate(key="r", says=label("x"), per=Decimal(20)),)},
     [line(600_000)], {}, 300),
    ("26: 5,999 at 1 per 20", {"rates": (Rate(key="r", says=label("x"), per=Decimal(20)),)},
     [line(599_900)], {}, 299),
    ("29: 105 at 1 per 10", {"rates": (Rate(key="r", says=label("x"), per=Decimal(10)),)},
     [line(10_500)], {}, 10),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "lines", "facts", "points"),
    [row[1:] for row in EARNING],
    ids=[row[0] for row in EARNING],
)
def test_what_a_sale_earns(
    parts: dict[str, Any],
    lines: list[Any],
    facts: dict[str, Any],
    points: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = vertical(**parts)
    monkeypatch.setattr(registry, "vertical", lambda: made)

    assert sale(*lines, customer=customer(), **facts).points == points


@pytest.mark.parametrize(("rounding", "points"), [("floor", 28), ("half-up", 29), ("ceiling", 29)])
def test_13_19_points_times_one_and_a_half(
    rounding: str, points: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = vertical(bonuses=(Bonus(key="half", says=label("x"), times=Decimal("1.5")),))
    monkeypatch.setattr(registry, "vertical", lambda: made)
    policies = {"points.rounding": rounding, "points.expiry-months": 24}
    monkeypatch.setattr(registry, "policy", policies.__getitem__)

    assert sale(line(1_900), customer=customer()).points == points


def test_18_half_of_what_was_bought_comes_back() -> None:
    carol = customer()
    bought = sale(line(10_000, quantity=2), customer=carol)

    back = returned(bought, (1, 1))

    assert (back.points, back.balance, back.paid_minor) == (-50, 50, -5_000)


@pytest.mark.parametrize(("quantity", "balance"), [(2, 200), (1, 160)])
def test_19_spent_points_come_back_and_earned_ones_go(quantity: int, balance: int) -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=200, expires_at=None)
    bought = sale(line(7_000, quantity=2), customer=carol)
    ledger.spend(event(carol, "b", purchase_id=bought.purchase_id), amount=150)
    assert balance_of(carol) == 120

    back = returned(bought, (1, quantity))

    assert back.balance == balance


def test_25_lots_of_different_age_that_were_spent_expire_to_nothing() -> None:
    carol = customer()
    ledger.award(event(carol, "a"), amount=10, expires_at=datetime(2027, 1, 2, tzinfo=UTC))
    ledger.award(event(carol, "b"), amount=20, expires_at=datetime(2027, 1, 4, tzinfo=UTC))
    ledger.spend(event(carol, "c"), amount=30)

    days = [datetime(2027, 1, day, tzinfo=UTC) for day in range(1, 7)]
    seen = [(balance_of(carol, now=day), ledger.expire(now=day)) for day in days]

    assert seen == [(0, 0)] * 6


def test_30_goods_worth_half_of_the_points_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    made = vertical(
        rates=(Rate(key="r", says=label("x"), points=7, per=Decimal(4)),),
    )
    monkeypatch.setattr(registry, "vertical", lambda: made)
    bought = sale(line(2_000), line(2_000), customer=customer())
    assert bought.points == 70

    assert returned(bought, (2, 1)).points == -35
