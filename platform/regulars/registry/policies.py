"""The chain's own settings, each declared once with its default."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Value = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One setting a chain may change. `choices` closes the values of a text."""

    key: str
    default: Value
    label: str | Promise
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


POLICIES: Final[dict[str, Policy]] = {
    policy.key: policy
    for policy in (
        Policy(
            key="points.expiry-months",
            default=24,
            label=_("Months after which points expire (empty: never)"),
            minimum=1,
            maximum=120,
        ),
        Policy(
            key="points.rounding",
            default="floor",
            label=_("How fractions of points are rounded"),
            choices=("floor", "half-up", "ceiling"),
        ),
        Policy(
            key="points.after-return",
            default="debt",
            label=_("When points of a return were already spent"),
            choices=("debt", "clamp"),
        ),
        Policy(
            key="points.given-back-days",
            default=30,
            label=_("Days that points given back live on if their lot has expired"),
            minimum=1,
            maximum=365,
        ),
        Policy(
            key="customers.leap-day-birthday",
            default="02-28",
            label=_("When people born on 29 February celebrate in other years"),
            choices=("02-28", "03-01"),
        ),
        Policy(
            key="silence.visits",
            default=3,
            label=_("Visits within a year that make somebody a regular"),
            minimum=2,
            maximum=20,
        ),
        Policy(
            key="silence.patience",
            default=150,
            label=_("Time away, as a percentage of the usual, after which a regular is quiet"),
            minimum=110,
            maximum=500,
        ),
        Policy(
            key="customers.ask-ethnicity",
            default=False,
            label=_("Ask for ethnicity (sensitive; needs the customer's own consent)"),
        ),
        Policy(
            key="customers.sensitive-fields",
            default=False,
            label=_("Use the industry's sensitive fields (health, beliefs, minors)"),
        ),
    )
}
