"""Payment intents and the charges that come of them."""

from typing import Any

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given, fill, merged
from regulars.local.stripe.resources import methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World

_OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def make(
    world: World,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    invoice: str | None = None,
    future: str | None = None,
) -> Thing:
    """Write a payment intent down that has nothing to pay with yet."""
    key = world.id("pi")
    thing: Thing = {
        "id": key,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{key}_{world.id('secret')}",
        "confirmation_method": "automatic",
        "created": 0,
        "currency": currency,
        "customer": customer,
        "description": description,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata or {},
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "setup_future_usage": future,
        "status": "requires_payment_method",
        "_invoice": invoice,
    }
    thing["created"] = world.now(thing)
    return world.save(thing, event="payment_intent.created")


def create(world: World, given: Given) -> Thing:
    """Make a payment intent, and confirm it if that is asked."""
    if given["amount"] < 1:
        raise faults.Refused(
            "Invalid positive integer", param="amount", code="parameter_invalid_integer"
        )
    customer = given.get("customer")
    if customer:
        world.find("customer", customer, param="customer")
    thing = make(
        world,
        amount=given["amount"],
        currency=given["currency"].lower(),
        customer=customer,
        metadata=merged({}, given.get("metadata", {})),
        future=given.get("setup_future_usage"),
    )
    fill(thing, given, "description", "receipt_email", "statement_descriptor", "shipping")
    for name in (
        "automatic_payment_methods",
        "allowed_payment_method_types",
        "payment_method_options",
    ):
        _ = given.get(name)
    if given.get("payment_method"):
        _take(world, thing, given["payment_method"])
    world.save(thing)
    if given.get("confirm"):
        return _confirm(world, thing, given)
    _ = given.get("off_session"), given.get("return_url")
    return thing


def _take(world: World, thing: Thing, key: str) -> None:
    method = methods.named(world, key)
    if method["customer"] not in (None, thing["customer"]):
        raise faults.Refused(
            "The provided PaymentMethod belongs to another Customer.", param="payment_method"
        )
    thing["payment_method"] = method["id"]
    thing["status"] = "requires_confirmation"


def update(world: World, given: Given, key: str) -> Thing:
    """Change an intent that is not paid yet."""
    thing = _open(world, key)
    fill(thing, given, "amount", "description", "receipt_email", "setup_future_usage")
    if given.get("payment_method"):
        _take(world, thing, given["payment_method"])
    return world.save(thing)


def confirm(world: World, given: Given, key: str) -> Thing:
    """Try to pay. Raises Declined if the card is refused."""
    thing = _open(world, key)
    if given.get("payment_method"):
        _take(world, thing, given["payment_method"])
    fill(thing, given, "setup_future_usage")
    return _confirm(world, thing, given)


def _confirm(world: World, thing: Thing, given: Given) -> Thing:
    if not thing["payment_method"]:
        raise faults.Refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    attempt(
        world,
        thing,
        is_off_session=bool(given.get("off_session")),
        return_url=given.get("return_url"),
    )
    invoice = world.store.get(thing["_invoice"] or "")
    if invoice and invoice["status"] == "open":
        from regulars.local.stripe.engine import paying

        paying.after_attempt(world, invoice)
    return settled(world, thing["id"])


def settled(world: World, key: str) -> Thing:
    """Tell what became of an attempt: give the intent, or raise Declined."""
    thing = world.find("payment_intent", key)
    error = thing.get("last_payment_error")
    if thing["status"] == "requires_payment_method" and error:
        raise declined(thing)
    return thing


def declined(thing: Thing) -> faults.Declined:
    """Give the error of an intent whose card was refused."""
    error = dict(thing["last_payment_error"])
    known = {name: error.pop(name, None) for name in ("message", "param", "code")}
    extra = {**error, "payment_intent": thing}
    return faults.Declined(
        known["message"] or "", param=known["param"], code=known["code"], extra=extra
    )


def cancel(world: World, given: Given, key: str) -> Thing:
    """Give an intent up."""
    thing = _open(world, key)
    return canceled(world, thing, given.get("cancellation_reason"))


