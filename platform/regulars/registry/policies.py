"""The chain's own settings, each declared once with its default."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Value = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One setting a chain may change. `choices` closes the values of a text.

    One that has a `page` of its own, by the name of its address, is not among the others.
    """

    key: str
    default: Value
    label: str | Promise
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    page: str = ""


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
            key="complaints.two-approve-above",
            default=2_000,
            label=_("Compensation above which two people must approve (empty: never)"),
            minimum=0,
            maximum=10_000_000,
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
            key="care.reply-minutes",
            default=30,
            label=_("Minutes within which a customer's message should be answered"),
            minimum=1,
            maximum=1440,
        ),
        Policy(
            key="care.tell-by-mail",
            default=True,
            label=_("Tell guides by e-mail, the evening before, whose day is tomorrow"),
        ),
        Policy(
            key="ownership.silence-months",
            default=None,
            label=_("Months of silence after which a customer gets another guide (empty: never)"),
            minimum=3,
            maximum=60,
            page="ownership",
        ),
        Policy(
            key="messages.automatic-word",
            default=True,
            label=_("Send a word by itself when nobody answers a message within a minute"),
        ),
        Policy(
            key="messages.owner-minutes",
            default=5,
            label=_("Minutes for which a message waits for the customer's own guide alone"),
            minimum=0,
            maximum=240,
        ),
        Policy(
            key="followups.escalate-days",
            default=2,
            label=_("Days a follow-up may be overdue before the store manager is shown it"),
            minimum=1,
            maximum=30,
        ),
        Policy(
            key="followups.expire-days",
            default=14,
            label=_("Days after which a follow-up nobody did is left out"),
            minimum=1,
            maximum=90,
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
