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
from regulars.complaints.selectors.single import One, Public, PublicStep, Step, by_token, one

__all__ = [
    "Asked", "Column", "Counts", "Item", "Mark", "One", "Page", "Public", "PublicStep", "Step",
    "Wanted", "Whose", "board", "by_token", "counts", "one", "page", "to_approve",
]  # fmt: skip
