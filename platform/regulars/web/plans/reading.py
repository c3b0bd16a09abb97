"""Follow-up plans as people read them: what starts them, when, how, and what ends them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from regulars import registry
from regulars.kit import Choice, Field, FollowUp, Reminder, Tier, Vertical, Where
from regulars.kit.care import Step
from regulars.kit.checks.care import date_triggers
from regulars.kit.describing import show
from regulars.kit.labels import fill
from regulars.messages import placeholders
from regulars.registry.selectors import Declared
from regulars.web.texts import marking
from regulars.web.texts import words as texts

TRIGGERS: Final[Mapping[str, str | Promise]] = {
    "purchase.recorded": gettext_lazy("A purchase"),
    "purchase.delivered": gettext_lazy("A delivery"),
    "purchase.returned": gettext_lazy("A return"),
    "customer.joined": gettext_lazy("A new customer"),
    "customer.birthday": gettext_lazy("A birthday"),
    "customer.child-birthday": gettext_lazy("A child's birthday"),
    "customer.wedding": gettext_lazy("A wedding day"),
    "customer.anniversary": gettext_lazy("An anniversary"),
    "customer.moving": gettext_lazy("A moving day"),
    "customer.silent": gettext_lazy("A regular who stays away"),
    "tier.raised": gettext_lazy("A higher level"),
    "tier.lowered": gettext_lazy("A lower level"),
    "complaint.closed": gettext_lazy("A complaint that was closed"),
    "followup.done": gettext_lazy("A follow-up that was done"),
    "possession.added": gettext_lazy("A new thing in the customer's file"),
}
STOPS: Final[Mapping[str, str | Promise]] = {
    "complaint.opened": gettext_lazy("The customer complains"),
    "customer.asked-to-stop": gettext_lazy("The customer wants to hear no more"),
    "customer.erased": gettext_lazy("The customer's data are erased"),
    "purchase.recorded": gettext_lazy("The customer buys again"),
    "purchase.returned": gettext_lazy("The goods come back"),
}
DOING: Final[Mapping[str, str | Promise]] = {
    "call": gettext_lazy("Call"),
    "message": gettext_lazy("Message"),
    "visit": gettext_lazy("Visit"),
    "task": gettext_lazy("Task in the shop"),
}
ICONS: Final = {"call": "phone", "message": "message", "visit": "walk", "task": "checkbox"}
_OPS: Final[Mapping[str, str | Promise]] = {
    "is": gettext_lazy("is"),
    "is-not": gettext_lazy("is not"),
    "any-of": gettext_lazy("is one of"),
    "none-of": gettext_lazy("is none of"),
    "at-least": gettext_lazy("at least"),
    "at-most": gettext_lazy("at most"),
    "contains": gettext_lazy("contains"),
    "known": gettext_lazy("known:"),
}
_FACTS: Final[Mapping[str, str | Promise]] = {
    "line.category": gettext_lazy("Category"),
    "line.product": gettext_lazy("Product"),
    "line.quantity": gettext_lazy("Quantity"),
    "line.net": gettext_lazy("Price"),
    "line.discount": gettext_lazy("Discount in percent"),
    "purchase.net": gettext_lazy("Amount of the purchase"),
    "purchase.lines": gettext_lazy("Number of positions"),
    "purchase.channel": gettext_lazy("Channel"),
    "purchase.store": gettext_lazy("Store"),
    "purchase.day": gettext_lazy("Day of the purchase"),
    "purchase.weekday": gettext_lazy("Day of the week"),
    "purchase.hour": gettext_lazy("Hour"),
    "customer.tier": gettext_lazy("Level"),
    "customer.purchases": gettext_lazy("Purchases so far"),
    "customer.birthday": gettext_lazy("Birthday today"),
    "customer.birthday-month": gettext_lazy("Birthday this month"),
    "customer.spent": gettext_lazy("Spent so far"),
    "customer.days-away": gettext_lazy("Days since the last visit"),
    "customer.points": gettext_lazy("Points"),
}


def language() -> str:
    """Return the reader's language."""
    return get_language() or "en"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One step on the time line of a plan."""

    key: str
    when: str
    how: str
    icon: str
    label: str
    asks: Sequence[str]
    words: str
    is_left_out: bool


@dataclass(frozen=True, kw_only=True)
class Readable:
    """A plan as a page shows it."""

    key: str
    title: str
    starts: str
    purpose: str
    conditions: Sequence[str]
    moments: Sequence[Moment]
    left_out: Sequence[Moment]
    stops: Sequence[str]
    is_off: bool
    is_own: bool
    is_changed: bool
    is_given_up: bool  # by the industry: it cannot be turned on


def readable(declared: Declared, base: Vertical) -> Readable:
    """Return a plan in words; `base` is the industry's package as it comes."""
    plan: FollowUp = declared.noun
    given_up = not declared.is_changed and plan.retired
    named = placeholders.named(language())
    moments = [moment(step, named) for step in plan.steps]
    return Readable(
        key=plan.key,
        title=plan.title.text(language()),
        starts=trigger(plan.starts, base),
        purpose=str(texts.PURPOSES[plan.purpose]),
        conditions=[condition(each, base) for each in plan.where],
        moments=[each for each in moments if not each.is_left_out],
        left_out=[each for each in moments if each.is_left_out],
        stops=[str(STOPS.get(each, each)) for each in plan.stops],
        is_off=is_off(declared),
        is_own=declared.is_own,
        is_changed=declared.is_changed and not declared.is_own,
        is_given_up=given_up,
    )


