"""The part of the portal where name, address and tax ids of a customer are looked after."""

from typing import Any, Final

from regulars.local.stripe import faults
from regulars.local.stripe.given import Given
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import Markup, button, el, field_, form
from regulars.local.stripe.pages.words import TAX_IDS, Words
from regulars.local.stripe.resources import customers
from regulars.local.stripe.store import Thing

_ADDRESS: Final = (
    ("line1", "Address"),
    ("city", "City"),
    ("postal_code", "Postal code"),
    ("country", "Country (two letters)"),
)
_MOST_SIGNS: Final = 200


def section(asked: Asked, customer: Thing, allowed: list[str], words: Words) -> Markup | None:
    """Show what bills are written to, with what may be changed of it."""
    if not allowed:
        return None
    return el(
        "section",
        el("h2", words("Billing information")),
        _shown(customer, words),
        _change(asked, customer, allowed, words),
        _tax_ids(asked, customer, words) if "tax_id" in allowed else None,
        class_="sheet",
    )


def change(asked: Asked, customer: Thing, allowed: list[str]) -> None:
    """Write down what somebody changed. Raises Refused for what the portal does not offer."""
    wished: dict[str, Any] = {}
    for name in ("name", "email"):
        if name in asked.form and name in allowed:
            wished[name] = _text(asked, name)
    if "email" in wished and "@" not in wished["email"]:
        raise faults.Refused("Please fill in the e-mail address.")
    if "address" in allowed:
        address = {name: _text(asked, name) or None for name, _label in _ADDRESS}
        country = address["country"]
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise faults.Refused("Write the country as two letters, like CN.")
        address["country"] = country.upper() if country else None
        known = customer["address"] or {}
        wished["address"] = {**dict.fromkeys(("line2", "state")), **known, **address}
    customers.update(asked.world, Given(wished), customer["id"])


def add_tax_id(asked: Asked, customer: Thing) -> None:
    """Add a tax id. Raises Refused."""
    kind, value = asked.form.get("tax_kind", ""), _text(asked, "tax_id")
    if kind not in TAX_IDS:
        raise faults.Refused("Nothing was chosen.")
    customers.add_tax_id(asked.world, Given({"type": kind, "value": value}), customer["id"])


def remove_tax_id(asked: Asked, customer: Thing, key: str) -> None:
    """Remove a tax id of this customer. Raises Unknown."""
    customers.delete_tax_id(asked.world, Given({}), customer["id"], key)


def kinds(words: Words, chosen: str | None = None) -> Markup:
    """Make the choice between kinds of tax ids."""
    first = chosen or ("cn_tin" if words.language == "zh" else "eu_vat")
    options = [
        el("option", words.tax_id(each), value=each, selected=each == first) for each in TAX_IDS
    ]
    return el(
        "label",
        el("span", words("Kind")),
        el("select", *options, name="tax_kind"),
        class_="field",
    )


def _text(asked: Asked, name: str) -> str:
    return asked.form.get(name, "").strip()[:_MOST_SIGNS]


def _shown(customer: Thing, words: Words) -> Markup:
    address = customer["address"] or {}
    names = ("line1", "line2", "city", "state", "postal_code", "country")
    where = ", ".join(str(address[name]) for name in names if address.get(name))
    lines = [each for each in (customer["name"], customer["email"], where) if each]
    if not lines:
        return el("p", words("Nothing here yet."), class_="soft")
    return el("ul", *[el("li", each) for each in lines], class_="lines")


def _change(asked: Asked, customer: Thing, allowed: list[str], words: Words) -> Markup:
    given, address = asked.form, customer["address"] or {}
    is_open = given.get("action") == "details"
    labels = {"name": words("Company or name"), "email": words("E-mail")}
    fields = [
        field_(label, name, value=given.get(name, "") if is_open else customer[name] or "")
        for name, label in labels.items()
        if name in allowed
    ]
    if "address" in allowed:
        fields += [
            field_(
                words(label), name,
                value=given.get(name, "") if is_open else address.get(name) or "",
            )
            for name, label in _ADDRESS
        ]  # fmt: skip
    return el(
        "details",
        el("summary", words("Change")),
        form(
            asked.with_language(asked.path),
            *fields,
            button(words("Save"), "details", kind="primary"),
        ),
        open=is_open,
    )


def _tax_ids(asked: Asked, customer: Thing, words: Words) -> Markup:
    action, given = asked.with_language(asked.path), asked.form
    rows = [
        el(
            "li",
            el("div", el("span", each["value"]), el("small", words.tax_id(each["type"]))),
            form(
                action,
                el("input", type="hidden", name="id", value=each["id"]),
                button(words("Remove"), "remove-tax-id", kind="quiet"),
            ),
        )
        for each in asked.world.store.every("tax_id", customer=customer["id"])
    ]
    return el(
        "div",
        el("ul", *rows, class_="rows") if rows else None,
        el(
            "details",
            el("summary", words("Add tax ID")),
            form(
                action,
                kinds(words, given.get("tax_kind")),
                field_(words("Number"), "tax_id", value=given.get("tax_id", ""), required=True),
                button(words("Save"), "tax-id", kind="primary"),
            ),
            open=given.get("action") == "tax-id",
        ),
    )
