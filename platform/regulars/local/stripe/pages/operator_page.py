"""What the operator of the simulator sees: objects, events and deliveries, clocks, settings."""

import json
from typing import Any, Final

from regulars.local.stripe import delivering, faults, shapes
from regulars.local.stripe.engine import paying, periods
from regulars.local.stripe.pages import frame
from regulars.local.stripe.pages.frame import Asked
from regulars.local.stripe.pages.html import (
    Child,
    Markup,
    Page,
    button,
    el,
    field_,
    form,
    redirect,
)  # fmt: skip
from regulars.local.stripe.pages.words import Words
from regulars.local.stripe.resources import account, customers
from regulars.local.stripe.store import Thing

_SHOWN: Final = 50
_STEPS: Final = (("by a day", "day"), ("by a week", "week"), ("by a month", "month"))
_LONGEST_AGO: Final = 700
_AFTERWARDS: Final = ("unpaid", "canceled", "past_due")


def home(asked: Asked) -> Page:
    """Show everything at a glance, or do what was clicked."""
    words = asked.words()
    if asked.method == "POST":
        try:
            with asked.world.store.transaction("page"):
                _do(asked)
        except faults.Refused as error:
            return _home(asked, words, error.message)
        return redirect(asked.with_language("/"))
    return _home(asked, words, None)


def _do(asked: Asked) -> None:
    world = asked.world
    match asked.form.get("action"):
        case "resend":
            event = world.find("event", asked.form.get("id", ""))
            delivering.again(world.store, event["id"])
        case "day" | "week" | "month" as step:
            clock = world.find("test_helpers.test_clock", asked.form.get("id", ""))
            account.move_clock(world, clock, periods.after(clock["frozen_time"], step, 1))
        case "settings":
            days = asked.form.get("retry_days", "").replace(",", " ").split()
            if not all(each.isdecimal() for each in days):
                raise faults.Refused("Days are whole numbers.")
            afterwards = asked.form.get("afterwards")
            if afterwards not in _AFTERWARDS:
                raise faults.Refused("Nothing was chosen.")
            world.store.set("dunning", {"retry_days": [*map(int, days)], "afterwards": afterwards})
            world.store.set(customers.CLOCKS, _days_ago(asked.form.get("begin", "")))
        case _:
            raise faults.Refused("Nothing was chosen.")


