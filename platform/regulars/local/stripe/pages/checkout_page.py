"""The page of a checkout session."""

from typing import Final

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given
from regulars.local.stripe.pages import card_form, details_page, frame
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import (
    Markup,
    Page,
    button,
    el,
    field_,
    form,
    redirect,
)  # fmt: skip
from regulars.local.stripe.pages.words import Words
from regulars.local.stripe.resources import checkout, coupons, customers
from regulars.local.stripe.store import Thing

_FORM: Final = "checkout"
_INVALID_CODE: Final = "This promotion code is invalid."


def answer(asked: Asked, key: str) -> Page:
    """Show a session, or do what was clicked on it."""
    session = asked.world.store.get(key)
    if session is None or session["object"] != "checkout.session":
        return frame.gone(asked)
    if session["status"] != "open":
        back = session["cancel_url"]
        return frame.gone(asked, back=back if _is_web(back) else None, locale=session["locale"])
    if asked.method != "POST":
        return _show(asked, session, error=asked.query.get("error"))
    try:
        with asked.world.store.transaction("page"):
            session = asked.world.find("checkout.session", key)
            if _wants_code(asked):
                _apply(asked, session)
            elif asked.form.get("action") == "no-promotion":
                session["discounts"] = []
                checkout.totals(asked.world, session)
                asked.world.save(session)
            else:
                return redirect(_pay(asked, session))
    except faults.Refused as error:
        said = error.message
        if _wants_code(asked):
            said = _INVALID_CODE  # why it does not hold is nobody's business here
        elif error.code == "tax_id_invalid":
            said = "This tax ID is not valid."
        return _show(asked, asked.world.find("checkout.session", key), error=said)
    return _show(asked, session, error=None)  # with what was typed into the card so far


def _wants_code(asked: Asked) -> bool:
    """Say whether a code is to be used first: nobody pays without one they have typed."""
    typed, action = asked.form.get("code", "").strip(), asked.form.get("action")
    return action == "promotion" or (action in {"pay", "enter"} and bool(typed))


def _apply(asked: Asked, session: Thing) -> None:
    if not session["allow_promotion_codes"]:
        raise faults.Refused(_INVALID_CODE)
    code = coupons.typed(
        asked.world,
        asked.form.get("code", ""),
        customer=session["customer"],
        currency=session["currency"],
        total=session["amount_subtotal"],
    )
    session["discounts"] = [{"coupon": None, "promotion_code": code["id"]}]
    checkout.totals(asked.world, session)
    asked.world.save(session)


def _pay(asked: Asked, session: Thing) -> str:
    """Pay, and say where to go: to the bank's page, or back to where the person came from."""
    world = asked.world
    email = asked.form.get("email", "").strip() or session["customer_email"] or ""
    if not session["customer"] and "@" not in email:
        raise faults.Refused("Please fill in the e-mail address.")
    method = card_form.read(world, asked.form, email=email, clock=session["_clock"])
    customer = checkout.customer_of(
        world, session, email=email, name=asked.form.get("holder", "").strip()
    )
    if session["tax_id_collection"]["enabled"] and asked.form.get("tax_id", "").strip():
        customers.add_tax_id(
            world,
            Given({"type": asked.form.get("tax_kind"), "value": asked.form["tax_id"].strip()}),
            customer["id"],
        )
    if session["_customer_update"].get("name") == "auto":
        customer["name"] = asked.form.get("holder", "").strip()
        world.save(customer, event="customer.updated")
    waiting = checkout.pay(world, session, method, customer)
    if waiting:
        waiting["_session"] = session["id"]
        waiting["_back"] = asked.with_language(asked.path)
        world.save(waiting)
        return asked.with_language(f"/3ds/{waiting['id']}", secret=waiting["client_secret"])
    return finish(asked, session)


def finish(asked: Asked, session: Thing) -> str:
    """Complete a session that is paid and give the address to return to."""
    checkout.complete(asked.world, session)
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _show(asked: Asked, session: Thing, *, error: str | None) -> Page:
    words = asked.words(session["locale"])
    title = words({"setup": "Save card", "payment": "Pay"}.get(session["mode"], "Subscribe"))
    trial = session["_data"].get("trial_period_days") or session["_data"].get("trial_end")
    submit = words("Start trial") if trial else title
    if session["mode"] == "payment":
        submit = f"{submit} {words.money(session['amount_total'], session['currency'])}"
    return frame.show(
        asked,
        words,
        title,
        _summary(asked, session, words, error),
        el(
            "section",
            frame.problem(words, None if error == _INVALID_CODE else error),
            form(
                asked.with_language(asked.path),
                _contact(asked, session, words),
                *card_form.fields(words, asked.form),
                _tax(asked, session, words),
                button(submit, "pay", kind="primary wide"),
                id=_FORM,
            ),
            card_form.help_(words),
            class_="sheet",
        ),
        kind="checkout",
    )


