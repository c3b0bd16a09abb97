"""The page of a billing portal session: plan, cards, invoices."""

from typing import Final

from regulars.local.stripe import faults
from regulars.local.stripe.engine import ending
from regulars.local.stripe.given import Given
from regulars.local.stripe.pages import card_form, details_page, frame, invoice_page
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import Child, Markup, Page, button, el, form, redirect
from regulars.local.stripe.pages.words import Words
from regulars.local.stripe.resources import methods, subscriptions
from regulars.local.stripe.store import Thing

LASTS: Final = 3600
"""Seconds of real time for which the address of a portal is good, whatever a test clock says."""
_SHOWN: Final = 24


def answer(asked: Asked, key: str) -> Page:
    """Show the portal, or do what was clicked in it."""
    session = asked.world.store.get(key)
    if (
        session is None
        or session["object"] != "billing_portal.session"
        or asked.world.now() > session["_opened_at"] + LASTS
    ):
        return frame.gone(asked)
    if asked.method != "POST":
        return _show(asked, session, error=asked.query.get("error"))
    try:
        with asked.world.store.transaction("page"):
            return redirect(_do(asked, asked.world.find("billing_portal.session", key)))
    except faults.Refused as error:
        said = error.message
        if error.code == "tax_id_invalid":
            said = "This tax ID is not valid."
        return _show(asked, asked.world.find("billing_portal.session", key), error=said)


def _do(asked: Asked, session: Thing) -> str:
    world, here = asked.world, asked.with_language(asked.path)
    customer = world.find("customer", session["customer"])
    key = asked.form.get("id", "")
    match asked.form.get("action"):
        case "cancel" | "resume" as action:
            if not _features(asked, session)["subscription_cancel"]["enabled"]:
                raise faults.Refused("The portal does not offer this.")
            _owned(world.find("subscription", key), customer)
            _end(asked, session, key, ends=action == "cancel")
        case "details":
            details_page.change(asked, customer, _allowed(asked, session))
        case "tax-id" | "remove-tax-id" as action:
            if "tax_id" not in _allowed(asked, session):
                raise faults.Refused("The portal does not offer this.")
            if action == "tax-id":
                details_page.add_tax_id(asked, customer)
            else:
                details_page.remove_tax_id(asked, customer, key)
        case "default":
            _owned(world.find("payment_method", key), customer)
            methods.make_default(world, customer, key)
        case "remove":
            _owned(world.find("payment_method", key), customer)
            methods.detach(world, Given({}), key)
        case "card":
            intent = invoice_page.keep(asked, customer)
            if intent["status"] == "requires_action":
                intent["_back"] = here
                intent["_makes_default"] = True
                world.save(intent)
                return asked.with_language(f"/3ds/{intent['id']}", secret=intent["client_secret"])
            methods.make_default(world, customer, intent["payment_method"])
        case _:
            raise faults.Refused("Nothing was chosen.")
    after = (session["flow"] or {}).get("after_completion") or {}
    if after.get("type") == "redirect":
        return str(after["redirect"]["return_url"])
    return here


def _features(asked: Asked, session: Thing) -> Thing:
    found: Thing = asked.world.find("billing_portal.configuration", session["configuration"])
    features: Thing = found["features"]
    return features


def _allowed(asked: Asked, session: Thing) -> list[str]:
    """Give what of a customer may be changed here."""
    found = _features(asked, session)["customer_update"]
    return list(found["allowed_updates"]) if found["enabled"] else []


def _owned(thing: Thing, customer: Thing) -> None:
    if thing["customer"] != customer["id"]:
        raise faults.Unknown(thing["object"], thing["id"])


def _end(asked: Asked, session: Thing, key: str, *, ends: bool) -> None:
    features = _features(asked, session)["subscription_cancel"]
    if ends and features["mode"] == "immediately":
        subscriptions.cancel(
            asked.world, Given({"prorate": features["proration_behavior"] != "none"}), key
        )
        return
    # With flexible billing the portal sets the moment alone, `cancel_at_period_end` stays false
    # (billing/subscriptions/billing-mode/compare, "Cancellations in the Customer Portal").
    wished: Thing = {"cancel_at": "max_period_end" if ends else ""}
    subscriptions.update(asked.world, Given(wished), key)


def _show(asked: Asked, session: Thing, *, error: str | None) -> Page:
    words = asked.words(session["locale"])
    customer = asked.world.find("customer", session["customer"])
    features = _features(asked, session)
    flow = (session["flow"] or {}).get("type")
    back = session["return_url"]
    parts: list[Child] = [
        el(
            "header",
            el("p", el("a", f"← {words('Back')}", href=back)) if back else None,
            el("h1", words("Billing")),
            el("p", customer["email"] or customer["name"] or "", class_="soft"),
            frame.problem(words, error),
        )
    ]
    if flow != "payment_method_update":
        parts.append(_plans(asked, customer, words, can_cancel=bool(
            features["subscription_cancel"]["enabled"])))  # fmt: skip
    if features["payment_method_update"]["enabled"] and flow != "subscription_cancel":
        parts.append(_cards(asked, customer, words))
    if not flow:
        parts.append(details_page.section(asked, customer, _allowed(asked, session), words))
    if features["invoice_history"]["enabled"] and not flow:
        parts.append(_invoices(asked, customer, words))
    return frame.show(asked, words, words("Billing"), *parts)


