"""Putting what Stripe's client read into our own words; whoever calls gives the client."""

from datetime import UTC, datetime
from typing import Any

from regulars.billing.seen import Seen


def seen(found: Any, client: Any) -> Seen | None:
    """Return a subscription in our words; None if nothing in it is paid by the store."""
    item = next((each for each in found["items"].data if not _is_metered(each.price)), None)
    if item is None:
        return None
    metered = [each for each in found["items"].data if _is_metered(each.price)]
    planned, next_plan = _planned(found, item, client) if found.schedule else ({}, "")
    return Seen(
        id=found.id,
        status=found.status,
        plan=said(item.price, "plan"),
        interval=item.price.recurring.interval,
        currency=found.currency.upper(),
        item=item.id,
        quantity=item.quantity,
        # One made at Stripe by hand may go by steps: what recurs is not known, and counts nothing.
        unit_minor=item.price.unit_amount or 0,
        period_starts_at=moment(item.current_period_start),
        period_ends_at=moment(item.current_period_end),
        cancels_at=moment(found.cancel_at) if found.cancel_at else None,
        cancels_with_period=bool(found.cancel_at_period_end),
        ended_at=moment(found.ended_at) if found.ended_at else None,
        messages_item=metered[0].id if metered else "",
        messages_price=metered[0].price.id if metered else "",
        schedule=found.schedule or "",
        next_plan=next_plan,
        next_interval=planned.get("interval", ""),
        planned=planned,
    )


def _planned(found: Any, item: Any, client: Any) -> tuple[dict[str, Any], str]:
    """Return what a schedule begins at the period's end, so that it can be planned again."""
    schedule = client.subscription_schedules.retrieve(found.schedule)
    later = [each for each in schedule.phases if each.start_date >= item.current_period_end]
    planned: dict[str, Any] = {}
    plan = ""
    for each in later[0]["items"] if later else []:
        price = client.prices.retrieve(each.price)
        if _is_metered(price):
            planned["messages"] = price.id
            continue
        plan, interval = said(price, "plan"), price.recurring.interval
        planned |= {"price": price.id, "quantity": each.quantity, "interval": interval}
        planned["begins"] = interval != item.price.recurring.interval
    return (planned, plan) if "price" in planned else ({}, "")


def _is_metered(price: Any) -> bool:
    return bool(price.recurring.usage_type == "metered")


def said(thing: Any, name: str) -> str:
    """Return a word of a thing's metadata, "" without it."""
    return str(thing.metadata.to_dict().get(name, "")) if thing.metadata is not None else ""


def unpaid_since(chosen: Any, client: Any) -> datetime:
    """Return when the first invoice fell due of those that nobody has paid since the last payment.

    What was written off counts only where nothing is open: the owner was forgiven it, or else all
    attempts of a run have failed and the subscription still owes.
    """
    missed: dict[str, list[int]] = {"open": [], "uncollectible": []}
    listed = client.invoices.list({"subscription": chosen.id, "limit": 100})
    for each in listed.auto_paging_iter():  # the newest first
        if each.status == "paid" and each.total > 0:
            break
        if each.status in missed:
            due = each.due_date or each.status_transitions.finalized_at or each.created
            missed[each.status].append(due)
    found = missed["open"] or missed["uncollectible"]
    return moment(min(found, default=chosen["items"].data[0].current_period_start))


def is_as_asked(found: Any, update: Any) -> bool:
    """Say whether a subscription stands as an update of it asked for."""
    items = {each.id: each for each in found["items"].data}
    prices = {each.price.id for each in items.values()}
    for each in update.get("items", []):
        there = items.get(each.get("id", ""))
        if "id" in each and there is None:
            return False
        if "price" in each and each["price"] not in ({there.price.id} if there else prices):
            return False
        if "quantity" in each and there is not None and there.quantity != each["quantity"]:
            return False
    if "cancel_at" in update:
        return bool(found.cancel_at) == bool(update["cancel_at"])
    return "cancel_at_period_end" not in update or not found.cancel_at_period_end


def moment(stamp: int) -> datetime:
    """Return Stripe's seconds as a moment."""
    return datetime.fromtimestamp(stamp, UTC)
