"""Starting and changing subscriptions.

Whoever calls these is in no transaction: each call to Stripe is committed before it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from regulars.billing import calls, gateway, plans, pricing, settling
from regulars.billing.models import Subscription
from regulars.billing.seen import Seen
from regulars.errors import Conflict, Invalid
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain

_LOCALES: Final = {"zh-hans": "zh", "zh-hant": "zh-TW", "en": "en"}
_SHORTEST_TRIAL: Final = timedelta(hours=49)
"""Checkout takes the moment of a trial's end only two days ahead; below that, whole days."""


class AlreadySubscribed(Conflict):
    """The chain has a subscription that runs: it is changed, not bought again."""

    code = "already-subscribed"
    sentence = _("You have a subscription already. Change it instead.")


class NotSubscribed(Conflict):
    """There is no subscription that could be changed."""

    code = "not-subscribed"
    sentence = _("No subscription of yours runs. Choose a plan first.")


class Ending(Conflict):
    """The subscription ends anyway."""

    code = "subscription-ends"
    sentence = _("Your subscription is cancelled. Take the cancellation back first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutLink:
    """Where somebody pays."""

    session: str
    url: str


def trial(*, chain: Chain, now: datetime) -> Subscription:
    """Return the trial of a new chain, without a card; whoever opens the chain writes it."""
    return Subscription(
        chain=chain,
        plan=plans.DEFAULT,
        trial_ends_at=now + timedelta(days=plans.TRIAL_DAYS),
    )


# Buying -------------------------------------------------------------------------------------------


def subscribe(
    *,
    chain: ChainInfo,
    plan: str,
    interval: str,
    currency: str,
    stores: int,
    success_url: str,
    cancel_url: str,
    now: datetime,
) -> CheckoutLink:
    """Return where to pay for a plan; the days of the trial that are left stay free.

    At most one session is open: the same wish gets the same one, another wish closes it. Raises
    Invalid, AlreadySubscribed, pricing.NoPrice, gateway.Refused or gateway.Away.
    """
    wish: dict[str, Any] = {"plan": plan, "interval": interval, "currency": currency}
    _check(**wish)
    settling.settle(chain_id=chain.id, now=now)
    row = Subscription.objects.get(chain_id=chain.id)
    if row.status in gateway.LIVE:
        raise AlreadySubscribed
    if currency not in plans.currencies_of(chain.currency, row.currency):
        raise Invalid(fields={"currency": [_("You pay in the currency of your workspace.")]})
    wish |= {"stores": max(1, stores), **_left_of_trial(row, now)}
    parameters = {
        "mode": "subscription",
        "customer": _customer_of(chain, now=now),
        "client_reference_id": str(chain.id),
        "line_items": [
            {"price": pricing.of_store(plan, interval, currency), "quantity": wish["stores"]},
            *pricing.messages(plan, interval, currency),
        ],
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": _locale(chain),
        "allow_promotion_codes": True,
        "tax_id_collection": {"enabled": True},
        "customer_update": {"name": "auto", "address": "auto"},
        "metadata": {"chain": str(chain.id), "wish": gateway.fingerprint(wish)},
        "subscription_data": {"metadata": {"chain": str(chain.id)}, **_left_of_trial(row, now)},
    }
    for _attempt in range(5):
        found = _next_session(chain, parameters, now)
        if found is not None:
            return found
    raise gateway.Away


def _next_session(
    chain: ChainInfo, parameters: dict[str, Any], now: datetime
) -> CheckoutLink | None:
    """Take one step towards the one open session; None when another must follow."""
    with transaction.atomic(durable=True):
        Subscription.objects.select_for_update().get(chain_id=chain.id)  # one at a time
        call = calls.opened(chain_id=chain.id, verb="checkout")
        sessions = [] if call else gateway.open_sessions(parameters["customer"])
        if call is None and not sessions:
            call = calls.write_down(
                chain_id=chain.id, verb="checkout", subject="", parameters=parameters, now=now
            )
    if call is not None:
        answer = calls.finish(call, now=now)
        is_ours = call.parameters == parameters
        return CheckoutLink(session=answer["id"], url=answer["url"]) if is_ours else None
    same = [each for each in sessions if each["wish"] == parameters["metadata"]["wish"]][:1]
    for each in sessions:
        if each not in same:
            calls.make(
                chain_id=chain.id, verb="expire", subject=each["id"],
                parameters={"session": each["id"]}, now=now,
            )  # fmt: skip
    return CheckoutLink(session=same[0]["id"], url=same[0]["url"]) if same else None


def _locale(chain: ChainInfo) -> str:
    """Return the language of Stripe's pages: the reader's, as ours are; else the chain's."""
    return _LOCALES.get(get_language() or "") or _LOCALES.get(chain.language, "auto")


def _left_of_trial(row: Subscription, now: datetime) -> dict[str, int]:
    left = row.trial_ends_at - now
    if left <= timedelta():
        return {}
    if left >= _SHORTEST_TRIAL:
        return {"trial_end": ceil(row.trial_ends_at.timestamp())}
    return {"trial_period_days": ceil(left / timedelta(days=1))}


def _customer_of(chain: ChainInfo, *, now: datetime) -> str:
    """Return the chain's customer at Stripe, made when somebody first wants to pay."""
    rows = Subscription.objects.filter(chain_id=chain.id).values_list("customer", flat=True)
    left = calls.opened(chain_id=chain.id, verb="customer")
    if left is not None:
        calls.finish(left, now=now)
    if not rows.get():
        parameters = {
            "email": Chain.objects.values_list("owner_email", flat=True).get(pk=chain.id),
            "name": chain.name,
            "preferred_locales": [_LOCALES.get(chain.language, "en")],
            "metadata": {"chain": str(chain.id)},
        }
        calls.make(chain_id=chain.id, verb="customer", parameters=parameters, now=now)
    return rows.get()


def portal(*, chain: ChainInfo, return_url: str, now: datetime) -> str:
    """Return where cards and invoices are looked after. Raises NotSubscribed, Refused or Away."""
    customer = Subscription.objects.values_list("customer", flat=True).get(chain_id=chain.id)
    if not customer:
        raise NotSubscribed
    parameters = {
        "customer": customer,
        "return_url": return_url,
        "locale": _locale(chain),
    }
    answer = calls.make(chain_id=chain.id, verb="portal", parameters=parameters, now=now)
    return str(answer["url"])


# Changing -----------------------------------------------------------------------------------------


def is_at_once(seen: Seen | Subscription, *, plan: str, interval: str) -> bool:
    """Say whether a change happens now: more does, less waits until what was paid is used up."""
    if seen.status == "trialing":
        return True  # nothing was paid yet
    ranks = list(plans.PLANS)
    is_more = seen.plan not in ranks or ranks.index(plan) >= ranks.index(seen.plan)
    return is_more and not (seen.interval == "year" and interval == "month")


def change(
    *,
    chain: ChainInfo,
    plan: str,
    interval: str,
    now: datetime,
    prorated_at: datetime | None = None,
) -> Subscription:
    """Change to another plan or interval: up at once and paid now, down at the period's end.

    The plan of now takes back a change that waits. A card that is refused changes nothing.
    `prorated_at` is the moment that a preview showed. Raises Invalid, NotSubscribed, Ending,
    pricing.NoPrice, gateway.CardRefused, gateway.Refused or gateway.Away.
    """
    seen = _running(chain, now=now)
    _check(plan=plan, interval=interval, currency=seen.currency)
    wish = _released(seen)
    if (plan, interval) == (seen.plan, seen.interval):
        return _make_change(chain, seen, wish if seen.schedule else {}, now=now)
    is_now = is_at_once(seen, plan=plan, interval=interval)
    if seen.cancels_at is not None and not (is_now and interval == seen.interval):
        raise Ending
    if is_now:
        wish["update"] = at_once(seen, plan=plan, interval=interval, prorated_at=prorated_at)
    else:
        wish["next"] = _next(seen, plan, interval, seen.quantity)
    return _make_change(chain, seen, wish, now=now)


def at_once(
    seen: Seen, *, plan: str, interval: str, prorated_at: datetime | None = None
) -> dict[str, Any]:
    """Return what a change of now asks of Stripe, and a preview of it too. Raises pricing.NoPrice.

    Another interval begins now and says so: flexible billing moves no dates by itself.
    """
    price = pricing.of_store(plan, interval, seen.currency)
    wish: dict[str, Any] = {
        "items": [
            {"id": seen.item, "price": price, "quantity": seen.quantity},
            *pricing.messages(plan, interval, seen.currency, item=seen.messages_item),
        ],
        "payment_behavior": "error_if_incomplete",
    }
    if seen.status == "trialing":
        return {**wish, "proration_behavior": "none"}  # nothing was paid yet
    wish["proration_behavior"] = "always_invoice"
    if interval != seen.interval:
        wish["billing_cycle_anchor"] = {"type": "now"}
    elif prorated_at is not None:
        wish["proration_date"] = int(prorated_at.timestamp())
    return wish


def _next(seen: Seen, plan: str, interval: str, quantity: int) -> dict[str, Any]:
    """Return what begins at the end of the period; another interval begins on that day."""
    messages = pricing.messages(plan, interval, seen.currency)
    return {
        "price": pricing.of_store(plan, interval, seen.currency),
        **({"messages": messages[0]["price"]} if messages else {}),
        "quantity": quantity,
        "interval": interval,
        "begins": interval != seen.interval,
    }


def keep_messages(*, chain: ChainInfo, now: datetime) -> bool:
    """Let a subscription that runs bill messages beyond the allowance; says whether it was missing.

    What was sent before is not billed by it. Raises gateway.Refused or gateway.Away.
    """
    try:
        seen = _running(chain, now=now)
    except NotSubscribed:
        return False
    items = [] if seen.messages_item else pricing.messages(seen.plan, seen.interval, seen.currency)
    wish: dict[str, Any] = {}
    if items:
        update = {"items": items, "proration_behavior": "none"}
        wish = {**_released(seen), "update": update}
    if items and seen.next_plan:
        wish["next"] = _next(seen, seen.next_plan, seen.next_interval, seen.quantity)
    _make_change(chain, seen, wish, now=now)
    return bool(items)


def keep_quantity(*, chain: ChainInfo, stores: int, now: datetime) -> Subscription:
    """Pay for as many stores as are open, by the day; what waits for the period's end waits on.

    A year is settled at once when it grows, a month with the next invoice. Nothing happens without
    a subscription. Raises pricing.NoPrice, gateway.Refused or gateway.Away.
    """
    try:
        seen = _running(chain, now=now)
    except NotSubscribed:
        return Subscription.objects.get(chain_id=chain.id)
    quantity = max(1, stores)
    if quantity == seen.quantity:  # perhaps by a call that was left half-way and ended just now
        return _make_change(chain, seen, {}, now=now)
    is_settled_now = seen.interval == "year" and quantity > seen.quantity
    wish: dict[str, Any] = {
        **_released(seen),
        "update": {
            "items": [{"id": seen.item, "quantity": quantity}],
            "proration_behavior": "always_invoice" if is_settled_now else "create_prorations",
        },
    }
    if seen.next_plan:
        wish["next"] = _next(seen, seen.next_plan, seen.next_interval, quantity)
    return _make_change(chain, seen, wish, now=now)


def cancel(
    *, chain: ChainInfo, now: datetime, feedback: str = "", comment: str = ""
) -> Subscription:
    """End the subscription with the period that is paid; a change that waits is dropped.

    `feedback` is Stripe's word for why or "", `comment` free words; both are kept there.
    """
    seen = _running(chain, now=now)
    update: dict[str, Any] = {"cancel_at": "max_period_end"}
    why = {"feedback": feedback, "comment": comment}
    if any(why.values()):
        update["cancellation_details"] = {name: text for name, text in why.items() if text}
    wish = {**_released(seen), "update": update}
    return _make_change(chain, seen, {} if seen.cancels_at else wish, now=now)


def take_back(*, chain: ChainInfo, now: datetime) -> Subscription:
    """Let a cancelled subscription go on, as long as its period lasts. Raises NotSubscribed."""
    seen = _running(chain, now=now)
    moves = seen.cancels_with_period
    wish = {"update": {"cancel_at_period_end": False} if moves else {"cancel_at": ""}}
    return _make_change(chain, seen, wish if seen.cancels_at else {}, now=now)


def _released(seen: Seen) -> dict[str, Any]:
    """Return what a change does with what waits: dropped, and there again if it is refused."""
    again = {"again": dict(seen.planned)} if seen.planned else {}
    return {"release": seen.schedule, **again}


def _running(chain: ChainInfo, *, now: datetime) -> Seen:
    """Return the subscription that runs, after whatever was left half-way; raises NotSubscribed."""
    row = Subscription.objects.get(chain_id=chain.id)
    if not row.customer:
        raise NotSubscribed
    left = calls.opened(chain_id=chain.id, verb="change", subject=row.subscription)
    if left is not None:
        calls.finish(left, now=now)
    seen = gateway.read(row.customer).subscription
    if seen is None or seen.status not in gateway.LIVE:
        settling.settle(chain_id=chain.id, now=now)  # it ended, and we were not told yet
        raise NotSubscribed
    return seen


def _make_change(
    chain: ChainInfo, seen: Seen, wish: Mapping[str, Any], *, now: datetime
) -> Subscription:
    if wish:
        parameters = {"subscription": seen.id, **wish}
        try:
            calls.make(
                chain_id=chain.id, verb="change", subject=seen.id, parameters=parameters, now=now
            )
        except gateway.Refused:
            if seen.planned:  # it was planned anew
                settling.settle(chain_id=chain.id, now=now)
            raise
    settling.settle(chain_id=chain.id, now=now)
    return Subscription.objects.get(chain_id=chain.id)


def _check(*, plan: str, interval: str, currency: str) -> None:
    faults = {}
    if plan not in plans.PLANS:
        faults["plan"] = [_("Choose one of the plans.")]
    if interval not in Subscription.Interval:
        faults["interval"] = [_("Choose by the month or by the year.")]
    if currency not in plans.CURRENCIES:
        faults["currency"] = [_("Choose one of the currencies.")]
    if faults:
        raise Invalid(fields=faults)