def _plans(asked: Asked, customer: Thing, words: Words, *, can_cancel: bool) -> Markup:
    found = asked.world.store.every("subscription", customer=customer["id"])
    rows: list[Markup] = []
    for each in found:
        if each["status"] == "incomplete_expired":
            continue
        rows.append(
            el(
                "li",
                el(
                    "div",
                    *[el("span", _item_words(asked, words, item)) for item in
                      each["items"]["data"]],
                    el("small", _when(words, each)),
                ),
                el("span", words(each["status"]), class_="badge"),
                _cancel_form(asked, each, words) if can_cancel else None,
            )
        )  # fmt: skip
    content = el("ul", *rows, class_="rows") if rows else el("p", words("No plan."), class_="soft")
    return el("section", el("h2", words("Current plan")), content, class_="sheet")


def _item_words(asked: Asked, words: Words, item: Thing) -> str:
    product = asked.world.store.get(item["price"]["product"]) or {}
    count = item.get("quantity")
    times = f"{count} × " if count else ""
    return f"{times}{product.get('name', '')} · {words.price(item['price'])}"


def _when(words: Words, subscription: Thing) -> str:
    end = min(each["current_period_end"] for each in subscription["items"]["data"])
    if subscription["ended_at"]:
        return words.on("Ended on", subscription["ended_at"])
    if subscription["cancel_at"]:
        return words.on("Cancelled; it ends on", subscription["cancel_at"])
    if subscription["status"] == "trialing":
        return words.on("Trial ends on", subscription["trial_end"])
    return words.on("Renews on", end)


def _cancel_form(asked: Asked, subscription: Thing, words: Words) -> Markup | None:
    if subscription["status"] in ending.OVER:
        return None
    ends = bool(subscription["cancel_at"])
    hidden = el("input", type="hidden", name="id", value=subscription["id"])
    action = asked.with_language(asked.path)
    if ends:
        return form(action, hidden, button(words("Keep plan"), "resume", kind="quiet"))
    return el(
        "details",
        el("summary", words("Cancel plan")),
        el("p", words("Really cancel? You keep the service until then."), class_="soft"),
        form(action, hidden, button(words("Cancel plan"), "cancel", kind="danger")),
    )


def _cards(asked: Asked, customer: Thing, words: Words) -> Markup:
    action = asked.with_language(asked.path)
    defaults = _defaults(asked, customer)
    found = asked.world.store.every("payment_method", customer=customer["id"])
    rows = []
    for each in found:
        is_default = each["id"] in defaults
        hidden = el("input", type="hidden", name="id", value=each["id"])
        rows.append(
            el(
                "li",
                el("span", frame.card_words(words, each)),
                el("span", words("Default"), class_="badge") if is_default else None,
                form(
                    action,
                    hidden,
                    None if is_default else button(words("Make default"), "default", kind="quiet"),
                    None if is_default else button(words("Remove"), "remove", kind="quiet"),
                    class_="together",
                ),
            )
        )
    nothing = el("p", words("No card yet. Add one so that invoices can be paid."), class_="soft")
    return el(
        "section",
        el("h2", words("Payment methods")),
        el("ul", *rows, class_="rows") if rows else nothing,
        el(
            "details",
            el("summary", words("Add card")),
            form(
                action,
                *card_form.fields(words, asked.form),
                button(words("Save card"), "card", kind="primary wide"),
            ),
            card_form.help_(words),
            open=not rows or bool(asked.form.get("number")),
        ),
        class_="sheet",
    )


def _defaults(asked: Asked, customer: Thing) -> set[str]:
    """Give the cards that pay: those of subscriptions that run, else the customer's own."""
    own = customer["invoice_settings"]["default_payment_method"]
    running = [
        each["default_payment_method"] or own
        for each in asked.world.store.every("subscription", customer=customer["id"])
        if each["status"] not in ending.OVER
    ]
    return {each for each in running or [own] if each}


def _invoices(asked: Asked, customer: Thing, words: Words) -> Markup:
    found = [
        each
        for each in asked.world.store.every("invoice", customer=customer["id"])
        if each["status"] != "draft"
    ]
    rows = [
        el(
            "li",
            el(
                "div",
                el("a", each["number"], href=_address(asked, each)),
                el("small", words.day(each["status_transitions"]["finalized_at"])),
            ),
            el("span", words(each["status"]), class_="badge"),
            el("span", words.money(each["total"], each["currency"]), class_="amount"),
        )
        for each in found[:_SHOWN]
    ]
    nothing = el("p", words("No invoice yet."), class_="soft")
    return el(
        "section",
        el("h2", words("Invoices")),
        el("ul", *rows, class_="rows") if rows else nothing,
        class_="sheet",
    )


def _address(asked: Asked, invoice: Thing) -> str:
    path = str(invoice["hosted_invoice_url"]).removeprefix(asked.world.address)
    return asked.with_language(path)
