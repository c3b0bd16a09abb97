"""Payment methods: cards, kept by number or by the names of test cards."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from regulars.local.stripe import cards, faults
from regulars.local.stripe.given import Given, fill, merged
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_NOBODY: Final = {
    "address": {
        "city": None, "country": None, "line1": None, "line2": None, "postal_code": None,
        "state": None,
    },
    "email": None,
    "name": None,
    "phone": None,
    "tax_id": None,
}  # fmt: skip


def create(world: World, given: Given) -> Thing:
    """Make a payment method; only cards are spoken."""
    if given.get("type", "card") != "card":
        raise faults.unspoken(f"type={given['type']}")
    card = given.get("card")
    if not card:
        raise faults.missing("card")
    if "cvc" in card and not (card["cvc"].isdecimal() and len(card["cvc"]) in {3, 4}):
        raise faults.Declined(
            "Your card's security code is invalid.", param="card[cvc]", code="invalid_cvc"
        )
    thing = make(
        world,
        number=card.get("number", ""),
        month=card.get("exp_month", 0),
        year=card.get("exp_year", 0),
        token=card.get("token"),
        billing=given.get("billing_details") or {},
    )
    fill(thing, given, "allow_redisplay")
    return world.save(thing)


def make(
    world: World,
    *,
    number: str = "",
    month: int = 12,
    year: int = 0,
    token: str | None = None,
    billing: dict[str, Any] | None = None,
    clock: str | None = None,
) -> Thing:
    """Write a card down. Raises Declined for a number or a date that cannot be."""
    card = cards.BY_NAME.get(token) if token else cards.read(number)
    if card is None:
        raise faults.Unknown("token", str(token), param="card[token]", status=400)
    now = datetime.fromtimestamp(world.now(), UTC)
    year = (year or now.year + 5) + (2000 if 0 < year < 100 else 0)
    if not 1 <= month <= 12:
        raise faults.Declined(
            "Your card's expiration month is invalid.",
            param="exp_month",
            code="invalid_expiry_month",
        )
    if (year, month) < (now.year, now.month):
        raise faults.Declined(
            "Your card's expiration year is invalid.", param="exp_year", code="invalid_expiry_year"
        )
    given = billing or {}
    thing: Thing = {
        "id": world.id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            **_NOBODY,
            **{name: value or None for name, value in given.items() if name != "address"},
            "address": {**_NOBODY["address"], **(given.get("address") or {})},  # type: ignore[dict-item]
        },
        "card": _shown(card, month, year),
        "created": world.now(),
        "customer": None,
        "livemode": False,
        "metadata": merged({}, {}),
        "type": "card",
        "_number": card.number,
        "_is_set_up": False,
        "_clock": clock,
    }
    return world.save(thing)


def _shown(card: cards.Card, month: int, year: int) -> Thing:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def card_of(thing: Thing) -> cards.Card:
    """Give the test card behind a payment method."""
    return cards.BY_NUMBER[thing["_number"]]


def named(world: World, key: str, *, param: str = "payment_method") -> Thing:
    """Give a payment method; the name of a test card makes a new one each time."""
    if key in cards.BY_NAME:
        return make(world, token=key)
    return world.find("payment_method", key, param=param)


def attach_to(world: World, key: str, customer: Thing) -> Thing:
    """Keep a payment method for a customer. Raises Declined if the bank refuses that."""
    thing = named(world, key)
    if thing["customer"] == customer["id"]:
        return thing
    if thing["customer"]:
        raise faults.Refused(
            "The payment method you provided has already been attached to a customer.",
            param="payment_method",
            code="payment_method_unexpected_state",
        )
    card = card_of(thing)
    if card.declines and not card.attaches:
        raise card.refusal(payment_method=thing)
    thing["customer"] = customer["id"]
    return world.save(thing, event="payment_method.attached")


def attach(world: World, given: Given, key: str) -> Thing:
    """Attach a payment method to a customer."""
    if not given.get("customer"):
        raise faults.missing("customer")
    return attach_to(world, key, world.find("customer", given["customer"], param="customer"))


def detach(world: World, given: Given, key: str) -> Thing:
    """Take a payment method from its customer; whatever named it as its default forgets it."""
    thing = world.find("payment_method", key)
    owner = thing["customer"]
    if owner is None:
        raise faults.Refused(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            code="payment_method_unexpected_state",
        )
    customer = world.find("customer", owner)
    if customer["invoice_settings"]["default_payment_method"] == key:
        customer["invoice_settings"] = {
            **customer["invoice_settings"], "default_payment_method": None,
        }  # fmt: skip
        world.save(customer, event="customer.updated")
    for each in world.store.every("subscription", customer=owner):
        if each["default_payment_method"] == key:
            each["default_payment_method"] = None
            world.save(each, event="customer.subscription.updated")
    thing["customer"] = None
    world.save(thing)
    world.emit("payment_method.detached", thing, previous={"customer": owner})
    return thing


def update(world: World, given: Given, key: str) -> Thing:
    """Change the date of a card or whose it is."""
    thing = world.find("payment_method", key)
    card = given.get("card") or {}
    for name in ("exp_month", "exp_year"):
        if name in card:
            thing["card"][name] = card[name]
    details = given.get("billing_details") or {}
    thing["billing_details"] = {**thing["billing_details"], **details}
    fill(thing, given, "allow_redisplay")
    return world.save(thing, event="payment_method.updated")


def listing(world: World, given: Given) -> list[Thing]:
    """List payment methods of a customer, or all."""
    given.reads("type")
    found = world.store.every("payment_method", customer=given.get("customer"))
    return [each for each in found if given.get("type") in (None, each["type"])]


def default_of(world: World, customer: Thing, subscription: Thing | None) -> Thing | None:
    """Give the payment method that pays: the subscription's, else the customer's."""
    key = (subscription or {}).get("default_payment_method") or customer["invoice_settings"][
        "default_payment_method"
    ]
    return world.store.get(key) if key else None


def make_default(world: World, customer: Thing, key: str) -> None:
    """Let a card pay everything of a customer from now on, as the portal does."""
    settings = {**customer["invoice_settings"], "default_payment_method": key}
    customer["invoice_settings"] = settings
    world.save(customer, event="customer.updated")
    for each in world.store.every("subscription", customer=customer["id"]):
        if each["status"] not in {"canceled", "incomplete_expired"} and each[
            "default_payment_method"
        ] not in (None, key):
            each["default_payment_method"] = key
            world.save(each, event="customer.subscription.updated")
