"""A vertical that misbehaves never breaks a sale: its points come later, exactly once."""

from typing import Any

import pytest

from regulars import registry
from regulars.kit import Bonus, Function, Where, points
from regulars.outbox import services as outbox
from regulars.outbox.models import Job
from regulars.points import selectors as balances
from regulars.registry import running
from regulars.usecases import award_purchase
from tests.factories.purchases import NOW, customer, label, line, returned, sale, vertical

pytestmark = pytest.mark.usefixtures("one_point_per_unit")


def shine(line: object) -> bool:
    """Say that every line shines."""
    return True


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A vertical with a named function whose process fails as long as the list says so."""
    made = vertical(
        functions=(Function(key="shines", on="line", gives="boolean", call=shine),),
        bonuses=(Bonus(key="shiny", says=label("x"), flat=7, where=(Where(fact="line.shines"),)),),
    )
    monkeypatch.setattr(registry, "vertical", lambda: made)
    fails = [True]

    class Pool:
        def run(self, calls: Any) -> Any:
            if fails[0]:
                raise points.FunctionError("shines", "took too long")
            return {(call.function.key, call.subject): call.run() for call in calls}

    monkeypatch.setattr(running, "pool", Pool)
    return fails


def test_the_sale_is_recorded_and_its_points_wait(faulty: list[bool]) -> None:
    carol = customer()

    answer = sale(line(1_000), customer=carol)

    assert (answer.points_status, answer.points, answer.balance) == ("pending", 0, 0)
    assert Job.objects.get(handler="points.award").payload == {
        "purchase_id": str(answer.purchase_id)
    }


def test_the_points_are_posted_once_the_function_works(faulty: list[bool]) -> None:
    carol = customer()
    answer = sale(line(1_000), customer=carol)
    outbox.work_off()
    assert Job.objects.get(handler="points.award").fault != ""
    faulty[0] = False

    posted = award_purchase.post(purchase_id=answer.purchase_id, now=NOW)
    again = award_purchase.post(purchase_id=answer.purchase_id, now=NOW)

    assert posted is not None and again is not None  # noqa: PT018
    assert (posted.amount, again.repeated) == (17, True)
    assert balances.balance(customer_id=carol.id, now=NOW).balance == 17


def test_what_came_back_meanwhile_is_taken_off(faulty: list[bool]) -> None:
    carol = customer()
    answer = sale(line(1_000, quantity=2), customer=carol)
    back = returned(answer, (1, 1))
    assert (back.points, back.points_status) == (0, "pending")
    faulty[0] = False

    award_purchase.post(purchase_id=answer.purchase_id, now=NOW)

    assert balances.balance(customer_id=carol.id, now=NOW).balance == 17 - 9
