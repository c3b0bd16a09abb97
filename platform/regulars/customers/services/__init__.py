"""Changing customers. Each verb takes who does it (`actor`) and when (`now`)."""

from regulars.customers.services.answers import HOW, answer, decline, set_extra
from regulars.customers.services.consenting import consent
from regulars.customers.services.days import advance_occasions, remove_life_event, set_life_event
from regulars.customers.services.erasing import disclose, erase
from regulars.customers.services.identities import (
    NumberTaken,
    add_identity,
    attach,
    remove_identity,
)
from regulars.customers.services.merging import give_back, reassign
from regulars.customers.services.noting import note, remove_note, set_warning
from regulars.customers.services.ownership import (
    Move,
    assign,
    claim,
    claim_many,
    hand_over,
    move,
    unclaimed,
)
from regulars.customers.services.possessions import (
    add_possession,
    end_possession,
    update_possession,
)
from regulars.customers.services.profile import (
    COLUMNS,
    CodeTaken,
    NothingToKnowThemBy,
    PhoneKnown,
    create,
    reveal_email,
    reveal_phone,
    update,
)
from regulars.customers.services.writing import ChangedMeanwhile, ValuesRefused

__all__ = [
    "COLUMNS",
    "HOW",
    "ChangedMeanwhile",
    "CodeTaken",
    "Move",
    "NothingToKnowThemBy",
    "NumberTaken",
    "PhoneKnown",
    "ValuesRefused",
    "add_identity",
    "add_possession",
    "advance_occasions",
    "answer",
    "assign",
    "attach",
    "claim",
    "claim_many",
    "consent",
    "create",
    "decline",
    "disclose",
    "end_possession",
    "erase",
    "give_back",
    "hand_over",
    "move",
    "note",
    "reassign",
    "remove_identity",
    "remove_life_event",
    "remove_note",
    "reveal_email",
    "reveal_phone",
    "set_extra",
    "set_life_event",
    "set_warning",
    "unclaimed",
    "update",
    "update_possession",
]
