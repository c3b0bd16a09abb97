"""What an owner does about the subscription: allowed, done by billing, and written down (S3).

Nothing here runs in a transaction: each call to Stripe is committed before it is made.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.audit.services import record
from regulars.billing import services
from regulars.billing.models import Subscription
from regulars.billing.services import CheckoutLink
from regulars.tenancy import context

_PERMISSION: Final = "billing.manage"
_TOLD: Final = ("plan", "interval", "next_plan", "next_interval", "cancels_at")


def subscribe(
    *,
    actor: Actor,
    plan: str,
    interval: str,
    currency: str,
    stores: int,
    success_url: str,
    cancel_url: str,
    now: datetime,
) -> CheckoutLink:
    """Return where to pay for a plan. Raises Forbidden and what billing's own raises."""
    require(actor, _PERMISSION)
    found = services.subscribe(
        chain=context.current(),
        plan=plan,
        interval=interval,
        currency=currency,
        stores=stores,
        success_url=success_url,
        cancel_url=cancel_url,
        now=now,
    )
    wish = {"plan": plan, "interval": interval, "currency": currency, "stores": stores}
    record(actor=actor, action="billing.checkout", object_kind="subscription", data=wish)
    return found


def portal(*, actor: Actor, return_url: str, now: datetime) -> str:
    """Return where cards and invoices are looked after. Raises Forbidden and billing's own."""
    require(actor, _PERMISSION)
    url = services.portal(chain=context.current(), return_url=return_url, now=now)
    record(actor=actor, action="billing.portal", object_kind="subscription")
    return url


def change(
    *, actor: Actor, plan: str, interval: str, now: datetime, prorated_at: datetime | None = None
) -> Subscription:
    """Change the plan or its interval; `prorated_at` is the moment for which it was shown.

    Raises Forbidden and what billing's own raises.
    """
    return _done(
        actor,
        "billing.changed",
        lambda: services.change(
            chain=context.current(),
            plan=plan,
            interval=interval,
            now=now,
            prorated_at=prorated_at,
        ),
    )


def cancel(*, actor: Actor, now: datetime, feedback: str = "", comment: str = "") -> Subscription:
    """End the subscription with its period. Raises Forbidden and what billing's own raises."""
    return _done(
        actor,
        "billing.cancelled",
        lambda: services.cancel(
            chain=context.current(), now=now, feedback=feedback, comment=comment
        ),
    )


def take_back(*, actor: Actor, now: datetime) -> Subscription:
    """Let a cancelled subscription go on. Raises Forbidden and what billing's own raises."""
    return _done(
        actor,
        "billing.taken-back",
        lambda: services.take_back(chain=context.current(), now=now),
    )


def _done(actor: Actor, action: str, do: Callable[[], Subscription]) -> Subscription:
    """Do it, and write down what is different; a second time nothing is."""
    require(actor, _PERMISSION)
    before = Subscription.objects.get(chain_id=context.current().id)
    after = do()
    changed = {
        name: [str(getattr(before, name) or ""), str(getattr(after, name) or "")]
        for name in _TOLD
        if getattr(before, name) != getattr(after, name)
    }
    if changed:
        record(
            actor=actor,
            action=action,
            object_kind="subscription",
            object_id=after.pk,
            data={"changed": changed},
        )
    return after
