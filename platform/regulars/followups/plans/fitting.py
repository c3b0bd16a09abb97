"""Whether a plan's conditions hold of what may start it."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from regulars import registry
from regulars.followups.plans import knowing
from regulars.followups.plans.news import Pair
from regulars.kit import Basket, Where
from regulars.kit.calling import Call, FunctionError, call_here
from regulars.kit.conditions import holds
from regulars.kit.plans import Reading, reader
from regulars.kit.rules import Function
from regulars.registry import running as sandbox

_LOG = logging.getLogger(__name__)
_PURCHASES: Final = "customer.purchases"
_NONE: Final = UUID(int=0)


def those(pairs: Sequence[Pair], *, now: datetime) -> list[Pair]:
    """Return the pairs whose plan's conditions hold; statements only for what they speak of.

    Conditions on lines hold when one line meets all of them. Of what a purchase did not start,
    nothing is known about lines. A function of the vertical that fails lets its plans wait: the
    night looks at them again.
    """
    asking = [pair for pair in pairs if pair[1].plan.where]
    if not asking:
        return list(pairs)
    names = {where.fact for _each, running in asking for where in running.plan.where}
    ids = {each.customer_id for each, _running in asking}
    facts = knowing.of_customers(ids, names=names, now=now)
    bought = {each.purchase_id for each, _running in asking if each.purchase_id}
    counted = knowing.purchases_up_to(bought) if _PURCHASES in names and bought else {}
    is_of_goods = any(not name.startswith("customer.") for name in names)
    baskets = knowing.baskets(bought) if is_of_goods and bought else {}
    readings = _readings(baskets, names)

    def fits(pair: Pair) -> bool:
        each, running = pair
        if not running.plan.where:
            return True
        own = facts[each.customer_id]
        if each.purchase_id in counted:
            own = {**own, _PURCHASES: counted[each.purchase_id]}
        if each.purchase_id in baskets and each.purchase_id not in readings:
            return False
        return _fits(running.plan.where, own, readings.get(each.purchase_id or _NONE))

    return [pair for pair in pairs if fits(pair)]


def _fits(
    conditions: Sequence[Where], customer: dict[str, object], reading: Reading | None
) -> bool:
    functions = _functions()
    lines = list(range(len(reading.basket.lines))) if reading else []
    for where in conditions:
        if where.subject == "customer":
            if not holds(where, customer.get(where.fact)):
                return False
            continue
        if reading is None:
            if not holds(where, None):
                return False
            continue
        read = reader(where.fact, functions)
        if where.subject == "line":
            lines = [line for line in lines if holds(where, read(reading, line))]
            if not lines:
                return False
        elif not holds(where, read(reading, -1)):
            return False
    return True


def _functions() -> dict[str, Function]:
    return {f"{each.on}.{each.key}": each for each in registry.vertical().functions}


def _readings(baskets: dict[UUID, Basket], names: Collection[str]) -> dict[UUID, Reading]:
    """Return the purchases with what the vertical's functions say of them, asked for at once."""
    used = [function for name, function in _functions().items() if name in names]
    if not used:
        return {pk: Reading(basket, call_here) for pk, basket in baskets.items()}
    asked = {pk: _calls(used, basket) for pk, basket in baskets.items()}
    found = {}
    answers = sandbox.pool().run_many(list(asked.values()))
    for (pk, basket), answer in zip(baskets.items(), answers, strict=True):
        if isinstance(answer, FunctionError):
            _LOG.warning("Plans that purchase %s may start wait: %s", pk, answer)
        else:
            found[pk] = Reading(basket, partial(sandbox.lookup, answer))
    return found


def _calls(functions: Sequence[Function], basket: Basket) -> tuple[Call, ...]:
    calls: list[Call] = []
    for function in functions:
        if function.on == "purchase":
            calls.append(Call(function, basket))
        else:
            calls += [Call(function, line) for line in dict.fromkeys(basket.lines)]
    return tuple(calls)
