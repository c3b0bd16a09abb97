"""A till's purchase with lines and points, by eight clients at once, against the same rows bare and
against textbook ORM code (B3). Clients are processes: threads would share one interpreter."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, connections

from regulars import registry
from regulars.points import verification
from regulars.points.models import Account, Posting
from regulars.purchases.models import Line, Number, Purchase, Standing
from regulars.stores.models import Store
from regulars.tenancy import context
from tests.benchmarks import measuring
from tests.benchmarks import posting_sides as sides
from tests.benchmarks.measuring import Reach, Report
from tests.benchmarks.posting_client import BOOKS, LOOSE, Order
from tests.benchmarks.posting_sides import Place
from tests.factories.purchases import vertical

TITLE: Final = "A till's purchase with lines and points"
MODES: Final = {
    "spread": "spread over stores and customers",
    "store": "one hot store",
    "customer": "one hot customer",
    "again": "duplicates: every key sent by all",
}
RULES: Final = {"plain": "one plain rule", "jewelry": "the rules of jewelry"}
_SIDES: Final = tuple((side, rules) for rules in RULES for side in ("till", "bare", "orm"))
_DRAWING: Final = 0.12  # seconds in which the clients draw what they will sell
type Rates = dict[tuple[str, str, str], float]  # by side, rules and mode


@dataclass(frozen=True)
class Size:
    """How much is there before, and how long is measured."""

    clients: int
    stores: int
    customers: int
    bought: int  # purchases of each customer before
    warm: int  # rounds that are not counted
    pairs: int
    seconds: float  # of one run
    sales: int  # of one client in the check
    trace: int  # sales of which the WAL is counted


FULL: Final = Size(
    clients=8, stores=64, customers=4_000, bought=5, warm=1, pairs=9, seconds=0.6, sales=40,
    trace=200,
)  # fmt: skip
SMALL: Final = Size(
    clients=2, stores=3, customers=20, bought=1, warm=0, pairs=1, seconds=0.02, sales=3, trace=3
)

_PEOPLE: Final = """
WITH store AS (
  SELECT id, row_number() OVER (ORDER BY code) - 1 AS place FROM stores_store WHERE code LIKE 'p%%'
), person AS (
  INSERT INTO customers_customer (
    name, home_store_id, owner_id, state, pinyin, initials, tokens, gender, age_band, email,
    address, language, time_zone, profile, extra)
  SELECT 'Customer ' || n, store.id, (SELECT id FROM staff_staff ORDER BY id LIMIT 1), 'active',
    '', '', '{}', '', '', '', '{}', '', '', '{}', '{}'
  FROM generate_series(1, %(customers)s) AS n JOIN store ON store.place = n %% %(stores)s
  RETURNING id, home_store_id
), account AS (
  INSERT INTO points_account (customer_id, unit, available, debt)
  SELECT id, 'points', 0, 0 FROM person
), standing AS (
  INSERT INTO purchases_standing (
    customer_id, purchases, returns, paid_minor, discount_minor, first_at, last_at)
  SELECT id, %(bought)s, 0, %(bought)s * 30000, 0, %(at)s, %(at)s FROM person
), fact AS (
  INSERT INTO purchases_purchase (
    kind, store_id, customer_id, source, number, occurred_at, business_day, gross_minor,
    paid_minor, discount_minor, rounding_minor, units, payments, extra)
  SELECT 'sale', home_store_id, id, 'before', id || '-' || n, %(at)s, %(at)s::date, 30000, 30000, 0,
    0, 3, '[]', '{}'
  FROM person, generate_series(1, %(bought)s) AS n
  RETURNING id, source, number
), number AS (
  INSERT INTO purchases_number (source, number, purchase_id) SELECT source, number, id FROM fact
)
INSERT INTO purchases_line (purchase_id, position, product_code, product_name, category, quantity,
  gross_minor, discount_minor, paid_minor, extra)
