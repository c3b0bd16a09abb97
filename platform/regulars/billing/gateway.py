"""Stripe, as the rest of billing sees it. Nothing else imports its client.

What goes out carries a key that the caller made from a row of ours (`calls`); what comes back is
our own. Errors are ours too: `Refused` was decided and asked again gives the same, `Away` may or
may not have happened and is tried again with the same key.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import stripe
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from regulars import errors
from regulars.billing import seeing
from regulars.billing.seen import Seen, Snapshot, Told

LIVE: Final = frozenset({"active", "trialing", "past_due", "unpaid", "paused"})
OLDEST: Final = timedelta(minutes=5)
"""How old a webhook's stamp may be."""
AHEAD: Final = timedelta(seconds=30)
"""How far a webhook's stamp may run ahead of our clock."""
PATIENCE: Final = (12, 6)
"""Seconds that one question to Stripe may take, and one of a page that somebody looks at."""
_SIGNATURE: Final = re.compile(r"t=([1-9][0-9]{0,11})(?:,v[0-9]{1,2}=[0-9a-f]{8,128})+")
_LOG = logging.getLogger(__name__)

_DECIDED: Final = (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError)
"""What is decided, unless its status says that the first call with the key still runs."""

type Answer = dict[str, Any]


class Away(errors.Unavailable):
    """The payment service did not answer; what was asked may have happened."""

    code = "billing-away"
    sentence = _(
        "The payment service does not answer right now. We go on trying: please look again in a "
        "few minutes before you repeat this."
    )


class Refused(errors.Conflict):
    """The payment service understood and refused; nothing was changed."""

    code = "billing-refused"
    sentence = _("The payment service refused this. Nothing was changed.")


class CardRefused(Refused):
    """The card was refused; nothing was changed."""

    code = "card-refused"
    sentence = _("The card was refused and nothing was changed. Choose another card and try again.")


class BadSignature(errors.RegularsError):
    """What was sent does not come from Stripe, or not now."""

    status = 400
    code = "bad-signature"
    sentence = _("The signature is not valid.")


@lru_cache(maxsize=4)
def _client(key: str, base: str, *, is_hurried: bool = False) -> Any:
    addresses: Any = {"api": base} if base else {}
    return stripe.StripeClient(
        key,
        base_addresses=addresses,
        max_network_retries=0 if is_hurried else 1,
        http_client=stripe.RequestsClient(timeout=PATIENCE[is_hurried]),
    ).v1


def client(*, is_hurried: bool = False) -> Any:
    """Return the official client, for the service that settings name. Raises Away without a key.

    The hurried one asks once and gives up soon: for a page that has something to show without it.
    """
    if not settings.STRIPE_API_KEY:
        _LOG.error("STRIPE_API_KEY is not set: nobody can subscribe.")
        raise Away
    return _client(settings.STRIPE_API_KEY, settings.STRIPE_API_BASE, is_hurried=is_hurried)


@contextmanager
def mapped() -> Iterator[None]:
    """Turn the client's errors into ours: decided, or not known."""
    try:
        yield
    except stripe.CardError as error:
        raise CardRefused from error
    except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        if error.http_status == 409:  # the first call with this key still runs
            raise Away from error
        _LOG.warning("Stripe refused: %s", error)
        raise Refused from error
    except stripe.StripeError as error:
        _LOG.warning("Stripe is away: %r", error)
        raise Away from error


# Webhooks -----------------------------------------------------------------------------------------


def verified(raw: bytes, header: str, *, now: datetime) -> Told:
    """Return the event of a webhook's body; raises BadSignature.

    The signature is that of the raw bytes. A stamp that is too old or in the future is refused:
    the client's own check lets the future through, and reads stamps more than one way.
    """
    found = _SIGNATURE.fullmatch(header)
    if found is None or not settings.STRIPE_WEBHOOK_SECRET:
        raise BadSignature
    stamp = datetime.fromtimestamp(int(found[1]), UTC)
    if not now - OLDEST <= stamp <= now + AHEAD:
        raise BadSignature
    try:
        text = raw.decode()
        stripe.WebhookSignature.verify_header(text, header, settings.STRIPE_WEBHOOK_SECRET, None)
        return _told(json.loads(text))
    except (ValueError, KeyError, TypeError, stripe.SignatureVerificationError) as error:
        raise BadSignature from error


