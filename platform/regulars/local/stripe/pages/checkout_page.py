"""The page of a checkout session."""

from typing import Final

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given
from regulars.local.stripe.pages import card_form, frame
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

_TAX_IDS: Final = ("cn_tin", "eu_vat", "gb_vat", "hk_br", "us_ein", "tw_vat", "sg_gst", "jp_trn")


def answer(asked: Asked, key: str) -> Page:
    """Show a session, or do what was clicked on it."""
    session = asked.world.store.get(key)
    if session is None or session["object"] != "checkout.session" or session["status"] != "open":
        return frame.gone(asked)
    if asked.method != "POST":
        return _show(asked, session, error=asked.query.get("error"))
    try:
        with asked.world.store.transaction("page"):
            session = asked.world.find("checkout.session", key)
            action = asked.form.get("action")
            if action == "promotion":
                _apply(asked, session)
            elif action == "no-promotion":
                session["discounts"] = []
                checkout.totals(asked.world, session)
                asked.world.save(session)
            else:
                return redirect(_pay(asked, session))
    except faults.Refused as error:
        session = asked.world.find("checkout.session", key)
        return _show(asked, session, error=error.message)
    return redirect(asked.with_language(asked.path))


def _apply(asked: Asked, session: Thing) -> None:
    if not session["allow_promotion_codes"]:
        raise faults.Refused("This promotion code is invalid.")
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
        _summary(asked, session, words),
        el(
            "section",
            frame.problem(words, error),
            form(
                asked.with_language(asked.path),
                _contact(asked, session, words),
                *card_form.fields(words, asked.form),
                _tax(asked, session, words),
                button(submit, "pay", kind="primary wide"),
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
    chosen = asked.form.get("tax_kind", "cn_tin" if words.language == "zh" else "eu_vat")
    kinds = [el("option", each, value=each, selected=each == chosen) for each in _TAX_IDS]
    return el(
        "details",
        el("summary", words("Business tax ID")),
        el("label", el("span", words("Kind")), el("select", *kinds, name="tax_kind"),
           class_="field"),
        field_(words("Number"), "tax_id", value=asked.form.get("tax_id", "")),
        open=bool(asked.form.get("tax_id")),
    )  # fmt: skip


def _summary(asked: Asked, session: Thing, words: Words) -> Markup:
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
        parts += [_trial(session, words), _promotion(asked, session, words)]
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


def _promotion(asked: Asked, session: Thing, words: Words) -> Markup | None:
    if not session["allow_promotion_codes"]:
        return None
    action = asked.with_language(asked.path)
    for each in session["discounts"]:
        code = asked.world.store.get(each.get("promotion_code") or "")
        if code:
            return form(
                action,
                el("span", code["code"], class_="badge"),
                button(words("Remove"), "no-promotion", kind="quiet"),
                class_="together",
            )
    return form(
        action,
        field_(words("Promotion code"), "code", required=True, autocomplete="off"),
        button(words("Apply"), "promotion", kind="quiet"),
        class_="together",
    )