SELECT id, n, 'A' || n, 'Ring', 'gold', 1, 10000, 0, 10000, '{}'
FROM fact, generate_series(1, 3) AS n"""


def measure(report: Report, size: Size) -> None:
    """Check that nothing is lost or doubled, then compare; and check again afterwards."""
    for subdomain in (BOOKS, LOOSE):
        with measuring.inside(subdomain):
            _fill(size)
    with measuring.inside(BOOKS):
        samples = _samples()
        _same_points(report)
        with _clients(size.clients) as crowd:
            _check(report, crowd, size, samples)
            _costs(report, crowd, size, samples)
            rounds = [_round(crowd, size, samples, turn) for turn in range(size.warm + size.pairs)]
            _compare(report, rounds[size.warm :])
        _books_are_right()


def _fill(size: Size) -> None:
    facts: dict[str, Any] = {
        "stores": size.stores,
        "customers": size.customers,
        "bought": size.bought,
        "at": sides.NOW,
    }
    Store.objects.bulk_create(
        Store(code=f"p{n}", name=f"Store {n}", time_zone="Asia/Shanghai")
        for n in range(size.stores)
    )
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, facts)
    with context.inside(context.current(), using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _samples() -> dict[str, str]:
    """Record a sale by either set of rules: the rows that are then inserted bare."""
    place = Place(*_places()[0])
    small, own = vertical(), registry.vertical
    found = {}
    for rules in RULES:
        registry.vertical = own if rules == "jewelry" else (lambda: small)
        try:
            lines = sides.lines_of("sample", rules=rules)
            done = sides.till(f"sample-{rules}", place, lines)
            assert done.points
            assert not done.waits
            found[rules] = str(done.purchase_id)
        finally:
            registry.vertical = own
    return found


def _same_points(report: Report) -> None:
    """Let the till and the textbook sell the same to customers of the same past."""
    small, own = vertical(), registry.vertical
    places = [Place(*each) for each in _places()]
    for rules, textbook in (("plain", sides.textbook), ("jewelry", sides.textbook_rules)):
        registry.vertical = own if rules == "jewelry" else (lambda: small)
        try:
            for number, (one, other) in enumerate(zip(places[1::2], places[2::2], strict=False)):
                lines = sides.lines_of(f"same-{number}", rules=rules)
                here = sides.till(f"till-{rules}-{number}", one, lines)
                there = textbook(f"orm-{rules}-{number}", other, lines)
                assert here.points == there.points, (rules, number)
        finally:
            registry.vertical = own
    report.check("the till and the textbook give the same points for the same receipts")


def _places() -> list[tuple[UUID, UUID, UUID]]:
    """Return some of the places: the first is that of the samples."""
    found = Account.objects.order_by("id").values_list(
        "customer__home_store_id", "customer_id", "id"
    )
    return list(found[:11])


def _check(report: Report, crowd: "Crowd", size: Size, samples: dict[str, str]) -> None:
    """Let everybody sell at once in every mode, and count what is there afterwards."""
    for side, rules in _SIDES:
        for mode in MODES:
            run = f"check-{side}-{rules}-{mode}"
            order = {"side": side, "rules": rules, "mode": mode, "run": run, "samples": samples}
            answers = crowd.all({**order, "count": size.sales})
            _count(answers, run, side, mode)
            if mode == "again":
                assert sum(each["new"] for each in answers) == size.sales
    _books_are_right()
    report.check(
        f"{size.clients} clients in every mode: each answered sale is there once with its "
        "lines, its posting and its share of the standing"
    )
    report.check("every key sent by all made one sale, and all got the same answer")
    report.check(f"the books hold all {len(verification.names())} invariants")


def _count(answers: list[dict[str, Any]], run: str, side: str, mode: str) -> None:
    """Hold what was answered against what is there: nothing lost, nothing doubled."""
    chain = LOOSE if side == "bare" else BOOKS
    new = sum(each["new"] for each in answers)
    with measuring.inside(chain):
        ids = list(
            Number.objects.filter(number__startswith=f"{run}-").values_list(
                "purchase_id", flat=True
            )
        )
        assert len(ids) == Purchase.objects.filter(pk__in=ids).count() == new, (run, len(ids), new)
        assert Line.objects.filter(purchase_id__in=ids).count() == 3 * new
        posted = Posting.objects.filter(purchase_id__in=ids).values_list("amount", flat=True)
        waits = sum(each["waits"] for each in answers)
        assert len(posted) + waits == new, (run, len(posted), waits, new)
        assert sum(posted) == sum(each["points"] for each in answers), run
    if side != "bare":
        told = {UUID(each) for answer in answers for each in answer["purchases"]}
        assert told == set(ids), run
    if mode == "again" and side != "bare":
        fewest = min(each["calls"] for each in answers)
        assert len({tuple(each["purchases"][:fewest]) for each in answers}) == 1, run


def _books_are_right() -> None:
    found = verification.findings(now=sides.NOW)
    assert not found, found[:3]
    bought = Standing.objects.values_list("customer_id", "purchases", "paid_minor")
    facts: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for customer_id, paid in Purchase.objects.values_list("customer_id", "paid_minor"):
        assert customer_id is not None
        facts[customer_id][0] += 1
        facts[customer_id][1] += paid
    assert {key: [count, paid] for key, count, paid in bought} == facts


def _costs(report: Report, crowd: "Crowd", size: Size, samples: dict[str, str]) -> None:
    """Note what carries no noise: round trips and WAL of a sale."""
    for what, side, rules in (
        ("the till", "till", "plain"),
        ("the till, rules of jewelry", "till", "jewelry"),
        ("bare INSERT", "bare", "plain"),
        ("textbook ORM", "orm", "plain"),
        ("textbook ORM, rules of jewelry", "orm", "jewelry"),
    ):
        order = {"side": side, "rules": rules, "samples": samples, "trace": size.trace}
        cost = crowd.one({**order, "mode": "spread", "run": f"trace-{side}-{rules}"})
        report.figure(f"round trips of a sale, {what}", cost["trips"])
        report.figure(f"WAL of a sale, {what}", round(cost["wal"]), unit=" bytes")
    for what, side in (("the till", "till"), ("textbook ORM", "orm")):
        order = {"side": side, "rules": "plain", "samples": samples, "trace": 1}
        cost = crowd.one({**order, "mode": "again", "run": f"trace-{side}-again"})
        report.figure(f"round trips of a duplicate, {what}", cost["trips"])


def _round(crowd: "Crowd", size: Size, samples: dict[str, str], turn: int) -> Rates:
    """Run every side in every mode, in another order every other time; return sales a second."""
    rates: Rates = {}
    for mode in MODES:
        for side, rules in _SIDES[:: 1 if turn % 2 else -1]:
            run = f"r{turn}-{side}-{rules}-{mode}"
            order = {"side": side, "rules": rules, "mode": mode, "run": run, "samples": samples}
            begin = time.monotonic() + _DRAWING
            answers = crowd.all({**order, "begin": begin, "end": begin + size.seconds})
            _count(answers, run, side, mode)
            rates[side, rules, mode] = sum(each["calls"] / each["seconds"] for each in answers)
            waits = sum(each["waits"] for each in answers)
            rates["waits", rules, mode] = rates.get(("waits", rules, mode), 0) + waits
    return rates


def _compare(report: Report, rounds: list[Rates]) -> None:
    half, fourfold = Reach(at_least=0.5), Reach(at_least=4)
    for rules, spoken in RULES.items():
        for mode, where in MODES.items():
            bare = [each["till", rules, mode] / each["bare", rules, mode] for each in rounds]
            orm = [each["till", rules, mode] / each["orm", rules, mode] for each in rounds]
            report.ratio(f"the till ÷ bare INSERT, {spoken}, {where}", bare, half)
            report.ratio(f"the till ÷ textbook ORM, {spoken}, {where}", orm, fourfold)
        hot = [each["till", rules, "store"] / each["till", rules, "spread"] for each in rounds]
        report.ratio(f"one hot store ÷ spread, {spoken}", hot, Reach(at_least=0.85))
    for side, rules in _SIDES:
        rates = sorted(each[side, rules, "spread"] for each in rounds)
        report.figure(f"{side}, {RULES[rules]}: sales a second", rates[len(rates) // 2])
    waited = sum(each["waits", "jewelry", mode] for each in rounds for mode in MODES)
    report.figure("sales whose points had to wait", waited, reach=Reach(at_most=0))


class Crowd:
    """The client processes."""

    def __init__(self, running: list["subprocess.Popen[str]"]) -> None:
        self._running = running

    def all(self, order: Order) -> list[dict[str, Any]]:
        """Give all the same order, and return their answers."""
        for client in self._running:
            self._tell(client, order)
        return [self._heard(client) for client in self._running]

    def one(self, order: Order) -> dict[str, Any]:
        """Give one client an order while the others rest."""
        self._tell(self._running[0], order)
        return self._heard(self._running[0])

    @staticmethod
    def _tell(client: "subprocess.Popen[str]", order: Order) -> None:
        assert client.stdin is not None
        client.stdin.write(json.dumps(order) + "\n")
        client.stdin.flush()

    @staticmethod
    def _heard(client: "subprocess.Popen[str]") -> dict[str, Any]:
        assert client.stdout is not None
        found: dict[str, Any] = json.loads(client.stdout.readline())
        return found


@contextmanager
def _clients(count: int) -> Iterator[Crowd]:
    """Start the clients, and see them end."""
    environment = {**os.environ, "BENCH_DATABASE": str(connection.settings_dict["NAME"])}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.posting_client", f"c{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for number in range(count)
    ]
    try:
        yield Crowd(running)
    finally:
        for client in running:
            if client.stdin is not None:
                client.stdin.close()
        for client in running:
            client.wait(timeout=60)
            if client.stdout is not None:
                client.stdout.close()