def _told(payload: dict[str, Any]) -> Told:
    thing = payload["data"]["object"]
    customer = thing["id"] if thing.get("object") == "customer" else thing.get("customer")
    metadata = thing.get("metadata") or {}
    return Told(
        id=payload["id"],
        kind=payload["type"],
        customer=customer if isinstance(customer, str) else "",
        chain=str(metadata.get("chain", "")),
        happened_at=datetime.fromtimestamp(payload["created"], UTC),
        payload=payload,
    )


# Reading ------------------------------------------------------------------------------------------


def read(customer: str) -> Snapshot:
    """Read what a customer subscribes to and owes, now. Raises Away or Refused."""
    with mapped():
        listed = client().subscriptions.list({"customer": customer, "status": "all", "limit": 100})
        found = list(listed.auto_paging_iter())
        live = sorted((e for e in found if e.status in LIVE), key=lambda e: (e.created, e.id))
        over = sorted(
            (e for e in found if e.status == "canceled"), key=lambda e: (e.ended_at, e.id)
        )
        is_gone = not live and _is_gone(customer)
        if not live and not over:
            return Snapshot(is_gone=is_gone)
        chosen = live[0] if live else over[-1]
        owes = chosen.status in {"past_due", "unpaid", "paused"}
        return Snapshot(
            subscription=_seen(chosen),
            unpaid_since=seeing.unpaid_since(chosen, client()) if owes else None,
            live=len(live),
            is_gone=is_gone,
        )


def _seen(found: Any) -> Seen:
    seen = seeing.seen(found, client())
    if seen is None:
        _LOG.error("Nothing of %s is paid by the store: it was made by hand.", found.id)
        raise Refused
    return seen


def _is_gone(customer: str) -> bool:
    """Say whether a customer was deleted at Stripe."""
    return bool(getattr(client().customers.retrieve(customer), "deleted", False))


def open_sessions(customer: str) -> list[Answer]:
    """Return the Checkout sessions that somebody could still pay: id, url, expiry and wish."""
    with mapped():
        listed = client().checkout.sessions.list(
            {"customer": customer, "status": "open", "limit": 100}
        )
        return [
            _session(each) | {"wish": seeing.said(each, "wish")}
            for each in listed.auto_paging_iter()
        ]


def price(key: str) -> str | None:
    """Return the id of the active price with this lookup key."""
    with mapped():
        found = client().prices.list({"lookup_keys": [key], "active": True}).data
        return found[0].id if found else None


# Writing: `perform(verb, parameters, key=…)` ------------------------------------------------------


