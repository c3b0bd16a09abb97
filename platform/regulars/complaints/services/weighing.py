"""What remedies come to: points count as money at the most the chain's rules take them for (Q6).

So neither a remedy in points nor one cut into money and points stays below a limit in money.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from regulars import registry
from regulars.complaints.models import Case, Remedy
from regulars.points import tiers
from regulars.tenancy import context

MOST_POINTS: Final = 10_000_000
MOST_MINOR: Final = 10**12
TOO_MANY: Final = _("At most %(limit_value)s points.")
_UNPRICED: Final = Decimal(1)  # where no rule says what a point is worth: rather too much


def price() -> Decimal:
    """Return what a point is worth, in major units."""
    rules = (each for each in registry.vertical().spends if not each.retired)
    return max((each.point_value for each in rules if each.point_value), default=_UNPRICED)


def major(minor: int) -> Decimal:
    """Return an amount in major units of the chain's currency."""
    return Decimal(minor).scaleb(-tiers.currency_exponent(context.current().currency))


def too_many() -> str:
    """Say that nobody gives so many points."""
    return str(TOO_MANY) % {"limit_value": f"{MOST_POINTS:,}"}


def needs_two(case: Case, remedy: Remedy) -> bool:
    """Say whether two people must approve it, with what was approved in this complaint before."""
    most = registry.policy("complaints.two-approve-above")
    if most is None:
        return False
    others = Remedy.objects.filter(case=case, approved_by_id__isnull=False).exclude(pk=remedy.pk)
    return _worth([remedy, *others.exclude(state=Remedy.State.REFUSED)]) > Decimal(most)


def _worth(remedies: Iterable[Remedy]) -> Decimal:
    """Return what they come to; of points that name a cost too, whichever is more."""
    each_point = price()
    worths = (max(major(row.amount_minor), row.points * each_point) for row in remedies)
    return sum(worths, Decimal(0))
