"""The page of an invoice: what it bills, and a way to pay it."""

from regulars.local.stripe import faults
from regulars.local.stripe.engine import paying
from regulars.local.stripe.pages import card_form, frame
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import Markup, Page, button, el, form, redirect
from regulars.local.stripe.pages.words import Words
from regulars.local.stripe.resources import methods, setups
from regulars.local.stripe.store import Thing


def answer(asked: Asked, key: str) -> Page:
    """Show an invoice, or pay it."""
    invoice = asked.world.store.get(key)
    if invoice is None or invoice["object"] != "invoice" or invoice["status"] == "draft":
        return frame.gone(asked)
    if asked.method != "POST" or invoice["status"] not in {"open", "uncollectible"}:
        return _show(asked, invoice, error=asked.query.get("error"))
    try:
        with asked.world.store.transaction("page"):
            return redirect(_pay(asked, asked.world.find("invoice", key)))
    except faults.Refused as error:
        return _show(asked, asked.world.find("invoice", key), error=error.message)


def _pay(asked: Asked, invoice: Thing) -> str:
    world = asked.world
    customer = world.find("customer", invoice["customer"])
    key = asked.form.get("method")
    if key:
        method = world.find("payment_method", key)
        if method["customer"] != customer["id"]:
            raise faults.Refused("The card belongs to somebody else.")
    else:
        method = card_form.read(
            world,
            asked.form,
            email=customer["email"] or "",
            clock=customer.get("test_clock"),
        )
    paying.pay_with(world, invoice, method, is_off_session=False)
    intent = world.find("payment_intent", invoice["_payment_intent"])
    here = asked.with_language(asked.path)
    if intent["status"] == "requires_action":
        intent["_back"] = here
        world.save(intent)
        return asked.with_language(f"/3ds/{intent['id']}", secret=intent["client_secret"])
    if intent["status"] == "requires_payment_method":
        raise faults.Declined(intent["last_payment_error"]["message"])
    return here


def _show(asked: Asked, invoice: Thing, *, error: str | None) -> Page:
    words = asked.words()
    is_open = invoice["status"] in {"open", "uncollectible"} and invoice["amount_remaining"] > 0
    return frame.show(
        asked,
        words,
        f"{words('Invoice')} {invoice['number']}",
        el(
            "section",
            el(
                "h1",
                f"{words('Invoice')} {invoice['number']} ",
                el("span", words(invoice["status"]), class_="badge"),
            ),
            el("p", words.day(invoice["status_transitions"]["finalized_at"]), class_="soft"),
            el("ul", *_lines(words, invoice), class_="rows"),
            class_="sheet",
        ),
        _payment(asked, invoice, words, error) if is_open else None,
    )


def _lines(words: Words, invoice: Thing) -> list[Markup]:
    currency = invoice["currency"]
    rows = [
        el(
            "li",
            el(
                "div",
                el("span", each["description"] or ""),
                el(
                    "small",
                    f"{words.day(each['period']['start'])} – {words.day(each['period']['end'])}",
                ),
            ),
            el("span", words.money(each["amount"], currency), class_="amount"),
        )
        for each in invoice["lines"]["data"]
    ]
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    balance = invoice["amount_due"] - invoice["total"] if invoice["total"] > 0 else 0
    sums = [
        ("Discount", -off),
        ("Total", invoice["total"]),
        ("Credit balance", balance),
        ("Paid", -invoice["amount_paid"]),
    ]
    for name, amount in sums:
        if amount or name == "Total":
            rows.append(
                el(
                    "li",
                    el("span", words(name)),
                    el("span", words.money(amount, currency), class_="amount"),
                    class_="sum" if name == "Total" else None,
                )
            )
    return rows


def _payment(asked: Asked, invoice: Thing, words: Words, error: str | None) -> Markup:
    action = asked.with_language(asked.path)
    found = asked.world.store.every("payment_method", customer=invoice["customer"])
    saved = [
        form(
            action,
            el("input", type="hidden", name="method", value=each["id"]),
            el("span", frame.card_words(words, each)),
            button(words("Pay with"), "pay", kind="quiet"),
            class_="together",
        )
        for each in found
    ]
    due = words.money(invoice["amount_remaining"], invoice["currency"])
    return el(
        "section",
        frame.problem(words, error),
        el("h2", words("Due")),
        el("p", due, class_="due"),
        *saved,
        el(
            "details",
            el("summary", words("Pay with another card") if saved else words("Card")),
            form(
                action,
                *card_form.fields(words, asked.form),
                button(f"{words('Pay')} {due}", "pay", kind="primary wide"),
            ),
            card_form.help_(words),
            open=not saved or bool(asked.form.get("number")),
        ),
        class_="sheet",
    )


def keep(asked: Asked, customer: Thing) -> Thing:
    """Keep the card of a form for a customer; give the setup intent. Raises Declined."""
    world = asked.world
    method = card_form.read(
        world, asked.form, email=customer["email"] or "", clock=customer.get("test_clock")
    )
    card = methods.card_of(method)
    intent = setups.make(world, customer=customer["id"])
    intent["payment_method"] = method["id"]
    if card.asks == "never" and card.declines and not card.attaches:
        raise card.refusal()
    return setups.attempt(world, intent)
