"""What is done with complaints: raised, moved along their way, tended, and ended."""

from regulars.complaints.services.ending import answered, ask, close, end, reopen_for
from regulars.complaints.services.holding import disclose, erase, give_back, reassign
from regulars.complaints.services.moving import (
    agree,
    apologise,
    do,
    find,
    investigate,
    propose,
    refuse,
)
from regulars.complaints.services.opening import Draft, open_case
from regulars.complaints.services.tending import (
    attach,
    attempt,
    hand_on,
    note,
    resume,
    take,
    tick,
    wait,
    write_to_customer,
)

__all__ = [
    "Draft", "agree", "answered", "apologise", "ask", "attach", "attempt", "close", "disclose",
    "do", "end", "erase", "find", "give_back", "hand_on", "investigate", "note", "open_case",
    "propose", "reassign", "refuse", "reopen_for", "resume", "take", "tick", "wait",
    "write_to_customer",
]  # fmt: skip
