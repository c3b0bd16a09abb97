"""A small vertical that is right, to be made wrong one thing at a time."""

from datetime import date
from decimal import Decimal
from typing import Any

from regulars.kit import (
    Basket,
    Bonus,
    Buyer,
    Check,
    Choice,
    Complaint,
    Field,
    FollowUp,
    Function,
    Handover,
    Label,
    Line,
    Message,
    Possession,
    Rate,
    Remedy,
    Reminder,
    Segment,
    Spend,
    Step,
    Survey,
    Tier,
    Vertical,
    Where,
    units,
)

A_DAY = date(2026, 11, 21)  # a Saturday


def words(text: str) -> Label:
    """Return a label with one text in every language."""
    return Label(zh_hans=text, zh_hant=text, en=text)


def lines_count(basket: Basket) -> int:
    """Count lines; a function of the plainest kind."""
    return len(basket.lines)


FABRIC = Field(
    on="customer",
    key="fabric",
    kind="choice",
    label=words("Fabric"),
    choices=(
        Choice(key="silk", label=words("Silk"), spellings=("真丝",)),
        Choice(key="cotton", label=words("Cotton")),
    ),
    personal=True,
)
FITTED_ON = Field(
    on="customer", key="fitted-on", kind="date", label=words("Fitted on"), personal=True
)
LENGTH = Field(
    on="line", key="length", kind="measure", label=words("Length"), unit=units.UNITS["cm"]
)
SCAR = Field(
    on="customer", key="scar", kind="text", label=words("Scar"), personal=True, sensitive=True
)
LIKED = Field(on="answer", key="liked", kind="rating", label=words("Liked"), about="product")

MESSAGE = Message(
    key="thanks",
    occasion="thanks",
    purpose="care",
    channels=("sms", "call"),
    text=words("Thank you, {customer.name}. {guide.name}"),
)
STEP = Step(key="call", after=3, do="call", label=words("Call"), ask=(LIKED,), send="thanks")
PLAN = FollowUp(key="after", title=words("After"), starts="purchase.recorded", steps=(STEP,))
REMINDER = Reminder(key="press", label=words("Press"), since="acquired-on", months=6, repeats=True)
SUIT = Possession(
    key="suit",
    label=words("Suit"),
    fields=(
        Field(on="possession", key="cut", kind="text", label=words("Cut")),
        Field(on="possession", key="pressed-on", kind="date", label=words("Pressed on")),
    ),
    shown_by=("cut",),
    reminders=(REMINDER,),
)
COMPLAINT = Complaint(
    key="torn",
    title=words("Torn"),
    severity="high",
    reply_within=60,
    update_within=480,
    resolve_within=1440,
    regret=words("We are sorry."),
    asks=(LIKED,),
    remedies=(Remedy(kind="repair", label=words("Mend")),),
)


PARTS: dict[str, Any] = {
    "key": "tailor",
    "version": "1.0.0",
    "name": words("Tailor"),
    "summary": words("Suits and dresses."),
    "categories": (
        Choice(key="suit", label=words("Suit"), spellings=("西装",)),
        Choice(key="shirt", label=words("Shirt")),
    ),
    "fields": (FABRIC, FITTED_ON, SCAR, LENGTH),
    "possessions": (SUIT,),
    "functions": (Function(key="count", on="purchase", gives="number", call=lines_count),),
    "rates": (
        Rate(
            key="suits",
            says=words("{points} points"),
            per=Decimal(20),
            where=(Where(fact="line.category", value="suit"),),
        ),
        Rate(key="all", says=words("{points} for {amount}"), per=Decimal(10)),
    ),
    "bonuses": (
        Bonus(
            key="many",
            says=words("{points} more"),
            flat=5,
            where=(Where(fact="purchase.count", op="at-least", value=3),),
        ),
    ),
    "spends": (Spend(key="pay", says=words("{points}"), mode="share", point_value=Decimal("0.1")),),
    "tiers": (
        Tier(key="member", label=words("Member")),
        Tier(key="gold", label=words("Gold"), threshold=Decimal(1000)),
    ),
    "complaints": (COMPLAINT,),
    "follow_ups": (PLAN,),
    "messages": (MESSAGE,),
    "surveys": (
        Survey(
            key="after",
            title=words("After"),
            starts="purchase.recorded",
            questions=(LIKED,),
        ),
    ),
    "segments": (
        Segment(
            key="silk",
            title=words("Silk"),
            where=(Where(fact="customer.fabric", value="silk"),),
        ),
    ),
    "handovers": (
        Handover(
            key="suit",
            title=words("Suit"),
            steps=(Check(key="count", label=words("Count")),),
            advice=words("Brush it."),
        ),
    ),
}


def tailor(**changes: Any) -> Vertical:
    """Return a tailor's vertical, with some parts exchanged."""
    return Vertical(**{**PARTS, **changes})


def basket(*lines: Line, **facts: Any) -> Basket:
    """Return a basket of a Saturday in November."""
    return Basket(lines=lines, occurred_on=A_DAY, **facts)


__all__ = ["A_DAY", "Buyer", "Line", "basket", "tailor", "words"]
