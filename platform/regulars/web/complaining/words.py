"""What a complaint's steps and states are called for the customer who made it."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.complaints.way import State

# Where it stands, in a sentence.
STATES: Final[dict[str, Promise]] = {
    State.HEARD: _("We have it, and somebody will look at it."),
    State.APOLOGISED: _("Somebody looks after it."),
    State.INVESTIGATING: _("We are finding out what happened."),
    State.PROPOSED: _("We made a proposal. Tell us below whether it suits you."),
    State.AGREED: _("We agreed. Now it is being put right."),
    State.DONE: _("It has been put right."),
    State.ASKED: _("It has been put right. Are you satisfied?"),
    State.CLOSED: _("It is closed."),
}
STAGES: Final[tuple[Promise, ...]] = (
    _("Received"), _("Looked into"), _("Proposal"), _("Put right"), _("At its end")
)  # fmt: skip
STAGE_OF: Final[dict[str, int]] = {  # from 1
    State.HEARD: 1,
    State.APOLOGISED: 1,
    State.INVESTIGATING: 2,
    State.PROPOSED: 3,
    State.AGREED: 3,
    State.DONE: 4,
    State.ASKED: 4,
    State.CLOSED: 5,
}
# Steps of ours, and of theirs.
OURS: Final[dict[str, Promise]] = {
    "apologised": _("We are sorry"),
    "investigating": _("We look into it"),
    "proposed": _("Our proposal"),
    "refused": _("You wanted something else"),
    "agreed": _("You agreed"),
    "done": _("Put right"),
    "asked": _("Are you satisfied?"),
    "satisfied": _("You told us that you are satisfied"),
    "unsatisfied": _("You told us that you are not satisfied"),
    "closed": _("It is closed."),
    "reopened": _("Opened again"),
    "message-out": _("Our message"),
    "waiting": _("We wait for you"),
    "not-reached": _("We tried to reach you"),
    "opened": _("Written down for you"),
}
THEIRS: Final[dict[str, Promise]] = {
    "opened": _("Your complaint"),
    "message-in": _("Your message"),
    "satisfied": _("You are satisfied"),
    "unsatisfied": _("You are not satisfied"),
    "reopened": _("You opened it again"),
}
ICONS: Final[dict[str, str]] = {
    "opened": "message-report",
    "message-in": "message",
    "message-out": "message",
    "proposed": "bulb",
    "agreed": "circle-check",
    "done": "circle-check",
    "satisfied": "mood-smile",
    "unsatisfied": "mood-sad",
    "asked": "help-circle",
    "closed": "lock",
    "reopened": "refresh",
    "waiting": "clock",
    "not-reached": "phone-off",
}
ICON: Final = "point"


def step(kind: str, *, is_mine: bool) -> str:
    """Return what a step is called; a kind without a name of its own is word from us."""
    named = (THEIRS if is_mine else OURS).get(kind)
    return str(named or (_("Your message") if is_mine else _("Our message")))
