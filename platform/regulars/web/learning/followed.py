"""How later purchases compare, in words that say no more than the figures do."""

from typing import Any, cast

from django.utils.translation import gettext as _

from regulars.insights.effects import BEFORE, FOLLOWED, PARTNERS, Estimate, Group, Side
from regulars.insights.services import learning
from regulars.insights.shares import Share
from regulars.tenancy import context as chains
from regulars.web import money
from regulars.web.headoffice import care_words
from regulars.web.headoffice.looks import Look
from regulars.web.learning import words


def shown(look: Look) -> dict[str, Any]:
    """Return the comparison of the whole chain, or that it is being worked out."""
    kept = learning.followed(now=look.now)
    if kept is None:
        return {"is_ready": False}
    found, at = kept
    effect = found.effect
    return {
        "is_ready": True,
        "at": at,
        "days": found.days,
        "drawn": found.drawn,
        "followed": FOLLOWED,
        "before": BEFORE,
        "partners": PARTNERS,
        "rows": [
            _row(_("Complained, satisfied at the end"), effect.satisfied, look, "satisfied"),
            _row(_("Complained, not satisfied"), effect.unsatisfied, look, "unsatisfied"),
        ],
        "between": _between(effect.between),
    }


def _row(name: str, group: Group, look: Look, mark: str) -> dict[str, Any]:
    address = look.address("insights_complaint_rows", mark=f"followed-{mark}")
    row: dict[str, Any] = {
        "name": name,
        "matched": group.matched,
        "href": address if group.cases else "",
        "lone": group.lone,
        "is_enough": group.estimate is not None,
    }
    if group.estimate is None:
        return row
    own, other = cast(Side, group.own), cast(Side, group.other)
    came = Share(round(own.came * group.matched), group.matched)
    return row | {
        "own": money.percent(own.came, places=0),
        "own_interval": care_words.interval(came),
        "other": money.percent(other.came, places=0),
        "partners": group.partners,
        "difference": words.points(group.estimate.difference),
        "interval": _range(group.estimate),
        "visits": f"{own.visits:.1f}",
        "visits_other": f"{other.visits:.1f}",
        "visits_range": _visits(group.visits),
        "alike": _alike(own, other),
    }


def _alike(own: Side, other: Side) -> list[tuple[str, str, str]]:
    """Return how both sides stood before, so that the reader sees how like they are."""
    currency = chains.current().currency
    return [
        (_("Visits in the year before"), f"{own.before:.1f}", f"{other.before:.1f}"),
        (_("Days since the last visit"), f"{own.since:.0f}", f"{other.since:.0f}"),
        (
            _("Paid in the year before"),
            money.money(round(own.paid), currency, cents=False),
            money.money(round(other.paid), currency, cents=False),
        ),
    ]


def _between(found: Estimate | None) -> str:
    if found is None:
        return ""
    told = {"points": words.points(found.difference), "range": _range(found)}
    said = _("The two groups are %(points)s points apart (%(range)s); that may be chance.")
    if found.is_clear:
        said = _(
            "The two groups are %(points)s points apart (%(range)s); chance alone does not easily "
            "make that."
        )
    return said % told


def _visits(found: Estimate | None) -> str:
    if found is None:
        return ""
    sign = f"{found.difference:+.1f} ({found.low:+.1f} – {found.high:+.1f})"
    return sign.replace("-", "−")


def _range(found: Estimate) -> str:
    return f"{words.points(found.low)} – {words.points(found.high)}"
