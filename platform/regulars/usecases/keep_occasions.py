"""Occasions computed ahead follow what they are computed from: files, things, declarations."""

from datetime import datetime
from typing import Final
from uuid import UUID

from regulars.customers.services import days
from regulars.followups.occasions import keeping
from regulars.outbox import handler

_LEAP_DAY: Final = "customers.leap-day-birthday"
_POLICIES: Final = frozenset({_LEAP_DAY, "customers.sensitive-fields"})
_NOUNS: Final = frozenset({"field", "possession"})


@handler("customer.dates-changed")
def refresh(*, customers: list[str], now: datetime) -> None:
    """Look again at the dates and things of some customers."""
    keeping.refresh(customer_ids=[UUID(each) for each in customers], now=now)


@handler("customers.imported")
def take_in(*, now: datetime) -> None:
    """Take in the dates that came by file, or went with it."""
    keeping.refresh_all(now=now)


@handler("registry.changed")
def follow(*, noun: str, key: str, now: datetime) -> None:
    """Work out anew what a changed policy or declaration decides; most decide nothing here."""
    if noun == "policy" and key == _LEAP_DAY:
        days.advance_occasions(now=now, everything=True)
    if noun in _NOUNS or (noun == "policy" and key in _POLICIES):
        keeping.refresh_all(now=now, states=True)
