"""The page of a bank that asks for 3-D Secure."""

import hmac
from urllib.parse import urlencode, urlsplit

from regulars.local.stripe import faults
from regulars.local.stripe.engine import paying
from regulars.local.stripe.pages import checkout_page, frame
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import Page, button, el, form, redirect
from regulars.local.stripe.resources import checkout, intents, methods, setups
from regulars.local.stripe.store import Thing


def answer(asked: Asked, key: str) -> Page:
    """Show what the bank asks, or take the answer."""
    intent = asked.world.store.get(key)
    if (
        intent is None
        or intent["object"] not in {"payment_intent", "setup_intent"}
        or intent["status"] != "requires_action"
        or not hmac.compare_digest(intent["client_secret"], asked.query.get("secret", ""))
    ):
        return frame.gone(asked)
    if asked.method != "POST":
        return _show(asked, intent)
    try:
        with asked.world.store.transaction("page"):
            intent = asked.world.find(intent["object"], key)
            return redirect(_answered(asked, intent, accepts=asked.form.get("action") == "accept"))
    except faults.Refused as error:
        return redirect(_back(asked, asked.world.find(intent["object"], key), error.message))


def _answered(asked: Asked, intent: Thing, *, accepts: bool) -> str:
    """Go on where the person was; raises Declined if the bank refuses all the same."""
    world = asked.world
    session = world.store.get(intent.get("_session") or "")
    is_setup = intent["object"] == "setup_intent"
    if is_setup:
        if not accepts:
            setups.refuse_authentication(world, intent)
        setups.attempt(world, intent, is_authenticated=True)
        if intent.get("_makes_default"):
            customer = world.find("customer", intent["customer"])
            methods.make_default(world, customer, intent["payment_method"])
        if session and session["mode"] == "subscription":
            method = world.find("payment_method", intent["payment_method"])
            customer = world.find("customer", session["customer"])
            checkout.begin_free(world, session, method, customer)
    else:
        if accepts:
            intents.attempt(world, intent, is_off_session=False, is_authenticated=True)
        else:
            intents.refuse_authentication(world, intent)
        invoice = world.store.get(intent["_invoice"] or "")
        if invoice and invoice["status"] == "open":
            paying.after_attempt(world, invoice)
        intents.settled(world, intent["id"])
    if session and session["status"] == "open":
        return checkout_page.finish(asked, session)
    return _back(asked, intent, None)


def _back(asked: Asked, intent: Thing, error: str | None) -> str:
    """Give the address to return to, with what the caller of the API is told there."""
    address = intent.get("_back") or intent.get("_return_url")
    if not address:
        return asked.with_language("/done", error=error or "")
    if intent.get("_back"):
        return address if not error else _with(address, error=error)
    kind = intent["object"]
    return _with(
        address,
        **{
            kind: intent["id"],
            f"{kind}_client_secret": intent["client_secret"],
            "redirect_status": "failed" if error else "succeeded",
        },
    )


def _with(address: str, **more: str) -> str:
    joint = "&" if urlsplit(address).query else "?"
    return f"{address}{joint}{urlencode(more)}"


def _show(asked: Asked, intent: Thing) -> Page:
    session = asked.world.store.get(intent.get("_session") or "")
    words = asked.words(session["locale"] if session else None)
    amount = intent.get("amount")
    return frame.show(
        asked,
        words,
        words("3-D Secure"),
        el(
            "section",
            el("h1", words("3-D Secure")),
            el("p", words("Your bank wants to know that it is you.")),
            el("p", words.money(amount, intent["currency"]), class_="due") if amount else None,
            form(
                asked.with_language(asked.path, secret=intent["client_secret"]),
                button(words("Complete"), "accept"),
                button(words("Fail"), "refuse", kind="danger"),
                class_="together",
            ),
            class_="sheet",
        ),
        kind="narrow",
    )


def done(asked: Asked) -> Page:
    """Say how it went to somebody with nowhere to return to."""
    words = asked.words()
    error = asked.query.get("error")
    said = frame.problem(words, error) or el("p", words("Saved."), class_="notice")
    section = el("section", el("h1", words("3-D Secure")), said, class_="sheet")
    return frame.show(asked, words, words("3-D Secure"), section, kind="narrow")
