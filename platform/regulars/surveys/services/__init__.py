"""Inviting, answering, taking note, and what becomes of answers when records merge or go."""

from regulars.surveys.services.answering import (
    AMENDED,
    BoughtElsewhere,
    LinkOver,
    NoSuchLink,
    NotAnswered,
    Opened,
    answer,
    at_tablet,
    hand_tablet,
    opened,
    opened_purchase,
    tablet_survey,
    unfinished_at,
)
from regulars.surveys.services.holding import disclose, erase, give_back, reassign
from regulars.surveys.services.inviting import News, invite, key_of
from regulars.surveys.services.seeing import see

__all__ = [
    "AMENDED", "BoughtElsewhere", "LinkOver", "News", "NoSuchLink", "NotAnswered", "Opened",
    "answer", "at_tablet", "disclose", "erase", "give_back", "hand_tablet", "invite", "key_of",
    "opened", "opened_purchase", "reassign", "see", "tablet_survey", "unfinished_at",
]  # fmt: skip