def _days_ago(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or int(text) > _LONGEST_AGO:
        raise faults.Refused("Days are whole numbers.")
    return int(text)


def _home(asked: Asked, words: Words, error: str | None) -> Page:
    rows = asked.world.store.base.execute(
        "SELECT kind, count(*) FROM thing WHERE kind NOT LIKE '\\_%' ESCAPE '\\' GROUP BY kind"
        " ORDER BY kind"
    )
    links = [
        el("a", f"{kind} ({count})", href=asked.with_language(f"/list/{kind}"))
        for kind, count in rows
    ]
    return frame.show(
        asked,
        words,
        words("Operator"),
        el("header", el("h1", words("Operator")), frame.problem(words, error)),
        _clocks(asked, words),
        _settings(asked, words),
        _section(words("Objects"), el("nav", *links) if links else _nothing(words)),
        _events(asked, words),
        _endpoints(asked, words),
    )


def _section(title: str, *content: Child) -> Markup:
    return el("section", el("h2", title), *content, class_="sheet")


def _nothing(words: Words, said: str = "Nothing here yet.") -> Markup:
    return el("p", words(said), class_="soft")


def _clocks(asked: Asked, words: Words) -> Markup:
    rows = []
    for each in asked.world.store.every("test_helpers.test_clock"):
        steps = [button(words(name), step, kind="quiet") for name, step in _STEPS]
        rows.append(
            el(
                "li",
                el(
                    "div",
                    el("span", each["name"] or each["id"]),
                    el("small", f"{words('stands at')} {words.moment(each['frozen_time'])} UTC"),
                ),
                form(
                    asked.with_language("/"),
                    el("input", type="hidden", name="id", value=each["id"]),
                    el("span", words("Advance"), class_="soft"),
                    *steps,
                    class_="together",
                ),
            )
        )
    nothing = _nothing(
        words,
        "No test clock. Make one through the API, or for each new customer in the settings below.",
    )
    return _section(words("Test clocks"), el("ul", *rows, class_="rows") if rows else nothing)


def _events(asked: Asked, words: Words) -> Markup:
    rows = []
    for each in asked.world.store.every("event", most=_SHOWN):
        inner = each["data"]["object"].get("id", "")
        rows.append(
            el(
                "li",
                el(
                    "div",
                    el("a", each["type"], href=asked.with_language(f"/object/{each['id']}")),
                    el("small", words.moment(each["created"]), " ", el("code", inner)),
                    *[el("small", said) for said in _told(asked, words, each["id"])],
                ),
                form(
                    asked.with_language("/"),
                    el("input", type="hidden", name="id", value=each["id"]),
                    button(words("Resend"), "resend", kind="quiet"),
                ),
            )
        )
    nothing = _nothing(words, "Nothing has happened yet.")
    return _section(words("Events"), el("ul", *rows, class_="rows") if rows else nothing)


def _told(asked: Asked, words: Words, event: str) -> list[str]:
    rows = asked.world.store.base.execute(
        "SELECT endpoint, attempts, due, status, answer FROM delivery WHERE event = ?", (event,)
    ).fetchall()
    said = []
    for endpoint, attempts, due, status, answer in rows:
        is_well = status is not None and 200 <= status < 300
        state = words("told" if is_well else "waiting" if due else "given up")
        why = "" if is_well else f" · {status or answer or ''}"
        tried = words.choice(f"tried {attempts} ×", f"尝试 {attempts} 次")
        said.append(f"{endpoint}: {state} · {tried}{why}")
    return said or [words("not told to anyone")]


def _endpoints(asked: Asked, words: Words) -> Markup:
    rows = [
        el("li", el("div", el("code", each["url"]), el("small", ", ".join(each["enabled_events"]))),
           el("span", each["status"], class_="badge"))
        for each in asked.world.store.every("webhook_endpoint")
    ]  # fmt: skip
    return _section(
        words("Webhook endpoints"), el("ul", *rows, class_="rows") if rows else _nothing(words)
    )


def _settings(asked: Asked, words: Words) -> Markup:
    known: dict[str, Any] = asked.world.store.setting("dunning", paying.DUNNING)
    begin = asked.world.store.setting(customers.CLOCKS, None)
    options = [
        el("option", words(each), value=each, selected=each == known["afterwards"])
        for each in _AFTERWARDS
    ]
    return _section(
        words("Settings"),
        form(
            asked.with_language("/"),
            field_(
                words("Retry after (days)"),
                "retry_days",
                value=" ".join(map(str, known["retry_days"])),
            ),
            el("label", el("span", words("After the last try")),
               el("select", *options, name="afterwards"), class_="field"),
            field_(
                words("New customers on a test clock, begun so many days ago (empty: none)"),
                "begin",
                value="" if begin is None else str(begin),
                inputmode="numeric",
            ),
            button(words("Save"), "settings", kind="quiet"),
            class_="together",
        ),
    )  # fmt: skip


def listing(asked: Asked, kind: str) -> Page:
    """List the newest objects of a kind."""
    words = asked.words()
    rows = [
        el(
            "tr",
            el("td", el("a", each["id"], href=asked.with_language(f"/object/{each['id']}"))),
            el("td", words(str(each.get("status") or each.get("type") or ""))),
            el("td", words.moment(each.get("created") or each.get("date") or each.get("start", 0))),
        )
        for each in asked.world.store.every(kind, most=_SHOWN)
    ]
    table = el("div", el("table", *rows), class_="scroll") if rows else _nothing(words)
    return frame.show(asked, words, kind, _home_link(asked, words), _section(kind, table))


def one(asked: Asked, key: str) -> Page:
    """Show an object as the API gives it."""
    words = asked.words()
    found: Thing | None = asked.world.store.get(key)
    if found is None:
        return frame.gone(asked)
    text = json.dumps(shapes.bare(found), indent=2, ensure_ascii=False)
    return frame.show(asked, words, key, _home_link(asked, words), _section(key, el("pre", text)))


def _home_link(asked: Asked, words: Words) -> Markup:
    return el("p", el("a", f"← {words('Operator')}", href=asked.with_language("/")))
