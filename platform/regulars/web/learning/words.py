"""What figures of complaints are called, and how each is counted."""

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from regulars.complaints import causes, templates
from regulars.complaints.models import Case
from regulars.insights.quantiles import Spread
from regulars.insights.rates import Rate
from regulars.insights.selectors.complaints_asking import NOTHING
from regulars.insights.shares import LEAST
from regulars.web.headoffice import durations

MARKS: Final[dict[str, str | Promise]] = {
    "settled": gettext_lazy("Settled"),
    "open": gettext_lazy("Not closed yet"),
    "late": gettext_lazy("Settled late"),
    "late-reply": gettext_lazy("First answer late"),
    "waiting": gettext_lazy("Waiting for the first answer"),
    "reopened": gettext_lazy("Opened again"),
    "second-round": gettext_lazy("Second round"),
    "judged": gettext_lazy("Said whether satisfied"),
    "satisfied": gettext_lazy("Satisfied at the end"),
    "unsatisfied": gettext_lazy("Not satisfied"),
    "cost": gettext_lazy("With costs"),
    "again": gettext_lazy("Customer had complained before"),
    "followed-satisfied": gettext_lazy("Compared: satisfied at the end"),
    "followed-unsatisfied": gettext_lazy("Compared: not satisfied"),
}
DEFINITIONS: Final[dict[str, str | Promise]] = {
    "cases": gettext_lazy(
        "Complaints raised in the period, on the day of their store. What was no complaint at all "
        "and what stood there twice is left out."
    ),
    "rate": gettext_lazy(
        "Complaints per 1,000 purchases of the same stores and days, whether or not they name a "
        "purchase. Behind it stands the range in which the true rate lies with 95 percent "
        "certainty (Poisson). “Few” marks fewer than 5 complaints or fewer than 100 purchases. "
        "“More” and “fewer than elsewhere” are only said where chance is no explanation, with a "
        "risk of 5 percent for the whole table (Holm); the order of a table is no ranking."
    ),
    "reply": gettext_lazy(
        "From raising it until the customer first heard from a person: half of the answered "
        "complaints within the first time, nine of ten within the second. In opening time of the "
        "store by today's hours; where health is in danger every minute counts. What is not "
        "answered yet is not in it, but counted beside it."
    ),
    "resolve": gettext_lazy(
        "From raising it until everything agreed was carried out, for the last time if it was "
        "opened again: half of the settled complaints within the first time, nine of ten within "
        "the second. Waiting for the customer is in it."
    ),
    "late-reply": gettext_lazy(
        "Complaints whose first answer took longer than their kind allowed when they were raised, "
        "or that are waiting longer, of all that were or have to be answered."
    ),
    "late": gettext_lazy(
        "Complaints settled after their time, or not settled although it has run out, of all. The "
        "time stands still while we wait for the customer."
    ),
    "reopened": gettext_lazy("Complaints that the customer opened again after they were closed."),
    "second-round": gettext_lazy(
        "Complaints whose customer was not satisfied when asked for the first time."
    ),
    "satisfied": gettext_lazy(
        "Customers who were satisfied when last asked, of those who said. A range stands behind "
        "it (Wilson); below 10 answers no share is shown."
    ),
    "cost": gettext_lazy(
        "What the remedies that were carried out cost us, of complaints raised in the period."
    ),
    "seller": gettext_lazy(
        "Who sold what the complaint is about, where it names a purchase; per 1,000 purchases "
        "that this guide sold."
    ),
    "product": gettext_lazy(
        "Per 1,000 purchases in which the product was sold. The product is the one the complaint "
        "names, whenever it was bought."
    ),
    "cause": gettext_lazy("The cause found when the complaint was looked into."),
    "topics": gettext_lazy(
        "Made from the words of customers: words that stand together in complaints more often "
        "than chance would have it make a topic, and a complaint belongs to the topic with most "
        "of its rare words. “New trouble” and “growing” compare the last 30 days of the period "
        "with the 180 days before: a larger part of the complaints than before, beyond chance, "
        "with a risk of 5 percent that anything on the page is named wrongly (Holm)."
    ),
    "repeats": gettext_lazy(
        "A cause found more than once at the same product, and customers who complained more "
        "than once in the period."
    ),
}
OTHER_KIND: Final = gettext_lazy("Fits no kind")


def kind(key: str) -> str:
    """Return what a kind of complaint is called."""
    found = templates.find(key) if key else None
    return found.title.text(get_language() or "en") if found else key or str(OTHER_KIND)


def cause(key: str) -> str:
    """Return what a cause is called."""
    return causes.counted(key, get_language() or "en") if key else ""


def severity(key: str) -> str:
    """Return what a severity is called."""
    return str(Case.Severity(key).label) if key in Case.Severity.values else key


def raised(key: str) -> str:
    """Return how a complaint reached us."""
    return str(Case.Raised(key).label) if key in Case.Raised.values else key


def state(row: Any) -> str:
    """Return how far a complaint is, or how it ended."""
    return str(Case.End(row.ended).label if row.ended else Case.State(row.state).label)


def narrowed(key: str, text: str) -> str:
    """Return what narrows a page, in words."""
    if text == NOTHING:
        return {
            "cause": _("No cause found yet"),
            "product": _("No product named"),
            "batch": _("No batch named"),
        }.get(key, text)
    if key == "cause":
        return cause(text)
    if key == "batch":
        return _("Batch %(name)s") % {"name": text}
    return text


def rate(found: Rate | None) -> str:
    """Write a rate per 1,000 purchases."""
    if found is None or found.value is None:
        return "—"
    return _decimal(found.value)


def rate_interval(found: Rate | None) -> str:
    """Write the range of a rate."""
    if found is None or found.interval is None:
        return ""
    low, high = found.interval
    return f"{_decimal(low)} – {_decimal(high)}"


def _decimal(value: float) -> str:
    """Write a rate with two figures that count."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def spread(found: Spread, *, by_wall: bool = False) -> tuple[str, str]:
    """Write the time half stayed within, and nine of ten."""
    write = durations.told if by_wall else durations.minutes
    if found.half is None or found.most is None:
        return ("—", "")
    return write(found.half), write(found.most)


def points(value: float) -> str:
    """Write a difference of shares in points of a hundred, with its sign."""
    return f"{value * 100:+.1f}".replace("-", "−")


assert LEAST == 10  # noqa: S101  (the definitions above say so)
