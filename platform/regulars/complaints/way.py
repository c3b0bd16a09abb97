"""The way a complaint goes (Q3): which step may follow which, and what each asks for.

::

    heard → apologised → investigating → proposed → agreed → done → asked → closed
                           ↑    ↑___________│ refused                 │
                           └────────── second round ──────────────────┘

Every other end (`OTHER_ENDS`) is a manager's, with a reason. This module is plain Python: the
services and the pages ask it, so that no two of them know the way differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """How far a complaint is."""

    HEARD = "heard"
    APOLOGISED = "apologised"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DONE = "done"
    ASKED = "asked"
    CLOSED = "closed"


class Move(StrEnum):
    """What somebody does to a complaint; each is the kind of one entry."""

    APOLOGISE = "apologised"
    INVESTIGATE = "investigating"
    FIND = "found"  # the cause, and since when it was known
    PROPOSE = "proposed"
    REFUSE = "refused"  # the customer wants something else
    AGREE = "agreed"
    DO = "done"
    ASK = "asked"
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    CLOSE = "closed"
    REOPEN = "reopened"


@dataclass(frozen=True, slots=True)
class Step:
    """A move: from where, to where (None: it stays), and whether the customer reads its words."""

    begins: frozenset[State]
    ends: State | None
    is_public: bool = False


OPEN: Final = frozenset(State) - {State.CLOSED}
WAY: Final[Mapping[Move, Step]] = MappingProxyType(
    {
        Move.APOLOGISE: Step(frozenset({State.HEARD}), State.APOLOGISED, is_public=True),
        Move.INVESTIGATE: Step(frozenset({State.APOLOGISED}), State.INVESTIGATING, is_public=True),
        Move.FIND: Step(frozenset({State.INVESTIGATING}), None),
        Move.PROPOSE: Step(
            frozenset({State.INVESTIGATING, State.PROPOSED}), State.PROPOSED, is_public=True
        ),
        Move.REFUSE: Step(frozenset({State.PROPOSED}), State.INVESTIGATING, is_public=True),
        Move.AGREE: Step(frozenset({State.PROPOSED}), State.AGREED, is_public=True),
        Move.DO: Step(frozenset({State.AGREED}), State.DONE, is_public=True),
        Move.ASK: Step(frozenset({State.DONE}), State.ASKED, is_public=True),
        Move.SATISFIED: Step(frozenset({State.ASKED}), None, is_public=True),
        Move.UNSATISFIED: Step(
            frozenset({State.ASKED}), State.INVESTIGATING, is_public=True
        ),  # a second round; after it a manager ends the matter
        Move.CLOSE: Step(frozenset({State.ASKED}), State.CLOSED, is_public=True),
        Move.REOPEN: Step(frozenset({State.CLOSED}), State.INVESTIGATING, is_public=True),
    }
)


class End(StrEnum):
    """Why a complaint is over."""

    SATISFIED = "satisfied"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    NO_ANSWER = "no-answer"  # the customer did not, after three attempts
    UNSATISFIED = "unsatisfied"  # after the second round


OTHER_ENDS: Final = frozenset(End) - {End.SATISFIED}
ATTEMPTS: Final = 3  # to reach the customer before `NO_ANSWER`
LAST_ROUND: Final = 2


def follows(state: State, move: Move) -> bool:
    """Say whether a move may be made in a state."""
    return state in WAY[move].begins


def next_moves(state: State) -> tuple[Move, ...]:
    """Return the moves that may be made in a state, in the order of the way."""
    return tuple(move for move in WAY if state in WAY[move].begins)


def still_unsatisfied(turn: int, state: str, satisfied: bool | None) -> bool:
    """Say whether the customer was asked after the second round, and is not satisfied either."""
    return turn == LAST_ROUND and state == State.ASKED and satisfied is False