def is_off(declared: Declared) -> bool:
    """Say whether a plan makes no tasks: left out, or retired in the version that holds."""
    return declared.is_off or bool(declared.noun.retired)


def moment(step: Step, named: Mapping[str, str]) -> Moment:
    """Return a step in words; in those that are sent, placeholders are chips with their names."""
    message = next((each for each in registry.vertical().messages if each.key == step.send), None)
    return Moment(
        key=step.key,
        when=when(step.after),
        how=str(DOING[step.do]),
        icon=ICONS[step.do],
        label=step.label.text(language()),
        asks=[each.label.text(language()) for each in step.ask if not each.retired],
        words=marking.places(message.text.text(language()), named) if message else "",
        is_left_out=step.retired,
    )


def when(after: int) -> str:
    """Say when a step is done, in days from what starts the plan."""
    if after == 0:
        return _("the same day")
    if after < 0:
        text = ngettext("%(days)s day before", "%(days)s days before", -after)
        return text % {"days": -after}
    return ngettext("after %(days)s day", "after %(days)s days", after) % {"days": after}


def trigger(key: str, vertical: Vertical) -> str:
    """Return what starts a plan in words: of the closed list, or a date the industry declares."""
    if key in TRIGGERS:
        return str(TRIGGERS[key])
    subject, _dot, name = key.partition(".")
    if subject == "possession":
        kind, _dot, name = name.partition(".")
        found = vertical.possession(kind)
        if found is not None:
            parts: tuple[Field | Reminder, ...] = (*found.fields, *found.reminders)
            label = next((each.label.text(language()) for each in parts if each.key == name), name)
            return f"{found.label.text(language())} · {label}"
    field = _field(key, vertical)
    return field.label.text(language()) if field else key


def triggers(vertical: Vertical) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return everything that may start a plan, in two groups of values and words."""
    dates = sorted((trigger(key, vertical), key) for key in date_triggers(vertical))
    return [
        (_("What happens, and days of life"), [(key, str(text)) for key, text in TRIGGERS.items()]),
        (_("Dates of the industry"), [(key, text) for text, key in dates]),
    ]


def condition(where: Where, vertical: Vertical) -> str:
    """Return a condition in words: “Category is none of gold bars, services”."""
    field = _field(where.fact, vertical)
    name = str(_FACTS.get(where.fact, "")) or (
        field.label.text(language()) if field else where.fact
    )
    values = where.value if isinstance(where.value, tuple) else (where.value,)
    said = [_value(where.fact, value, field, vertical) for value in values]
    mark = "、" if language().startswith("zh") else ", "
    return f"{name} {_OPS[where.op]} {mark.join(said)}"


def _value(fact: str, value: object, field: Field | None, vertical: Vertical) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None:
        return show(field, value, language=language())
    of_fact: dict[str, tuple[Choice | Tier, ...]] = {
        "line.category": vertical.categories,
        "customer.tier": vertical.tiers,
    }
    known = of_fact.get(fact, ())
    return next((each.label.text(language()) for each in known if each.key == value), str(value))


def _field(fact: str, vertical: Vertical) -> Field | None:
    return next((each for each in vertical.fields if f"{each.on}.{each.key}" == fact), None)


def messages(purpose: str) -> Iterator[tuple[str, str]]:
    """Yield the texts a step of a plan may use, as values and words."""
    named = {key: f"[{name}]" for key, name in placeholders.named(language()).items()}
    for each in registry.vertical().messages:
        if each.purpose == purpose and not each.retired:
            text = fill(each.text.text(language()), named)
            short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            yield each.key, f"{texts.OCCASIONS.get(each.occasion, each.occasion)}: {short}"


_SHOWN: Final = 48
