"""Customers, their tax ids and their payment methods."""

import secrets
from typing import Final

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given, fill, merged, within
from regulars.local.stripe.resources import account, methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_PLAIN: Final = ("description", "email", "name", "phone", "preferred_locales", "tax_exempt",
                 "address", "shipping")  # fmt: skip
CLOCKS: Final = "new_customers_begin"
"""Setting: how many days ago a test clock of their own begins for new customers; None: none.

The simulator's own, so that a person sees by hand what months bring: whoever makes customers in
the product names no clock. A clock that begins in the past is moved on towards today.
"""
_TAX_ID_FORMS: Final = {"eu_vat": 4, "cn_tin": 15, "us_ein": 9, "gb_vat": 9, "hk_br": 8}
"""The least number of letters and digits of a few kinds; all others need three."""


def create(world: World, given: Given) -> Thing:
    """Make a customer, on a test clock if one is named."""
    clock = given.get("test_clock") or _own_clock(world, given.get("email") or given.get("name"))
    if clock:
        world.find("test_helpers.test_clock", clock, param="test_clock")
    thing: Thing = {
        "id": world.id("cus", 14),
        "object": "customer",
        **dict.fromkeys(("address", "description", "email", "name", "phone", "shipping")),
        "balance": given.get("balance", 0),
        "created": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": given.get("invoice_prefix") or secrets.token_hex(4).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": given.get("next_invoice_sequence", 1),
        "preferred_locales": [],
        "tax_exempt": "none",
        "test_clock": clock,
    }
    thing["created"] = world.now(thing)
    fill(thing, given, *_PLAIN)
    world.save(thing, event="customer.created")
    for each in given.get("tax_id_data", []):
        _add_tax_id(world, thing, each["type"], each["value"])
    try:
        _pay_with(world, thing, given)
    except faults.Declined as error:
        error.keeps = False
        raise
    return world.save(thing, event="customer.updated")


def _own_clock(world: World, name: str | None) -> str | None:
    days = world.store.setting(CLOCKS, None)
    if days is None:
        return None
    wished = {"frozen_time": world.now() - days * 86400, **({"name": name} if name else {})}
    return str(account.create_clock(world, Given(wished))["id"])


def update(world: World, given: Given, key: str) -> Thing:
    """Change a customer."""
    thing = world.find("customer", key)
    fill(thing, given, *_PLAIN, "balance", "invoice_prefix", "next_invoice_sequence")
    _pay_with(world, thing, given)
    return world.save(thing, event="customer.updated")


def _pay_with(world: World, thing: Thing, given: Given) -> None:
    """Attach a given payment method and take over the settings of invoices."""
    if given.get("payment_method"):
        methods.attach_to(world, given["payment_method"], thing)
    settings = dict(given.get("invoice_settings") or {})
    default = settings.get("default_payment_method")
    if default:
        method = world.find(
            "payment_method", default, param="invoice_settings[default_payment_method]"
        )
        if method.get("customer") != thing["id"]:
            raise faults.Refused(
                f"The customer does not have a payment method with the ID {default}. The payment "
                "method must be attached to the customer.",
                param="invoice_settings[default_payment_method]",
                code="resource_missing",
            )
    thing["invoice_settings"] = {
        **thing["invoice_settings"],
        **{name: value or None for name, value in settings.items()},
    }
    if given.get("source"):
        raise faults.unspoken("source")


def delete(world: World, given: Given, key: str) -> Thing:
    """Delete a customer: its subscriptions end at once, its cards go."""
    from regulars.local.stripe.engine import ending

    thing = world.find("customer", key)
    for each in world.store.every("subscription", customer=key):
        if each["status"] not in {"canceled", "incomplete_expired"}:
            ending.cancel(world, each)
    gone = {"id": key, "object": "customer", "deleted": True, "_clock": thing.get("test_clock")}
    world.store.put(gone, clock=thing.get("test_clock"))
    world.emit("customer.deleted", thing)
    return gone


