"""Why a contact is refused, and from when on it would be possible.

::

    Conflict
    ├── ContactRefused
    │   ├── BudgetUsedUp    contact-budget-used-up   too many in a rolling window
    │   ├── TooSoon         contact-too-soon         too near another one
    │   ├── QuietHours      contact-quiet-hours      the customer's clock says no
    │   ├── NotWished       contact-not-wished       the customer's own wish comes first
    │   ├── Suppressed      contact-suppressed       the address bounced, or asked for no more
    │   ├── NoAddress       contact-no-address       there is no phone or e-mail address
    │   ├── NobodyThere     contact-nobody           merged, erased, or not yours to see
    │   ├── MassProduced    contact-alike            the same words for too many (C3)
    │   └── Complains       contact-complaint        care rests while a complaint is open (Q3)
    ├── NotLikeThis         contact-not-like-this    settled meanwhile: it does not go on
    └── SaidOtherwise       contact-said-otherwise   the same form, and other words than before
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from regulars.errors import Conflict, Text

type Why = Literal[
    "budget", "distance", "quiet", "wish", "suppressed", "address", "nobody", "alike", "complaint"
]

COMPLAINT: Final[Literal["complaint"]] = "complaint"
_SECOND: Final = timedelta(seconds=1)
TOO_MANY: Final = "RG001"
TOO_NEAR: Final = "RG002"
NOBODY: Final = "RG003"
NOT_LIKE_THIS: Final = "RG004"  # a state that does not follow from the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why not, and the first instant at which it will be possible; None: it is not foreseeable."""

    why: Why
    possible_at: datetime | None = None

    def error(self, *, zone: ZoneInfo, now: datetime) -> "ContactRefused":
        """Return what a caller is told; times are shown in a zone."""
        kind = _ERRORS[self.why]
        if self.possible_at is None:
            return kind(kind.at_no_time)
        shown = formats.date_format(self.possible_at.astimezone(zone), "SHORT_DATETIME_FORMAT")
        seconds = max(0, -(-(self.possible_at - now) // _SECOND))
        error = kind(retry_after=seconds, when=shown)
        error.possible_at = self.possible_at
        return error


class ContactRefused(Conflict):
    """The customer is not to be contacted now; `possible_at` says from when on, if ever."""

    code = "contact-refused"
    sentence = _("This customer is not to be contacted now. Possible again from %(when)s.")
    at_no_time: Text = _("This customer is not to be contacted.")
    possible_at: datetime | None = None


class BudgetUsedUp(ContactRefused):
    """Too many contacts in a rolling window, over all channels, stores and people (C1)."""

    code = "contact-budget-used-up"
    sentence = _("This customer was contacted often enough. Possible again from %(when)s.")
    at_no_time = _("Your head office allows no contacts for this purpose.")


class TooSoon(ContactRefused):
    """Too near another contact."""

    code = "contact-too-soon"
    sentence = _("There was or will be a contact close to this. Possible again from %(when)s.")


class QuietHours(ContactRefused):
    """It is too late or too early where the customer lives."""

    code = "contact-quiet-hours"
    sentence = _("It is too late or too early for this customer. Possible again from %(when)s.")


class NotWished(ContactRefused):
    """The customer said so, or never agreed to offers."""

    code = "contact-not-wished"
    at_no_time = _("This customer does not wish to be contacted like this.")


class Suppressed(ContactRefused):
    """The address is on the list of those not to be used again."""

    code = "contact-suppressed"
    at_no_time = _("Messages to this address came back, or its owner asked for no more of them.")


class NoAddress(ContactRefused):
    """Nothing to send it to."""

    code = "contact-no-address"
    at_no_time = _(
        "We have no number or address for this. Ask the customer, or choose another way."
    )


class NobodyThere(ContactRefused):
    """The record is merged or erased, or not to be seen by who asks."""

    code = "contact-nobody"
    at_no_time = _("This record was merged or erased, or it belongs to another store.")


class MassProduced(ContactRefused):
    """Too many others would read the same words."""

    code = "contact-alike"
    at_no_time = _("Too many customers would read the same words. Say something that is theirs.")


class Complains(ContactRefused):
    """Care and selling rest while the customer has an open complaint (Q3)."""

    code = "contact-complaint"
    sentence = _(
        "Has an open complaint: %(number)s. Talk to %(owner)s first, or say that it is about this "
        "complaint."
    )
    nobodys = _(
        "Has an open complaint that nobody looks after yet: %(number)s. Take it on, or say that it "
        "is about this complaint."
    )
    at_no_time = _("This customer has an open complaint. Care and selling rest until it is closed.")


class NotLikeThis(Conflict):
    """The contact is not at a point from which it could go on like this."""

    code = "contact-not-like-this"
    sentence = _("This contact was settled in the meantime. Please look again.")


class SaidOtherwise(Conflict):
    """The same form came before with other words, or for another way; those are kept."""

    code = "contact-said-otherwise"
    sentence = _(
        "This was sent already with other words: “%(words)s”. Look at the messages before you "
        "send more."
    )


_ERRORS: Final[dict[Why, type[ContactRefused]]] = {
    "budget": BudgetUsedUp,
    "distance": TooSoon,
    "quiet": QuietHours,
    "wish": NotWished,
    "suppressed": Suppressed,
    "address": NoAddress,
    "nobody": NobodyThere,
    "alike": MassProduced,
    "complaint": Complains,
}


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of an error of the database, as the guard gave it."""
    return getattr(error.__cause__, "sqlstate", None)
