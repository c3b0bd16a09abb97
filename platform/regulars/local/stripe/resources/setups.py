"""Setup intents: keeping a card for later, with 3-D Secure where the card wants it."""

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given, fill, merged
from regulars.local.stripe.resources import intents, methods
from regulars.local.stripe.store import Thing
from regulars.local.stripe.world import World


def make(
    world: World,
    *,
    customer: str | None,
    metadata: dict[str, str] | None = None,
    usage: str = "off_session",
    subscription: str | None = None,
) -> Thing:
    """Write a setup intent down that has no card yet."""
    key = world.id("seti")
    thing: Thing = {
        "id": key,
        "object": "setup_intent",
        "client_secret": f"{key}_{world.id('secret')}",
        "created": 0,
        "customer": customer,
        "livemode": False,
        "metadata": metadata or {},
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": usage,
        "_subscription": subscription,
    }
    thing["created"] = world.now(thing)
    return world.save(thing, event="setup_intent.created")


def create(world: World, given: Given) -> Thing:
    """Make a setup intent, and confirm it if that is asked."""
    if given.get("customer"):
        world.find("customer", given["customer"], param="customer")
    thing = make(
        world,
        customer=given.get("customer"),
        metadata=merged({}, given.get("metadata", {})),
        usage=given.get("usage", "off_session"),
    )
    fill(thing, given, "description")
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
        return _confirm(world, thing, return_url=given.get("return_url"))
    _ = given.get("return_url")
    return thing


def _take(world: World, thing: Thing, key: str) -> None:
    thing["payment_method"] = methods.named(world, key)["id"]
    thing["status"] = "requires_confirmation"


def update(world: World, given: Given, key: str) -> Thing:
    """Change a setup intent."""
    thing = _open(world, key)
    fill(thing, given, "description", "customer")
    if given.get("payment_method"):
        _take(world, thing, given["payment_method"])
    return world.save(thing)


def confirm(world: World, given: Given, key: str) -> Thing:
    """Keep the card. Raises Declined if the bank refuses."""
    thing = _open(world, key)
    if given.get("payment_method"):
        _take(world, thing, given["payment_method"])
    return _confirm(world, thing, return_url=given.get("return_url"))


def _confirm(world: World, thing: Thing, *, return_url: str | None) -> Thing:
    if not thing["payment_method"]:
        raise faults.Refused(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
        )
    return attempt(world, thing, return_url=return_url)


def attempt(
    world: World, thing: Thing, *, is_authenticated: bool = False, return_url: str | None = None
) -> Thing:
    """Keep the card of a setup intent for its customer. Raises Declined."""
    method = world.find("payment_method", thing["payment_method"])
    card = methods.card_of(method)
    if card.asks != "never" and not is_authenticated:
        thing["status"] = "requires_action"
        thing["next_action"] = intents.next_action(world, thing, return_url)
        return world.save(thing, event="setup_intent.requires_action")
    if card.declines and not card.attaches:
        error = card.refusal()
        return _failed(world, thing, method, error)
    method["_is_set_up"] = True
    is_new = thing["customer"] and method["customer"] != thing["customer"]
    method["customer"] = thing["customer"]
    world.save(method, event="payment_method.attached" if is_new else None)
    thing.update(status="succeeded", next_action=None, last_setup_error=None)
    world.save(thing, event="setup_intent.succeeded")
    subscription = world.store.get(thing["_subscription"] or "")
    if subscription:
        subscription.update(pending_setup_intent=None, default_payment_method=method["id"])
        world.save(subscription, event="customer.subscription.updated")
    return thing


def refuse_authentication(world: World, thing: Thing) -> None:
    """Write down that the holder did not prove who they are. Raises Declined."""
    method = world.find("payment_method", thing["payment_method"])
    error = faults.Declined(
        "We are unable to authenticate your payment method. Please choose a different payment "
        "method and try again.",
        code="setup_intent_authentication_failure",
    )
    _failed(world, thing, method, error)


def _failed(world: World, thing: Thing, method: Thing, error: faults.Declined) -> Thing:
    body = error.body()["error"]
    thing["last_setup_error"] = {**body, "payment_method": method}
    thing.update(status="requires_payment_method", payment_method=None, next_action=None)
    world.save(thing, event="setup_intent.setup_failed")
    error.extra["setup_intent"] = thing
    raise error


def cancel(world: World, given: Given, key: str) -> Thing:
    """Give a setup intent up."""
    thing = _open(world, key)
    reason = given.get("cancellation_reason")
    thing.update(status="canceled", cancellation_reason=reason, next_action=None)
    return world.save(thing, event="setup_intent.canceled")


def _open(world: World, key: str) -> Thing:
    thing = world.find("setup_intent", key)
    if thing["status"] in {"succeeded", "canceled"}:
        raise faults.Refused(
            f"This SetupIntent's status is {thing['status']}, so that cannot be done.",
            code="setup_intent_unexpected_state",
        )
    return thing
