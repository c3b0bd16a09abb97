"""Surveys, scores and answers in the reader's language."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from regulars.insights.balances import Balance
from regulars.insights.questions import Question
from regulars.insights.selectors.surveys_asking import CSAT, NPS
from regulars.kit import Field
from regulars.surveys import declared
from regulars.surveys.models import Invitation

FIGURES: Final[dict[str, str | Promise]] = {
    NPS: gettext_lazy("Would recommend us (NPS)"),
    CSAT: gettext_lazy("Satisfied (CSAT)"),
    "product": gettext_lazy("Product"),
    "service": gettext_lazy("Service"),
    "relationship": gettext_lazy("Relationship"),
    "convenience": gettext_lazy("Convenience"),
    "brand": gettext_lazy("Brand"),
    "price": gettext_lazy("Price"),
}
MARKS: Final[dict[str, str | Promise]] = {
    "up": gettext_lazy("Satisfied"),
    "middle": gettext_lazy("Neither"),
    "down": gettext_lazy("Unhappy"),
}
OF_NPS: Final[dict[str, str | Promise]] = {
    "up": gettext_lazy("Promoters (9 and 10)"),
    "middle": gettext_lazy("Passives (7 and 8)"),
    "down": gettext_lazy("Detractors (0 to 6)"),
}
STARTS: Final[dict[str, str | Promise]] = {
    "purchase.recorded": gettext_lazy("After a purchase"),
    "purchase.delivered": gettext_lazy("After a delivery"),
    "followup.done": gettext_lazy("After a follow-up in which somebody was spoken to"),
    "complaint.closed": gettext_lazy("After a complaint that was settled"),
    "customer.visited": gettext_lazy("After a visit"),
}
ICONS: Final = {
    "purchase.recorded": "shopping-bag",
    "purchase.delivered": "truck-delivery",
    "followup.done": "clipboard-check",
    "complaint.closed": "message-report",
    "customer.visited": "walk",
}
DEFINITIONS: Final[dict[str, str | Promise]] = {
    "answers": gettext_lazy(
        "Customers who answered at least the first question in the period, on the day of their "
        "store. Who answers two surveys counts twice."
    ),
    "response": gettext_lazy(
        "Those who answered, divided by those whom a message asked in the period, wherever they "
        "answered then. Who was asked on receipts and tablets alone is not among them: nobody "
        "knows how many saw it."
    ),
    "nps": gettext_lazy(
        "Those who would recommend us (9 and 10 of 10) less those who would not (0 to 6), of all "
        "who answered; from −100 to 100. Behind it stands the range in which the score of all "
        "customers lies with 95 percent certainty. Below 10 answers no score is shown."
    ),
    "csat": gettext_lazy(
        "Those who gave the first question 4 or 5 of 5, of all who answered it. Questions on "
        "recommending count for the NPS instead."
    ),
    "dimensions": gettext_lazy(
        "For each theme, those who gave 4 or 5 of 5 (8 to 10 of 10), of all who answered a "
        "question about it. Behind it stands the range in which the share of all customers lies "
        "with 95 percent certainty (Wilson). Below 10 answers no share is shown: look at the "
        "answers."
    ),
    "guide": gettext_lazy(
        "Who served in the purchase, talked in the follow-up or looked after the complaint; else "
        "whose customer it is."
    ),
    "product": gettext_lazy(
        "The goods of the purchase it is about. An answer about several goods counts for each."
    ),
}


def language() -> str:
    """Return the language of this page."""
    return get_language() or "en"


def survey(key: str) -> str:
    """Return what a survey is called; one that nobody declares any more has only its key."""
    found = declared.find(key)
    return found.title.text(language()) if found else key


def surveys() -> list[tuple[str, str]]:
    """Return the surveys one may choose from, as values and words."""
    return [(each.key, each.title.text(language())) for each in declared.every()]


def marks(figure: str) -> dict[str, str | Promise]:
    """Return what those for, neither and against are called."""
    return OF_NPS if figure == NPS else MARKS


def way(key: str) -> str:
    """Return how it was asked."""
    return str(Invitation.Way(key).label)


def balance(found: Balance) -> str:
    """Write a score, or say that it is of too few."""
    if not found.is_enough or found.rate is None:
        return _("too few to say")
    return signed(found.rate)


def balance_interval(found: Balance) -> str:
    """Write the range in which a score lies; empty where there is none to tell."""
    if not found.is_enough:
        return ""
    low, high = found.interval
    return f"{signed(low)} – {signed(high)}"


def signed(rate: float) -> str:
    """Write a balance as a score from −100 to 100."""
    score = round(rate * 100)
    return f"+{score}" if score > 0 else f"−{-score}" if score < 0 else "0"


def question(survey_key: str, field: Field) -> Question:
    """Return a question of a survey as pages of results show it."""
    return Question(key=field.key, kind=field.kind, plan=survey_key, step="", field=field)
