"""A vertical checks itself, names every fault at once, and behaves as a value."""

import pickle
from dataclasses import FrozenInstanceError, replace
from decimal import Decimal
from typing import Any

import pytest

from regulars.kit import (
    Bonus,
    Choice,
    Field,
    Function,
    Label,
    Line,
    Rate,
    Remedy,
    Segment,
    Spend,
    Survey,
    Tier,
    VerticalError,
    Where,
)
from tests.kit.examples import (
    COMPLAINT,
    FABRIC,
    FITTED_ON,
    LENGTH,
    LIKED,
    MESSAGE,
    PLAN,
    REMINDER,
    STEP,
    SUIT,
    tailor,
    words,
)

BASE = Rate(key="all", says=words("{points}"))


def pieces(line: Line) -> object:
    """Be a function like any other."""
    return line.quantity


async def awaited(basket: object) -> bool:
    """Be what no function may be."""
    return bool(basket)


def field(**changes: Any) -> Field:
    """Return the fabric field with some attributes exchanged."""
    return replace(FABRIC, **changes)


def rate(**changes: Any) -> dict[str, Any]:
    """Return rates of which the first has some attributes exchanged."""
    first = replace(BASE, key="first", where=(Where(fact="line.category", value="suit"),))
    return {"rates": (replace(first, **changes), BASE)}


def where(*conditions: Where) -> dict[str, Any]:
    """Return rates whose first has conditions."""
    return rate(where=conditions)


def bonus(**changes: Any) -> dict[str, Any]:
    """Return one bonus."""
    return {"bonuses": (Bonus(key="b", says=words("{points}"), **changes),)}


def spend(**changes: Any) -> dict[str, Any]:
    """Return one spend."""
    return {"spends": (Spend(key="s", says=words("{points}"), **changes),)}


def message(**changes: Any) -> dict[str, Any]:
    """Return the message with some attributes exchanged."""
    return {"messages": (replace(MESSAGE, **changes),)}


def plan(**changes: Any) -> dict[str, Any]:
    """Return the plan with some attributes exchanged."""
    return {"follow_ups": (replace(PLAN, **changes),)}


def step(**changes: Any) -> dict[str, Any]:
    """Return the plan with a step that has some attributes exchanged."""
    return plan(steps=(replace(STEP, **changes),))


def complaint(**changes: Any) -> dict[str, Any]:
    """Return the complaint with some attributes exchanged."""
    return {"complaints": (replace(COMPLAINT, **changes),)}


def reminder(**changes: Any) -> dict[str, Any]:
    """Return the possession with a reminder that has some attributes exchanged."""
    return {"possessions": (replace(SUIT, reminders=(replace(REMINDER, **changes),)),)}


def shown_by(*keys: str) -> dict[str, Any]:
    """Return the possession shown by other fields."""
    return {"possessions": (replace(SUIT, shown_by=keys),)}


def only(**changes: Any) -> dict[str, Any]:
    """Return fields of which the first has some attributes exchanged."""
    return {"fields": (field(**changes), FITTED_ON, LENGTH), "segments": ()}


TWICE = (Choice(key="silk", label=words("Silk")), Choice(key="seide", label=words("silk")))
LAMBDA = Function(key="f", on="line", gives="number", call=lambda line: line.net_minor)
SAME_KEY = bonus(flat=1) | {"rates": (replace(BASE, key="b"),)}
UNLIKE = Label(en="{points}", zh_hans="积分")
REMEDY = Remedy(kind="repair", label=words("Mend"))

WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("key form", {"key": "Tai lor"}, "key", "not a key"),
    ("key begins with a digit", {"key": "1tailor"}, "key", "begins with a letter"),
    ("version", {"version": "new"}, "version", "not a version"),
    ("currency", {"currency": "yuan"}, "currency", "currency code"),
    ("wrong type", {"name": "Tailor"}, "name", "is not Label"),
    ("a list for a tuple", {"tiers": []}, "tiers", "tuple of Tier"),
    ("empty label", only(label=Label()), "fields.fabric.label", "no text"),
    ("space at the end", only(label=words("Silk ")), "fields.fabric.label.en", "space"),
    ("control character", only(label=words("Si\x00lk")), "fields.fabric.label.en", "control"),
    ("long label", only(label=words("x" * 300)), "fields.fabric.label.en", "300 characters"),
    ("stray brace", only(label=words("Silk }")), "fields.fabric.label.en", "brace"),
    ("placeholder in a label", only(label=words("{points}")), "fields.fabric.label.en", "nothing"),
    ("field key twice", {"fields": (FABRIC, FABRIC)}, "fields.fabric", "used twice"),
    ("unknown kind", only(kind="money"), "fields.fabric.kind", "one of text"),
    ("core's own", only(key="birthday"), "fields.birthday", "core already knows"),
    ("no choices", only(choices=()), "fields.fabric", "needs choices"),
    ("choices of a text", only(kind="text"), "fields.fabric", "has no choices"),
    ("one word, two choices", only(choices=TWICE), "fields.fabric.choices.seide", "already means"),
    ("measure without unit", {"fields": (replace(LENGTH, unit=None),)}, "fields.length", "unit"),
    ("unit of a choice", only(unit=LENGTH.unit), "fields.fabric", "has no unit"),
    ("bound of a choice", only(minimum=1), "fields.fabric.minimum", "no bound"),
    (
        "bounds crossed",
        {"fields": (replace(LENGTH, minimum=9, maximum=1),)},
        "fields.length",
        "above maximum",
    ),
    ("decimals", {"fields": (replace(LENGTH, decimals=9),)}, "fields.length", "decimals"),
    ("length of text", only(max_length=0), "fields.fabric", "max_length"),
    ("about", only(about="product"), "fields.fabric", "only a rating"),
    ("yearly", only(yearly=True), "fields.fabric", "only a date"),
    (
        "yearly answer",
        {"fields": (replace(LENGTH, on="line", kind="date", unit=None, yearly=True),)},
        f"fields.{LENGTH.key}",
        "only a date",
    ),
    ("sensitive alone", only(sensitive=True, personal=False), "fields.fabric", "personal"),
    ("required of a customer", only(required=True), "fields.fabric", "P1"),
    ("ask_after", only(ask_after=-1), "fields.fabric", "ask_after"),
    ("possession field outside", only(on="possession"), "fields.fabric", "belongs inside"),
    (
        "header twice",
        {"fields": (FABRIC, replace(FITTED_ON, headers=("fabric",)))},
        "fields.fitted-on",
        "already means",
    ),
    (
        "shown by",
        {"possessions": (replace(SUIT, shown_by=("x",)),)},
        "possessions.suit",
        "no field",
    ),
    ("reminder of nothing", reminder(since=""), "possessions.suit.reminders.press", "either"),
    ("reminder since", reminder(since="cut"), "possessions.suit.reminders.press", "no date"),
    ("reminder period", reminder(months=0), "possessions.suit.reminders.press", "months or days"),
    ("lambda", {"functions": (LAMBDA,), "bonuses": ()}, "functions.f", "top of a module"),
    (
        "coroutine",
        {"functions": (replace(LAMBDA, call=awaited),), "bonuses": ()},
        "functions.f",
        "coroutine",
    ),
    (
        "function over a field",
        {"functions": (replace(LAMBDA, key="length", call=pieces),), "bonuses": ()},
        "functions.length",
        "exists already",
    ),
    ("no rate for the rest", {"rates": ()}, "rates", "L1"),
    ("rate never reached", {"rates": (BASE, replace(BASE, key="b"))}, "rates.all", "ever applies"),
    ("per", rate(per=Decimal(0)), "rates.first", "above 0"),
    ("per too large", rate(per=Decimal("1E+99999999")), "rates.first.per", "100 digits"),
    ("per too small", rate(per=Decimal("1E-99999999")), "rates.first.per", "100 digits"),
    ("rate of a text", rate(of="line.category"), "rates.first", "no number of a line"),
    (
        "key of two rules",
        bonus(flat=1) | {"rates": (replace(BASE, key="b"),)},
        "bonuses.b",
        "has this key already",
    ),
    ("says", rate(says=words("{price}")), "rates.first.says.en", "no {price} here"),
    (
        "says differ",
        rate(says=Label(en="{points}", zh_hans="积分")),
        "rates.first.says",
        "not every",
    ),
    ("no such fact", where(Where(fact="line.colour")), "rates.first.where", "no fact"),
    (
        "fact of elsewhere",
        where(Where(fact="customer.days-away", op="at-least", value=3)),
        "rates.first.where",
        "segments",
    ),
    ("op", where(Where(fact="line.category", op="at-least")), "rates.first.where", "takes is"),
    ("no such choice", where(Where(fact="line.category", value="hat")), "rates.first.where", "hat"),
    (
        "text for a number",
        where(Where(fact="line.net", op="at-least", value="much")),
        "rates.first.where",
        "not a number",
    ),
    (
        "one for many",
        where(Where(fact="line.category", op="any-of", value="suit")),
        "rates.first.where",
        "must be a list",
    ),
    (
        "no date",
        where(Where(fact="purchase.day", op="at-least", value="2026-13-01")),
        "rates.first.where",
        "not a date",
    ),
    ("bonus of two forms", bonus(flat=1, each=1), "bonuses.b", "exactly one"),
    ("bonus of no form", bonus(), "bonuses.b", "exactly one"),
    ("points without per", bonus(flat=1, points=1), "bonuses.b", "go together"),
    ("times", bonus(times=Decimal(1)), "bonuses.b", "above 1"),
    ("full without price", spend(mode="full"), "spends.s", "price"),
    ("share without value", spend(mode="share"), "spends.s", "point_value"),
    (
        "share above all",
        spend(mode="share", point_value=Decimal(1), share=Decimal(2)),
        "spends.s",
        "at most 1",
    ),
    (
        "tiers from above 0",
        {"tiers": (Tier(key="gold", label=words("Gold"), threshold=Decimal(9)),)},
        "tiers.gold",
        "begins at 0",
    ),
    (
        "tiers of ages",
        {"tiers": (Tier(key="gold", label=words("Gold"), months=10**9),)},
        "tiers.gold",
        "from 1 to 1200",
    ),
    (
        "tiers out of order",
        {"tiers": (Tier(key="a", label=words("A")), Tier(key="b", label=words("B")))},
        "tiers.b",
        "above a",
    ),
    ("placeholder", message(text=words("{customer.name} {guide.nam}")), "messages.thanks", "nam}"),
    ("care without a name", message(text=words("Hello. {guide.name}")), "messages.thanks", "names"),
    ("care unsigned", message(text=words("Dear {customer.name}")), "messages.thanks", "signed"),
    ("no channel", message(channels=()), "messages.thanks", "channel"),
    ("subject of a text", message(subject=words("Thanks")), "messages.thanks", "e-mail"),
    ("trigger", plan(starts="moon.full"), "follow_ups.after", "nothing starts"),
    ("stop", plan(stops=("moon.full",)), "follow_ups.after.stops", "no event"),
    ("no steps", plan(steps=()), "follow_ups.after", "needs steps"),
    ("before the unknown", step(after=-1), "follow_ups.after.steps.call", "in advance"),
    ("unknown message", step(send="hello"), "follow_ups.after.steps.call", "no message"),
    ("nothing to send", step(do="message", send="", ask=()), "follow_ups.after", "what to send"),
    (
        "steps out of order",
        plan(steps=(STEP, replace(STEP, key="early", after=1))),
        "follow_ups.after.steps.early",
        "comes before",
    ),
    (
        "survey of seven",
        {
            "surveys": (
                Survey(
                    key="s",
                    title=words("S"),
                    starts="purchase.recorded",
                    questions=tuple(replace(LIKED, key=f"q{n}") for n in range(7)),
                ),
            )
        },
        "surveys.s",
        "Q7",
    ),
    (
        "segment of everybody",
        {"segments": (Segment(key="s", title=words("S"), where=()),)},
        "segments.s",
        "needs a condition",
    ),
    ("complaint times", complaint(reply_within=9999), "complaints.torn", "after the solution"),
    ("wall clock", complaint(clock="wall"), "complaints.torn", "urgent"),
    ("no remedy", complaint(remedies=()), "complaints.torn", "remedy"),
    ("remedy twice", complaint(remedies=(REMEDY, REMEDY)), "complaints.torn.remedies", "twice"),
    ("ask on a customer", complaint(asks=(FABRIC,)), "complaints.torn.asks.fabric", "on answer"),
]


