"""Changing imports: taking a file in, deciding on it, taking it back, forgetting it."""

from regulars.imports.services.deciding import (
    AlreadyBroughtIn,
    UndoOver,
    cancel,
    check,
    remove,
    rename,
    retry,
    start,
    undo,
)
from regulars.imports.services.forgetting import (
    clean_up,
    disclose,
    erase,
    give_back,
    reassign,
)
from regulars.imports.services.receiving import assign, look_again, receive
from regulars.imports.services.working import NotNow

__all__ = [
    "AlreadyBroughtIn",
    "NotNow",
    "UndoOver",
    "assign",
    "cancel",
    "check",
    "clean_up",
    "disclose",
    "erase",
    "give_back",
    "look_again",
    "reassign",
    "receive",
    "remove",
    "rename",
    "retry",
    "start",
    "undo",
]
