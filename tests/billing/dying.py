"""The stories of billing, stopped at a step that a test wants, to be killed there."""

import signal
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.test import override_settings

from regulars.billing import calls, catalogue, gateway, services
from regulars.billing.models import Call
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.billing.paying import START
from tests.mortals import Says

AWAY: Final = "http://aurum.localhost/not"


class Story(NamedTuple):
    """What somebody does: which call of it is looked at, and how many requests that call makes."""

    does: Callable[[ChainInfo], Any]
    verb: str
    requests: int = 1

    def steps(self) -> list[str]:
        """Name where it can die: before anything is asked, after each request, after the commit."""
        between = [f"asked {n}" for n in range(1, self.requests)]
        return ["written down", *between, "answered", "kept"]


def _subscribe(chain: ChainInfo, *, plan: str = "start") -> Any:
    return services.subscribe(
        chain=chain, plan=plan, interval="month", currency="CNY", stores=2,
        success_url="http://aurum.localhost/paid", cancel_url=AWAY, now=START,
    )  # fmt: skip


def _change(chain: ChainInfo, *, plan: str) -> Any:
    return services.change(chain=chain, plan=plan, interval="month", now=START)


def _keep(chain: ChainInfo, *, stores: int) -> Any:
    return services.keep_quantity(chain=chain, stores=stores, now=START)


def _portal(chain: ChainInfo) -> Any:
    return services.portal(chain=chain, return_url=AWAY, now=START)


def _cancel(chain: ChainInfo) -> Any:
    return services.cancel(chain=chain, now=START)


def _take_back(chain: ChainInfo) -> Any:
    return services.take_back(chain=chain, now=START)


def _sync(_chain: ChainInfo) -> Any:
    with context.public():
        return catalogue.sync(now=START)


STORIES: Final = {
    "customer": Story(_subscribe, "customer"),
    "checkout": Story(_subscribe, "checkout"),
    "another wish": Story(partial(_subscribe, plan="group"), "expire"),
    "portal": Story(_portal, "portal"),
    "up": Story(partial(_change, plan="group"), "change"),
    "down": Story(partial(_change, plan="start"), "change", 2),  # schedule, phases
    "not down": Story(partial(_change, plan="chain"), "change"),
    "a store, yearly": Story(partial(_keep, stores=3), "change"),
    # release, update, schedule, phases
    "stores while less waits": Story(partial(_keep, stores=4), "change", 4),
    "cancel while less waits": Story(_cancel, "change", 2),  # release, update
    "take back": Story(_take_back, "change"),
    "meter": Story(_sync, "meter"),
    "product": Story(_sync, "product"),
    "rename": Story(_sync, "product-update"),
    "price": Story(_sync, "price"),
    "archive": Story(_sync, "archive"),
}


def story(chain_id: UUID, name: str) -> Any:
    """Do a story to its end."""
    chain = directory.by_id(chain_id)
    assert chain is not None
    return STORIES[name].does(chain)


def act(
    says: Says, chain_id: UUID, address: str, key: str, name: str, step: str, without_key: bool
) -> None:
    """Do a story up to a step of its call, say so, and wait for death."""
    with override_settings(STRIPE_API_KEY=key, STRIPE_API_BASE=address):
        if without_key:
            gateway._keyed = _random_key  # type: ignore[assignment]
        _stop(says, STORIES[name].verb, step)
        story(chain_id, name)
        says("the end")


def _random_key(_key: str, _step: str = "") -> dict[str, str]:
    return {}


def _stop(says: Says, wanted: str, step: str) -> None:
    def stop_here(done: str) -> None:
        if done == step:
            says(step)
            signal.pause()

    perform, over = gateway.perform, calls._over

    def performing(verb: str, parameters: Any, *, key: str) -> gateway.Answer:
        if verb != wanted:
            return perform(verb, parameters, key=key)
        stop_here("written down")
        _between_requests(stop_here)
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


def _between_requests(stop_here: Callable[[str], None]) -> None:
    """Stop when a writing request of the call was answered and the next one is about to be made."""
    keyed = gateway._keyed
    asked: list[str] = []

    def counting(key: str, step: str = "") -> Any:
        stop_here(f"asked {len(asked)}")
        asked.append(step)
        return keyed(key, step)

    gateway._keyed = counting
