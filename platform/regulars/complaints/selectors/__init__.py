"""Reading complaints: lists by urgency, the board, one complaint, and the customer's own view."""

from regulars.complaints.selectors.approvals import Asked, to_approve
from regulars.complaints.selectors.lists import (
    Column,
    Counts,
    Item,
    Mark,
    Page,
    Wanted,
    Whose,
    board,
    counts,
    page,
)
from regulars.complaints.selectors.single import (
    One,
    Public,
    PublicStep,
    Step,
    by_token,
    check_picture,
    one,
)
from regulars.complaints.selectors.standing import Standing, open_of
from regulars.complaints.selectors.tallies import Tally, Waiting, tally, waiting

__all__ = [
    "Asked", "Column", "Counts", "Item", "Mark", "One", "Page", "Public", "PublicStep",
    "Standing", "Step", "Tally", "Waiting", "Wanted", "Whose", "board", "by_token", "check_picture",
    "counts", "one", "open_of", "page", "tally", "to_approve", "waiting",
]  # fmt: skip
