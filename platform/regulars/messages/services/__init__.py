"""Contacting customers, and what becomes of contacts when their records merge or go."""

from regulars.messages.services.budgeting import set_budget, set_part
from regulars.messages.services.by_hand import cancel, conclude, log
from regulars.messages.services.holding import disclose, erase, give_back, reassign
from regulars.messages.services.reserving import Draft, Outcome, reserve, reserve_many
from regulars.messages.services.sending import dispatch

__all__ = [
    "Draft",
    "Outcome",
    "cancel",
    "conclude",
    "disclose",
    "dispatch",
    "erase",
    "give_back",
    "log",
    "reassign",
    "reserve",
    "reserve_many",
    "set_budget",
    "set_part",
]