def canceled(world: World, thing: Thing, reason: str | None) -> Thing:
    """Write down that an intent was given up."""
    thing.update(
        status="canceled",
        canceled_at=world.now(thing),
        cancellation_reason=reason,
        next_action=None,
    )
    return world.save(thing, event="payment_intent.canceled")


def _open(world: World, key: str) -> Thing:
    thing = world.find("payment_intent", key)
    if thing["status"] not in _OPEN:
        raise faults.Refused(
            f"This PaymentIntent's status is {thing['status']}, so that cannot be done.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": thing},
        )
    return thing


def attempt(
    world: World,
    thing: Thing,
    *,
    is_off_session: bool,
    is_authenticated: bool = False,
    return_url: str | None = None,
) -> Thing:
    """Try to pay an intent with its card; the intent tells how it went. Never raises Declined."""
    method = world.find("payment_method", thing["payment_method"])
    card = methods.card_of(method)
    asks = card.asks == "always" or (card.asks == "unless-set-up" and not method["_is_set_up"])
    if asks and not is_authenticated:
        if is_off_session and thing["_invoice"] is None:
            return _failed(world, thing, method, _authentication_required())
        thing["status"] = "requires_action"
        thing["next_action"] = next_action(world, thing, return_url)
        thing["last_payment_error"] = None
        return world.save(thing, event="payment_intent.requires_action")
    if card.declines:
        return _failed(world, thing, method, card.refusal())
    charge = _charge(world, thing, method, error=None)
    if thing["setup_future_usage"] or is_authenticated:
        method["_is_set_up"] = True
    if thing["setup_future_usage"] and thing["customer"] and not method["customer"]:
        method["customer"] = thing["customer"]
        world.save(method, event="payment_method.attached")
    else:
        world.save(method)
    thing.update(
        amount_received=thing["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        status="succeeded",
    )
    world.save(thing, event="payment_intent.succeeded")
    return thing


def next_action(world: World, thing: Thing, return_url: str | None) -> dict[str, Any]:
    """Say where the holder of a card proves who they are."""
    url = f"{world.address}/3ds/{thing['id']}?secret={thing['client_secret']}"
    if return_url:
        thing["_return_url"] = return_url
        return {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": url},
        }
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url}}


def _authentication_required() -> faults.Declined:
    return faults.Declined(
        "Your card was declined. This transaction requires authentication.",
        code="authentication_required",
        extra={"decline_code": "authentication_required"},
    )


def refuse_authentication(world: World, thing: Thing) -> Thing:
    """Write down that the holder did not prove who they are."""
    method = world.find("payment_method", thing["payment_method"])
    error = faults.Refused(
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again.",
        code="payment_intent_authentication_failure",
    )
    thing["next_action"] = None
    return _failed(world, thing, method, error, charged=False)


def _failed(
    world: World, thing: Thing, method: Thing, error: faults.Refused, *, charged: bool = True
) -> Thing:
    body = error.body()["error"]
    thing["last_payment_error"] = {**body, "payment_method": method}
    if charged:
        charge = _charge(world, thing, method, error=error)
        thing["last_payment_error"]["charge"] = charge["id"]
        thing["latest_charge"] = charge["id"]
    thing["status"] = "requires_payment_method"
    thing["payment_method"] = None
    thing["next_action"] = None
    return world.save(thing, event="payment_intent.payment_failed")


def _charge(world: World, intent: Thing, method: Thing, *, error: faults.Refused | None) -> Thing:
    is_paid = error is None
    thing: Thing = {
        "id": world.id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if is_paid else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "captured": is_paid,
        "created": world.now(intent),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": error.code if error else None,
        "failure_message": error.message if error else None,
        "livemode": False,
        "metadata": {},
        "outcome": {
            "network_status": "approved_by_network" if is_paid else "declined_by_network",
            "reason": error.extra.get("decline_code") if error else None,
            "risk_level": "normal",
            "risk_score": 20,
            "seller_message": "Payment complete."
            if is_paid
            else "The bank did not return any further details with this decline.",
            "type": "authorized" if is_paid else "issuer_declined",
        },
        "paid": is_paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": method["card"], "type": "card"},
        "refunded": False,
        "status": "succeeded" if is_paid else "failed",
    }
    return world.save(thing, event="charge.succeeded" if is_paid else "charge.failed")