def retrieve(world: World, given: Given, key: str) -> Thing:
    """Give a customer; one that was deleted says so."""
    return world.find("customer", key)


def listing(world: World, given: Given) -> list[Thing]:
    """List customers; those on test clocks only by their clock, as Stripe does."""
    given.reads("created")
    clock, email = given.get("test_clock"), given.get("email")
    return [
        each
        for each in world.store.every("customer")
        if not each.get("deleted")
        and each.get("test_clock") == clock
        and (email is None or each.get("email") == email)
        and ("created" not in given or within(each["created"], given["created"]))
    ]


def payment_methods(world: World, given: Given, key: str) -> list[Thing]:
    """List the payment methods of a customer."""
    world.find("customer", key)
    kind = given.get("type")
    found = world.store.every("payment_method", customer=key)
    return [each for each in found if kind in (None, each["type"])]


def payment_method(world: World, given: Given, key: str, method: str) -> Thing:
    """Give one payment method of a customer."""
    found = world.find("payment_method", method)
    if found.get("customer") != key:
        raise faults.Unknown("payment_method", method)
    return found


def add_tax_id(world: World, given: Given, key: str) -> Thing:
    """Write down a tax id of a customer."""
    return _add_tax_id(world, world.find("customer", key), given["type"], given["value"])


def _add_tax_id(world: World, customer: Thing, kind: str, value: str) -> Thing:
    signs = sum(each.isalnum() for each in value)
    if signs < _TAX_ID_FORMS.get(kind, 3):
        raise faults.Refused(f"Invalid value for {kind}.", param="value", code="tax_id_invalid")
    thing: Thing = {
        "id": world.id("txi"),
        "object": "tax_id",
        "country": kind[:2].upper() if kind != "eu_vat" else value[:2].upper(),
        "created": world.now(customer),
        "customer": customer["id"],
        "livemode": False,
        "owner": {"type": "customer", "customer": customer["id"]},
        "type": kind,
        "value": value,
        "verification": {"status": "pending", "verified_address": None, "verified_name": None},
    }
    return world.save(thing, event="customer.tax_id.created")


def tax_ids(world: World, given: Given, key: str) -> list[Thing]:
    """List the tax ids of a customer."""
    world.find("customer", key)
    return [each for each in world.store.every("tax_id", customer=key) if not each.get("deleted")]


def tax_id(world: World, given: Given, key: str, which: str) -> Thing:
    """Give one tax id of a customer."""
    found = world.find("tax_id", which)
    if found["customer"] != key:
        raise faults.Unknown("tax_id", which)
    return found


def delete_tax_id(world: World, given: Given, key: str, which: str) -> Thing:
    """Forget a tax id."""
    found = tax_id(world, given, key, which)
    world.store.remove(which)
    world.emit("customer.tax_id.deleted", found)
    return {"id": which, "object": "tax_id", "deleted": True}


def add_to_balance(world: World, given: Given, key: str) -> Thing:
    """Put money on a customer's credit balance (negative: the customer's own)."""
    customer = world.find("customer", key)
    customer["balance"] += given["amount"]
    customer["currency"] = customer["currency"] or given["currency"]
    world.save(customer, event="customer.updated")
    thing: Thing = {
        "id": world.id("cbtxn"),
        "object": "customer_balance_transaction",
        "amount": given["amount"],
        "created": world.now(customer),
        "currency": given["currency"],
        "customer": key,
        "description": given.get("description"),
        "ending_balance": customer["balance"],
        "livemode": False,
        "metadata": merged({}, given.get("metadata", {})),
        "type": "adjustment",
    }
    return world.save(thing)


def balance_transactions(world: World, given: Given, key: str) -> list[Thing]:
    """List what changed a customer's balance."""
    world.find("customer", key)
    return world.store.every("customer_balance_transaction", customer=key)
