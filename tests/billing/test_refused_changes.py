"""A change that Stripe refuses half-way leaves what was planned before as it was."""

from datetime import timedelta
from typing import Any

import pytest
import stripe as official

from regulars.billing import calls, gateway, services, settling
from regulars.billing.models import Call
from tests.billing.paying import DAY, Payer


@pytest.fixture
def waiting(payer: Payer) -> Payer:
    """A chain of two stores whose smaller plan waits for the end of the month."""
    payer.subscribed(plan="chain", stores=2)
    services.change(chain=payer.chain, plan="start", interval="month", now=payer.now)
    assert payer.row.next_plan == "start"
    return payer


def at_the_end(payer: Payer) -> tuple[str, int, list[int]]:
    ends = payer.row.period_ends_at
    assert ends is not None
    payer.use_card("pm_card_visa")
    payer.to(ends + timedelta(hours=2))
    return payer.row.plan, payer.row.quantity, payer.totals()


def test_a_card_that_is_refused_leaves_what_waits(waiting: Payer) -> None:
    waiting.use_card("pm_card_chargeCustomerFail")

    with pytest.raises(gateway.CardRefused):
        services.change(chain=waiting.chain, plan="group", interval="month", now=waiting.now)

    assert (waiting.row.plan, waiting.row.next_plan) == ("chain", "start")
    assert at_the_end(waiting) == ("start", 2, [2 * 29_900, 2 * 19_900])


def test_another_plan_for_later_that_is_refused_leaves_the_one_that_waits(
    waiting: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_later = gateway._phases

    def wrong(current: Any, after: Any) -> Any:
        return of_later(current, {**after, "price": after["price"] if wrongs.pop() else "price_0"})

    wrongs = [True, False]  # the first is refused, what is planned again is not
    monkeypatch.setattr(gateway, "_phases", wrong)

    with pytest.raises(gateway.Refused):
        services.change(chain=waiting.chain, plan="start", interval="year", now=waiting.now)

    assert wrongs == []
    assert (waiting.row.next_plan, waiting.row.next_interval) == ("start", "month")


def test_a_call_left_for_a_day_is_ended_with_what_it_was_to_plan(
    waiting: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: Any) -> None:
        raise official.StripeError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "_plan_next", away)
        with pytest.raises(gateway.Away):
            services.keep_quantity(chain=waiting.chain, stores=4, now=waiting.now)

    calls.finish_left(now=waiting.now + DAY)

    settling.settle(chain_id=waiting.chain.id, now=waiting.now)
    assert (waiting.row.quantity, waiting.row.next_plan) == (4, "start")
    assert Call.objects.latest("asked_at").state == Call.State.DONE
    assert not Call.objects.filter(state=Call.State.OPEN).exists()
    assert at_the_end(waiting)[:2] == ("start", 4)


@pytest.mark.parametrize("steps", ["nothing", "released", "schedule"])
def test_a_call_left_for_a_day_that_changed_nothing_leaves_what_waited(
    waiting: Payer, steps: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def stops(verb: str, given: Any, *, key: str) -> gateway.Answer:
        asked.append(dict(given))
        raise gateway.Away

    with monkeypatch.context() as patched:
        patched.setattr(gateway, "perform", stops)
        with pytest.raises(gateway.Away):
            services.change(chain=waiting.chain, plan="group", interval="month", now=waiting.now)
    if steps != "nothing":
        waiting.client.subscription_schedules.release(asked[0]["release"])
    if steps == "schedule":
        of = {"from_subscription": waiting.row.subscription}
        waiting.client.subscription_schedules.create(of)

    calls.finish_left(now=waiting.now + DAY)

    settling.settle(chain_id=waiting.chain.id, now=waiting.now)
    assert (waiting.row.plan, waiting.row.next_plan) == ("chain", "start")
    assert Call.objects.get(parameters=asked[0]).state == Call.State.REFUSED
    assert at_the_end(waiting) == ("start", 2, [2 * 29_900, 2 * 19_900])
