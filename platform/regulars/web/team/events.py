"""What happened to a colleague, from the audit, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit.models import Entry

MOST: Final = 20
_WORDS: Final[Mapping[str, str | Promise]] = {
    "chain.opened": _("Opened the workspace"),
    "staff.added": _("Added as a guide with a PIN"),
    "staff.invited": _("Invited"),
    "staff.invited-again": _("Invited again"),
    "staff.invitation-withdrawn": _("Invitation withdrawn"),
    "staff.joined": _("Joined"),
    "staff.placed": _("Role or places changed"),
    "staff.changed": _("Name, number or phone changed"),
    "staff.pin-set": _("PIN set"),
    "staff.pin-removed": _("PIN taken away"),
    "staff.pin-locked": _("PIN locked after wrong tries"),
    "staff.away": _("Said until when they are away"),
    "staff.left": _("Left"),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the story."""

    words: str
    actor: str
    at: datetime


def of(staff_id: UUID) -> list[Event]:
    """Return the newest events of a person; kinds nobody named stay as the audit wrote them."""
    entries = Entry.objects.filter(object_id=staff_id).order_by("-pk")[:MOST]
    return [
        Event(words=str(_WORDS.get(each.action, each.action)), actor=each.actor_name, at=each.at)
        for each in entries
    ]
