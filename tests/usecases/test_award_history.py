"""Purchases that came in bulk earn together: their functions are asked in few round trips."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from regulars import registry
from regulars.audit import SYSTEM
from regulars.customers.models import Customer
from regulars.kit import Bonus, Function, Where, points
from regulars.kit.calling import Call
from regulars.outbox.models import Job
from regulars.points import selectors as balances
from regulars.purchases.models import Line, Purchase
from regulars.registry import running
from regulars.tenancy.identifiers import new_id
from regulars.usecases import award_history
from tests.factories import people
from tests.factories.purchases import NOW, customer, label, vertical

pytestmark = pytest.mark.usefixtures("one_point_per_unit")
IMPORT = UUID(int=7)


def shine(line: Any) -> bool:
    """Say that every line shines."""
    return True


class Pool:
    """Runs functions in this process, notes how often it was asked, and fails for one amount."""

    def __init__(self, *, fails_for: int = -1) -> None:
        self.asked: list[int] = []
        self.fails_for = fails_for

    def run_many(self, sales: Sequence[Sequence[Call]]) -> list[Any]:
        """Answer sale by sale, as the real pool does."""
        self.asked.append(len(sales))
        return [self._answer(calls) for calls in sales]

    def _answer(self, calls: Sequence[Call]) -> Any:
        if any(getattr(call.subject, "net_minor", 0) == self.fails_for for call in calls):
            return points.FunctionError("shines", "took too long")
        return {(call.function.key, call.subject): call.run() for call in calls}


@pytest.fixture
def shiny(one_point_per_unit: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vertical of which every purchase asks a named function."""
    made = vertical(
        functions=(Function(key="shines", on="line", gives="boolean", call=shine),),
        bonuses=(Bonus(key="shiny", says=label("x"), flat=7, where=(Where(fact="line.shines"),)),),
    )
    monkeypatch.setattr(registry, "vertical", lambda: made)


def brought_in(buyer: Customer, *amounts: int) -> None:
    """Write purchases of one line each, as an import leaves them: without points."""
    for number, amount in enumerate(amounts):
        fact = Purchase(
            id=new_id(), store=people.first_store(), customer=buyer, source="file",
            number=str(number), occurred_at=NOW - timedelta(days=number),
            business_day=(NOW - timedelta(days=number)).date(), gross_minor=amount,
            paid_minor=amount, import_id=IMPORT,
        )  # fmt: skip
        fact.save(force_insert=True)
        Line(
            purchase=fact, position=1, quantity=1, gross_minor=amount, paid_minor=amount
        ).save(force_insert=True)  # fmt: skip


def award(*buyers: Customer) -> int:
    """Let the import's purchases of some customers earn."""
    return award_history.award(
        customer_ids=[each.id for each in buyers], import_id=IMPORT, actor=SYSTEM, now=NOW
    )


@pytest.mark.usefixtures("shiny")
def test_purchases_of_many_customers_ask_their_functions_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Pool()
    monkeypatch.setattr(running, "pool", lambda: pool)
    carol, dave = customer(), customer(name="Dave")
    brought_in(carol, *[1_000] * 5)
    brought_in(dave, *[2_000] * 3)

    earned = award(carol, dave)

    assert pool.asked == [8]
    assert earned == 5 * 17 + 3 * 27
    assert balances.balance(customer_id=dave.id, now=NOW).balance == 3 * 27
    assert not Job.objects.filter(handler="points.award").exists()


@pytest.mark.usefixtures("shiny")
def test_only_the_purchase_whose_function_fails_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(fails_for=1_300)
    monkeypatch.setattr(running, "pool", lambda: pool)
    carol = customer()
    brought_in(carol, 1_000, 1_300, 1_000)

    earned = award(carol)

    waiting = Job.objects.get(handler="points.award")
    fact = Purchase.objects.get(paid_minor=1_300)
    assert waiting.payload == {"purchase_id": str(fact.id)}
    assert earned == 2 * 17


def test_history_really_asks_the_process_of_the_verticals_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "vertical", _jewelry)
    pool = running.Pool()
    monkeypatch.setattr(running, "pool", lambda: pool)
    carol = customer()
    brought_in(carol, *[10_000] * 40)

    award(carol)

    assert not Job.objects.filter(handler="points.award").exists()
    # 10 for 100.00 each; the first purchase gives 100 more
    assert balances.balance(customer_id=carol.id, now=NOW).balance == 40 * 10 + 100
    pool.close()


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.usefixtures("shiny")
def test_the_number_of_statements_does_not_grow_with_the_purchases(
    count: int, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    pool = Pool()
    monkeypatch.setattr(running, "pool", lambda: pool)
    registry.policy("points.rounding")
    carol = customer()
    brought_in(carol, *[1_000] * count)

    with django_assert_num_queries(14):
        award(carol)


_jewelry = registry.vertical