def test_a_right_vertical_is_accepted() -> None:
    assert tailor().key == "tailor"


@pytest.mark.parametrize(
    ("changes", "where", "text"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG]
)
def test_a_wrong_vertical_is_refused(changes: dict[str, Any], where: str, text: str) -> None:
    with pytest.raises(VerticalError) as caught:
        tailor(**changes)

    found = [fault for fault in caught.value.faults if fault.where.startswith(where)]
    assert any(text in fault.text for fault in found), caught.value


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(VerticalError) as caught:
        tailor(
            version="x",
            fields=(field(label=Label()), replace(LENGTH, unit=None), FITTED_ON),
            **rate(per=Decimal(-1)),
            **message(text=words("Hello")),
            **complaint(remedies=()),
        )

    wheres = {fault.where.split(".")[0] for fault in caught.value.faults}
    assert wheres == {"version", "fields", "rates", "messages", "complaints"}
    assert str(caught.value).count("\n") == len(caught.value.faults)


def test_a_remedy_may_stand_there_once_for_each_role() -> None:
    granted = (REMEDY, replace(REMEDY, approval="store-manager"))

    assert tailor(**complaint(remedies=granted)).complaints[0].remedies == granted


def test_a_malformed_item_does_not_hide_the_faults_of_others() -> None:
    with pytest.raises(VerticalError) as caught:
        tailor(fields=(field(ask_after="soon"), replace(LENGTH, unit=None), FITTED_ON))

    texts = str(caught.value)
    assert "fields.fabric.ask_after" in texts
    assert "fields.length: a measure needs a unit" in texts


