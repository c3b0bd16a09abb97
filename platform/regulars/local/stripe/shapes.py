"""How objects leave the simulator: without what is its own, with every field, expanded.

Which fields an object has is generated from the official client, like `parameters`.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.store import Store, Thing

_FILE: Final = Path(__file__).with_name("answers.json")
_DEEPEST: Final = 4
ONLY_WHEN_SET: Final = {
    "customer": {
        "sources", "subscriptions", "tax", "tax_ids", "cash_balance", "business_name",
        "individual_name", "customer_account", "invoice_credit_balance",
    },
    "invoice": {"payments", "confirmation_secret", "amount_paid_off_stripe", "test_clock"},
    "coupon": {"applies_to", "currency_options"},
    "price": {"tiers", "currency_options"},
    "plan": {"tiers"},
    "checkout.session": {"line_items"},
    "charge": {"refunds"},
    "event": {"account", "context"},
    "webhook_endpoint": {"secret"},
}  # fmt: skip
"""Fields that Stripe leaves out until they are asked for or have a value."""


@cache
def table() -> dict[str, Any]:
    """Read the table once."""
    found: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return found


def resolve(kind: Any) -> Any:
    """Follow a shared kind to what it is."""
    return table()["shared"][kind] if isinstance(kind, int) else kind


def fields(kind: str) -> dict[str, Any]:
    """Give the declared fields of an object; an empty map for one that is not declared."""
    found = resolve(table()["kinds"].get(kind, {}))
    return {name.removesuffix("!"): resolve(each) for name, each in found.items()}


def is_nullable(kind: Any) -> bool:
    """Say whether a field may be null."""
    return isinstance(kind, list) and kind[0] == "or null"


def bare(value: Any, declared: Any = None) -> Any:
    """Copy a value as Stripe would send it: unexpanded, what it does not have as null."""
    if isinstance(value, list):
        inner = _inner(declared)
        return [bare(each, inner) for each in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if not isinstance(value, dict):
        return value
    kind = value.get("object")
    declared = fields(kind) if isinstance(kind, str) else _plain(_inner(declared))
    shown = {
        name: bare(each, None if name in _WIDE else declared.get(name))
        for name, each in value.items()
        if not name.startswith("_")
    }
    if value.get("deleted"):
        return shown
    for name in _nullable(kind) if isinstance(kind, str) else _null_names(declared):
        if name not in shown:
            shown[name] = None
    return shown


_WIDE: Final = {"payment_method_options", "payment_method_details", "next_action", "payload"}
"""Fields with one part for each way of paying, of which only the one that is meant is sent."""


def _plain(kind: Any) -> dict[str, Any]:
    if not isinstance(kind, dict):
        return {}
    return {name.removesuffix("!"): each for name, each in kind.items()}


def _null_names(declared: dict[str, Any]) -> list[str]:
    """Name what is null when it has no value; a map is left out instead."""
    kinds = {name: resolve(each) for name, each in declared.items()}
    return [name for name, kind in kinds.items() if is_nullable(kind) and kind[1] != "map"]


@cache
def _nullable(kind: str) -> tuple[str, ...]:
    if kind == "payment_method":  # one field for each way of paying: only its own is sent
        return ("customer", "metadata", "allow_redisplay")
    left_out = ONLY_WHEN_SET.get(kind, set()) | {"deleted"}
    return tuple(name for name in _null_names(fields(kind)) if name not in left_out)


INCLUDED: Final[dict[tuple[str, str], Callable[[Store, Thing], Any]]] = {}
"""What is sent only when it is expanded, by object and field; filled by `resources`."""


def page(data: list[Any], *, url: str, has_more: bool = False) -> Thing:
    """Give a list in Stripe's form."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def show(store: Store, thing: Thing, expand: list[str]) -> Thing:
    """Give an object or a list with everything expanded that was asked for. Raises Refused."""
    shown: Thing = bare(thing)
    for path in expand:
        steps = path.split(".")
        if len(steps) > _DEEPEST + (steps[0] == "data"):
            raise faults.Refused(
                f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}",
                param="expand",
            )
        _expand(store, shown, steps, path, declared=None)
    return shown


def _expand(store: Store, node: Any, steps: list[str], path: str, *, declared: Any) -> None:
    """Replace ids by objects in place."""
    if isinstance(node, list):
        for each in node:
            _expand(store, each, steps, path, declared=declared)
        return
    if not isinstance(node, dict):
        return
    step, rest = steps[0], steps[1:]
    kind = node.get("object")
    if isinstance(kind, str) and kind != "list":
        declared = fields(kind)
    elif isinstance(declared, dict):
        declared = {name.removesuffix("!"): resolve(each) for name, each in declared.items()}
    include = INCLUDED.get((kind or "", step))
    if include and node.get(step) is None:
        whole = store.get(node["id"]) or node
        node[step] = bare(include(store, whole))
    elif isinstance(declared, dict) and step not in declared and kind != "list":
        raise faults.Refused(f"This property cannot be expanded ({path}).", param="expand")
    below = _inner(declared.get(step)) if isinstance(declared, dict) else None
    can = isinstance(below, list) and below[0] == "id or"
    value = node.get(step)
    if isinstance(value, str):
        if not can:
            raise faults.Refused(f"This property cannot be expanded ({path}).", param="expand")
        node[step] = _object(store, value)
    elif isinstance(value, list) and can:
        node[step] = [_object(store, each) if isinstance(each, str) else each for each in value]
    if rest:
        _expand(store, node.get(step), rest, path, declared=below)


def _inner(kind: Any) -> Any:
    kind = resolve(kind)
    while isinstance(kind, list) and kind[0] in {"or null", "list"}:
        kind = resolve(kind[1])
    return kind


def _object(store: Store, key: str) -> Any:
    found = store.get(key)
    return bare(found) if found else key
