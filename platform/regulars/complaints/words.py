"""What happened to a complaint, in the words of the people who work on it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By kind of entry.
STEPS: Final[Mapping[str, str | Promise]] = MappingProxyType(
    {
        "opened": _("Complaint raised"),
        "taken": _("Opened first: it is theirs"),
        "apologised": _("Apologised"),
        "investigating": _("Being looked into"),
        "found": _("Facts and cause written down"),
        "proposed": _("Proposed"),
        "refused": _("The customer wants something else"),
        "agreed": _("Agreed on"),
        "done": _("It was put right"),
        "asked": _("Asked whether they are satisfied"),
        "satisfied": _("The customer is satisfied"),
        "unsatisfied": _("The customer is not satisfied"),
        "closed": _("The complaint was closed"),
        "reopened": _("Opened again"),
        "note": _("Note for colleagues"),
        "first-response": _("First answer given"),
        "message-out": _("Written to the customer"),
        "message-in": _("The customer wrote"),
        "waiting": _("Waiting for the customer"),
        "resumed": _("The clocks go on"),
        "ticked": _("Seen to"),
        "handed-on": _("Handed on"),
        "attached": _("Attached to the customer's file"),
        "not-reached": _("Could not be reached"),
        "warned": _("Warned that time runs out"),
        "escalated": _("Drawn in, as time ran out"),
        "remedy-asked": _("Remedy asked for"),
        "remedy-approved": _("Remedy approved"),
        "remedy-refused": _("Remedy refused"),
        "remedy-done": _("Remedy carried out"),
        "erased": _("Erased"),
    }
)

# By kind of remedy, where no template has words of its own.
REMEDIES: Final[Mapping[str, str | Promise]] = MappingProxyType(
    {
        "repair": _("Repair"),
        "exchange": _("Exchange"),
        "refund": _("Refund"),
        "redo": _("Do it again"),
        "discount": _("Discount"),
        "gift": _("Gift"),
        "points": _("Points"),
        "visit": _("Visit at home"),
    }
)


def remedy(kind: str) -> str:
    """Return the words of a kind of remedy."""
    return str(REMEDIES.get(kind, kind))


def step(kind: str) -> str:
    """Return what an entry of this kind says; the kind itself where nobody wrote words for it."""
    return str(STEPS.get(kind, kind))