def test_equal_verticals_are_equal_and_hash_alike() -> None:
    assert tailor() == tailor()
    assert hash(tailor()) == hash(tailor())
    assert tailor() != tailor(version="1.0.1")
    assert "key='tailor'" in repr(tailor())


def test_a_vertical_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        tailor().key = "smith"  # type: ignore[misc]


def test_a_vertical_goes_to_another_process_even_after_use() -> None:
    used = tailor()
    assert used.rules.rate_plans
    assert used.category("西装") == "suit"

    assert pickle.loads(pickle.dumps(used)) == used  # noqa: S301


def test_fields_are_found_by_what_they_are_on() -> None:
    old = replace(LENGTH, key="old-length", label=words("Old"), retired=True)
    vertical = tailor(fields=(FABRIC, LENGTH, old), segments=())

    assert vertical.fields_on("line") == (LENGTH,)
    assert vertical.fields_on("line", retired=True) == (LENGTH, old)
    assert vertical.possession("suit") == SUIT
    assert vertical.possession("hat") is None


@pytest.mark.parametrize(
    ("word", "key"), [("西装", "suit"), (" SUIT ", "suit"), ("Ｓｈｉｒｔ", "shirt"), ("hat", "")]
)
def test_a_tills_word_is_mapped_to_a_category(word: str, key: str) -> None:
    assert tailor().category(word) == key
