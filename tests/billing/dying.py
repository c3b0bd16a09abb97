"""Subscribing and changing, stopped at a step that a test wants, to be killed there."""

import signal
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import override_settings

from regulars.billing import calls, gateway, services
from regulars.billing.models import Call
from regulars.tenancy import directory
from tests.billing.paying import START
from tests.mortals import Says

STEPS = ("written down", "asked", "answered", "kept")
"""Before anything is asked; after the first request, of a verb with several; after the last; and
after the answer is committed."""


def act(
    says: Says, chain_id: UUID, address: str, key: str, verb: str, step: str, without_key: bool
) -> None:
    """Do a story of billing up to a step of one of its calls, say so, and wait for death."""
    with override_settings(STRIPE_API_KEY=key, STRIPE_API_BASE=address):
        if without_key:
            gateway._keyed = _random_key  # type: ignore[assignment]
        _stop(says, verb, step)
        story(chain_id, verb)
        says("the end")


def _random_key(_key: str, _step: str = "") -> dict[str, str]:
    return {}


def story(chain_id: UUID, verb: str) -> Any:
    """Subscribe (customer, checkout) or change (up, down)."""
    chain = directory.by_id(chain_id)
    assert chain is not None
    if verb in {"customer", "checkout"}:
        return services.subscribe(
            chain=chain, plan="start", interval="month", currency="CNY", stores=2,
            success_url="http://aurum.localhost/paid", cancel_url="http://aurum.localhost/not",
            now=START,
        )  # fmt: skip
    plan = "group" if verb == "up" else "start"
    return services.change(chain=chain, plan=plan, interval="month", now=START)


def _stop(says: Says, verb: str, step: str) -> None:
    wanted = "change" if verb in {"up", "down"} else verb

    def stop_here(done: str) -> None:
        if done == step:
            says(step)
            signal.pause()

    perform, over = gateway.perform, calls._over

    def performing(verb: str, parameters: Any, *, key: str) -> gateway.Answer:
        if verb != wanted:
            return perform(verb, parameters, key=key)
        stop_here("written down")
        if step == "asked":
            _after_first_request(lambda: stop_here("asked"))
        answer = perform(verb, parameters, key=key)
        stop_here("answered")
        return answer

    def keeping(
        call: Call, state: str, answer: gateway.Answer | None, fault: str, now: datetime
    ) -> None:
        over(call, state, answer, fault, now)
        if call.verb == wanted:
            stop_here("kept")

    gateway.perform = performing
    calls._over = keeping


def _after_first_request(stop: Callable[[], None]) -> None:
    """Stop when the first writing request of the call was answered."""
    keyed, asked = gateway._keyed, []

    def counting(key: str, step: str = "") -> Any:
        asked.append(step)
        if len(asked) == 2:  # the first is over when the second is made
            stop()
        return keyed(key, step)

    gateway._keyed = counting