def fingerprint(wish: Mapping[str, Any]) -> str:
    """Return a short name of what somebody wishes, to know it again."""
    text = json.dumps(wish, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def perform(verb: str, parameters: Mapping[str, Any], *, key: str) -> Answer:
    """Make a writing call; with the same key again it gives the same and does nothing twice.

    A verb of several steps gives each a key of its own, made from `key`. Raises Refused or Away.
    """
    with mapped():
        return _VERBS[verb](parameters, key)


def _keyed(key: str, step: str = "") -> Any:
    return {"idempotency_key": f"regulars-{key}{step and '-' + step}"}


def _with_call(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {**given, "metadata": {**given.get("metadata", {}), "call": key}}


def _checkout(given: Mapping[str, Any], key: str) -> Answer:
    return _session(client().checkout.sessions.create(_with_call(given, key), _keyed(key)))


def _session(made: Any) -> Answer:
    return {"id": made.id, "url": made.url, "expires_at": made.expires_at}


def _expire(given: Mapping[str, Any], key: str) -> Answer:
    made = client().checkout.sessions.expire(given["session"], {}, _keyed(key))
    return {"id": made.id}


def _portal(given: Mapping[str, Any], key: str) -> Answer:
    made = client().billing_portal.sessions.create(dict(given), _keyed(key))
    return {"id": made.id, "url": made.url}


def _change(given: Mapping[str, Any], key: str) -> Answer:
    """Release a schedule, change what is now, cancel or not, and plan what comes; each if asked.

    In this order, because a subscription under a schedule cannot be changed beside it. If Stripe
    refuses after the release, what was planned before (`again`) is planned again.
    """
    subscription = given["subscription"]
    if given.get("release"):
        client().subscription_schedules.release(given["release"], {}, _keyed(key, "release"))
    try:
        if given.get("update"):
            client().subscriptions.update(
                subscription, dict(given["update"]), _keyed(key, "update")
            )
        if given.get("next"):
            _plan_next(subscription, given["next"], key)
    except _DECIDED as error:
        if given.get("again") and error.http_status != 409:
            _plan_next(subscription, given["again"], f"{key}-again")
        raise
    return {"id": subscription}


def _plan_next(subscription: str, after: Mapping[str, Any], key: str) -> None:
    made = client().subscription_schedules.create(
        {"from_subscription": subscription}, _keyed(key, "schedule")
    )
    asked = {"end_behavior": "release", "phases": _phases(made.phases[0], after)}
    try:
        client().subscription_schedules.update(made.id, asked, _keyed(key, "phases"))
    except _DECIDED as error:
        if error.http_status != 409:  # without its phases it only stands in the way
            client().subscription_schedules.release(made.id, {}, _keyed(key, "undo"))
        raise


def _phases(current: Any, after: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "items": [
                {n: found for n in ("price", "quantity") if (found := getattr(each, n, None))}
                for each in current["items"]
            ],
            "start_date": current.start_date,
            "end_date": current.end_date,
            **({"trial_end": current.trial_end} if current.trial_end else {}),
        },
        {
            "items": [
                {"price": after["price"], "quantity": after["quantity"]},
                *([{"price": after["messages"]}] if after.get("messages") else []),
            ],
            "duration": {"interval": after["interval"], "interval_count": 1},
            # At a period's end no store has time left; "none" would drop what messages cost.
            "proration_behavior": "create_prorations",
            # Else a year would begin in the past, where the months began, and cost nothing at first
            **({"billing_cycle_anchor": "phase_start"} if after.get("begins") else {}),
        },
    ]


def _changed(given: Mapping[str, Any], key: str) -> Answer | None:
    """End a change that began too long ago to repeat; None if it did not come about.

    Its release may have happened, so what comes next is planned as it was meant, or as it was.
    """
    if not given.get("release"):
        return None
    found = client().subscriptions.retrieve(given["subscription"])
    if found.status not in LIVE or found.schedule == given["release"]:
        return None
    is_made = seeing.is_as_asked(found, given.get("update") or {})
    if found.schedule:
        schedule = client().subscription_schedules.retrieve(found.schedule)
        if len(schedule.phases) > 1:
            return {"id": found.id} if is_made else None
        client().subscription_schedules.release(found.schedule, {}, _keyed(key, "late"))
    planned = given.get("next") if is_made else given.get("again")
    if planned and not found.cancel_at:
        _plan_next(found.id, planned, f"{key}-late")
    return {"id": found.id} if is_made else None


def _making(what: str) -> Callable[[Mapping[str, Any], str], Answer]:
    """Return the verb that makes one thing of a kind and writes its key on it."""

    def make(given: Mapping[str, Any], key: str) -> Answer:
        made = attrgetter(what)(client()).create(_with_call(given, key), _keyed(key))
        return {"id": made.id}

    return make


def _product_update(given: Mapping[str, Any], key: str) -> Answer:
    made = client().products.update(given["product"], dict(given["update"]), _keyed(key))
    return {"id": made.id}


def _archive(given: Mapping[str, Any], key: str) -> Answer:
    made = client().prices.update(given["price"], {"active": False}, _keyed(key))
    return {"id": made.id}


def _meter(given: Mapping[str, Any], key: str) -> Answer:
    made = client().billing.meters.create(dict(given), _keyed(key))
    return {"id": made.id}


def _messages(given: Mapping[str, Any], key: str) -> Answer:
    """Tell a meter; the key is the event's identifier as well."""
    made = client().billing.meter_events.create({**given, "identifier": key}, _keyed(key))
    return {"id": made.identifier}


_VERBS: Final = {
    "customer": _making("customers"),
    "checkout": _checkout,
    "expire": _expire,
    "portal": _portal,
    "change": _change,
    "product": _making("products"),
    "product-update": _product_update,
    "price": _making("prices"),
    "archive": _archive,
    "meter": _meter,
    "messages": _messages,
}


def made(verb: str, parameters: Mapping[str, Any], *, key: str) -> Answer | None:
    """Return what a call made whose key is too old to repeat; None if it made nothing.

    Stripe forgets keys after a day. What creates something wrote its key on it.
    """
    with mapped():
        if verb == "customer":
            listed = client().customers.list({"email": parameters["email"], "limit": 100})
        elif verb == "checkout":
            listed = client().checkout.sessions.list(
                {"customer": parameters["customer"], "limit": 100}
            )
        elif verb == "change":
            return _changed(parameters, key)
        else:
            return None
        found = [each for each in listed.auto_paging_iter() if seeing.said(each, "call") == key]
    if not found:
        return None
    return _session(found[0]) if verb == "checkout" else {"id": found[0].id}
