"""The words of kinds of complaint: clocks, units, what makes good, who may grant it."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from regulars.complaints.access import ROLES
from regulars.complaints.words import REMEDIES
from regulars.kit.labels import Language
from regulars.staff.models import Role
from regulars.web.plans import reading
from regulars.web.texts import words as texts

__all__ = [
    "CLOCKS",
    "LANGUAGES",
    "REMEDIES",
    "ROLES",
    "TIMES",
    "UNITS",
    "listed",
    "role",
]

CLOCKS: Final[Mapping[str, str | Promise]] = {
    "opening": gettext_lazy("Minutes while the store is open"),
    "wall": gettext_lazy("Every minute, day and night: health is in danger"),
}
LANGUAGES: Final[Mapping[Language, str | Promise]] = texts.LANGUAGES
TIMES: Final[Mapping[str, str | Promise]] = {
    "reply": gettext_lazy("First answer within"),
    "update": gettext_lazy("Next word within"),
    "resolve": gettext_lazy("Settled within"),
}
UNITS: Final[Mapping[str, str | Promise]] = {
    "1": gettext_lazy("minutes"),
    "60": gettext_lazy("hours"),
}


def role(key: str) -> str:
    """Return what a role is called, which may grant something."""
    return str(Role(key).label)


def listed(some: Iterable[str]) -> str:
    """Return words one after the other, as the reader's language separates them."""
    return ("、" if reading.language().startswith("zh") else ", ").join(some)