def _contact(asked: Asked, session: Thing, words: Words) -> Markup:
    if session["customer"]:
        known = asked.world.find("customer", session["customer"])
        return el("p", known["email"] or known["name"] or known["id"], class_="soft")
    given = asked.form.get("email") or session["customer_email"] or ""
    return field_(words("E-mail"), "email", value=given, kind="email", autocomplete="email",
                  required=True)  # fmt: skip


def _tax(asked: Asked, session: Thing, words: Words) -> Markup | None:
    if not session["tax_id_collection"]["enabled"]:
        return None
    return el(
        "details",
        el("summary", words("Business tax ID")),
        details_page.kinds(words, asked.form.get("tax_kind")),
        field_(words("Number"), "tax_id", value=asked.form.get("tax_id", "")),
        open=bool(asked.form.get("tax_id")),
    )  # fmt: skip


def _summary(asked: Asked, session: Thing, words: Words, error: str | None) -> Markup:
    rows = [
        el(
            "li",
            el(
                "div",
                el("span", each["description"]),
                el("small", _each(words, each)),
            ),
            el("span", words.money(each["amount_subtotal"], each["currency"]), class_="amount"),
        )
        for each in session["_items"]
    ]
    back = session["cancel_url"]
    parts: list[Markup | None] = [
        el("p", el("a", f"← {words('Back')}", href=back)) if _is_web(back) else None,
        el("h1", words("Total due today")) if session["mode"] != "setup" else
        el("h1", words("Save card")),
    ]  # fmt: skip
    if session["mode"] != "setup":
        parts.append(
            el("p", words.money(session["amount_total"], session["currency"]), class_="due")
        )
        parts.append(el("ul", *rows, *_sums(session, words), class_="rows"))
        # The first button of a form is what Enter presses.
        parts.append(button("", "enter", form=_FORM, formnovalidate=True, hidden=True))
        parts += [_trial(session, words), *_promotion(asked, session, words, error)]
    return el("section", *parts)


def _each(words: Words, item: Thing) -> str:
    price = words.price(item["_price"])
    return price if item["quantity"] in (None, 1) else f"{item['quantity']} × {price}"


def _is_web(address: str | None) -> bool:
    return bool(address) and str(address).startswith(("http://", "https://"))


def _sums(session: Thing, words: Words) -> list[Markup]:
    currency, off = session["currency"], session["total_details"]["amount_discount"]
    rows = []
    if off:
        rows += [(words("Subtotal"), session["amount_subtotal"], ""), (words("Discount"), -off, "")]
    rows.append((words("Total due today"), session["amount_total"], "sum"))
    return [
        el("li", el("span", name), el("span", words.money(amount, currency), class_="amount"),
           class_=kind or None)
        for name, amount, kind in rows
    ]  # fmt: skip


def _trial(session: Thing, words: Words) -> Markup | None:
    days = session["_data"].get("trial_period_days")
    until = session["_data"].get("trial_end")
    if days:
        said = words.choice(
            f"{days} days free, then the price above.",
            f"先免费试用 {days} 天，之后按上述价格收费。",
        )
        return el("p", said, class_="soft")
    if until:
        return el("p", words.on("Trial ends on", until), class_="soft")
    return None


def _promotion(
    asked: Asked, session: Thing, words: Words, error: str | None
) -> list[Markup | None]:
    """Make the part of the promotion code; it belongs to the form of the card, which is kept."""
    if not session["allow_promotion_codes"]:
        return []
    for each in session["discounts"]:
        code = asked.world.store.get(each.get("promotion_code") or "")
        if code:
            coupon = asked.world.find("coupon", code["promotion"]["coupon"])
            return [
                el(
                    "div",
                    el("span", code["code"], class_="badge"),
                    el("span", words.off(coupon), class_="soft"),
                    _early(words("Remove"), "no-promotion"),
                    class_="together",
                )
            ]
    typed = asked.form.get("code", "") if error else ""
    return [
        el(
            "div",
            field_(words("Promotion code"), "code", value=typed, autocomplete="off", form=_FORM),
            _early(words("Apply"), "promotion"),
            class_="together",
        ),
        frame.problem(words, error) if error == _INVALID_CODE else None,
    ]


def _early(said: str, action: str) -> Markup:
    """Make a button that does not ask for the card to be complete."""
    return button(said, action, kind="quiet", form=_FORM, formnovalidate=True)
